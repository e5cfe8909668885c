"""Copies of the store, and who may use what a command of root leaves behind."""

import json
import os
import stat

from directory import FRONT_DESK, sample_directory
from gateway import Gateway
from sip import DatagramCarrier


def test_a_backup_of_a_running_gateway_brings_its_directory_back(start_gateway):
    gateway = start_gateway()
    backup = gateway.folder / "backup.sqlite"
    gateway.command("backup", str(backup))
    assert stat.S_IMODE(backup.stat().st_mode) & 0o007 == 0
    again = gateway.command("backup", str(backup), check=False)
    assert again.returncode == 1 and "is there already" in again.stderr
    before = gateway.command("export").stdout
    emptied = sample_directory()
    emptied["organizations"][0]["numbers"] = []
    gateway.apply(emptied, "--prune")
    running = gateway.command("restore", str(backup), check=False)
    assert running.returncode == 1 and "stop it" in running.stderr
    gateway.stop()
    assert "before-restore" in gateway.command("restore", str(backup)).stdout
    kept = json.loads(gateway.command("restore", str(backup), "--json").stdout)["old_store"]
    assert kept == str(gateway.state / "directory.sqlite.before-restore")
    assert gateway.command("export").stdout == before
    gateway.launch()
    with DatagramCarrier(gateway) as carrier:
        assert carrier.call(FRONT_DESK).status == 302


def test_a_backup_that_is_not_there_is_named_and_nothing_changed(start_gateway):
    gateway = start_gateway()
    gateway.stop()
    missing = str(gateway.folder / "missing.sqlite")
    done = gateway.command("restore", missing, check=False)
    assert done.returncode == 1 and missing in done.stderr
    assert not list(gateway.state.glob("*restore*"))


def test_what_commands_make_belongs_to_the_owner_of_the_state_directory(start_gateway):
    """The daemon runs under a user of its own; what root has restored for it, it has to be able to open."""
    gateway = start_gateway()
    backup = gateway.folder / "backup.sqlite"
    gateway.command("backup", str(backup))
    gateway.stop()
    if os.geteuid() == 0:
        for path in (gateway.state, *gateway.state.rglob("*")):
            os.chown(path, 65_534, 65_534)
    gateway.command("restore", str(backup))
    gateway.command("key create", "--operator")
    owner = gateway.state.stat().st_uid
    for path in gateway.state.rglob("*"):
        assert path.stat().st_uid == owner, path
        assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0, path


def test_a_check_makes_nothing(tmp_path):
    gateway = Gateway(tmp_path)
    assert gateway.command("check").stdout == "ok\n"
    assert not gateway.state.exists()
