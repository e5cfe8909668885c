"""Runs SIPp with a scenario of ours, and reads what it counted."""

import csv
import socket
import subprocess
from pathlib import Path

from directory import CARRIER, FRONT_DESK
from gateway import tool

SCENARIOS = Path(__file__).parent / "scenarios"


class Outcome:
    """What one run of SIPp says: its exit code and the cumulative columns of its statistics."""

    def __init__(self, exit_code, statistics, text):
        self.exit_code = exit_code
        self.text = text
        written = statistics.read_text().splitlines() if statistics.exists() else []
        self.rows = list(csv.DictReader(written, delimiter=";"))

    def count(self, name):
        assert self.rows, self.text
        return int(self.rows[-1][name + "(C)"])

    @property
    def successful(self):
        return self.count("SuccessfulCall")

    @property
    def failed(self):
        return self.count("FailedCall")

    @property
    def unexpected(self):
        return self.count("FailedUnexpectedMessage") + self.count("OutOfCallMsgs")


def free_port(address):
    """A port that neither transport uses at `address`: for peers that cannot be given port 0."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    while True:
        with (socket.socket(family, socket.SOCK_DGRAM) as datagrams,
              socket.socket(family, socket.SOCK_STREAM) as streams):
            datagrams.bind((address, 0))
            port = datagrams.getsockname()[1]
            try:
                streams.bind((address, port))
            except OSError:
                continue
            return port


def sipp(scenario, gateway, folder, calls=1, rate=100, transport="u1", source=CARRIER,
         number=FRONT_DESK, seconds=30):
    """Places `calls` calls at `rate` a second from `source`.

    Each run has a port of its own: left to choose, two runs that start together both take 5060.
    """
    ipv6 = ":" in source
    address, port = gateway.address("sip/tcp" if transport.startswith("t") else "sip/udp", ipv6)
    statistics = Path(folder) / f"{scenario}.csv"
    words = [
        tool("sipp"), f"[{address}]:{port}" if ipv6 else f"{address}:{port}",
        "-sf", str(SCENARIOS / f"{scenario}.xml"), "-s", number, "-i", source, "-bind_local",
        "-p", str(free_port(source)),
        "-t", transport, "-m", str(calls), "-r", str(rate), "-l", "20000", "-nostdin",
        "-trace_stat", "-stf", str(statistics), "-fd", "1", "-timeout", f"{seconds}s",
        "-timeout_error", "-recv_timeout", "20000", "-buff_size", "1048576",
        "-ci", "127.0.0.1", "-max_socket", "1000",
    ]
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=seconds + 15)
    return Outcome(done.returncode, statistics, done.stdout[-3000:] + done.stderr[-2000:])
