"""What the tests share: a daemon for most of them, and a way to start others."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gateway import Gateway  # noqa: E402
from service_manager import ServiceManager  # noqa: E402


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    """The daemon that tests share which leave nothing behind but records."""
    daemon = Gateway(tmp_path_factory.mktemp("shared"))
    try:
        yield daemon.start()
    finally:
        daemon.kill()
    daemon.assert_no_secret_leaked()


@pytest.fixture(scope="module")
def start_module_gateway(tmp_path_factory):
    """The same as `start_gateway`, for a daemon that the tests of one file share."""
    yield from starter(tmp_path_factory)


@pytest.fixture
def start_gateway(tmp_path_factory):
    """Starts a daemon with a configuration or a directory of its own; ended after the test."""
    yield from starter(tmp_path_factory)


def starter(tmp_path_factory):
    """Hands out started daemons; in the end all are stopped, and what they wrote is searched."""
    started = []

    def start(**settings):
        started.append(Gateway(tmp_path_factory.mktemp("daemon"), **settings))
        return started[-1].start()

    yield start
    for daemon in started:
        daemon.kill()
    for daemon in started:
        daemon.assert_no_secret_leaked()


@pytest.fixture
def manager(tmp_path):
    """What a daemon takes for systemd, by NOTIFY_SOCKET."""
    return ServiceManager(tmp_path)
