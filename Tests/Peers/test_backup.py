"""Copies of the store, and who may use what a command of root leaves behind."""

import json
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

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
    assert kept == str(gateway.state / "directory.sqlite.before-restore-2")
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


def damage(store, way):
    data = bytearray(store.read_bytes())
    if way == "header":
        data[:3000] = os.urandom(3000)
    elif way == "middle":
        data[8192:20480] = os.urandom(12288)
    elif way == "cut":
        data = data[:len(data) // 2]
    elif way == "random":
        data = bytearray(os.urandom(len(data)))
    else:
        data = bytearray()
    store.write_bytes(data)
    return bytes(data)


@pytest.mark.parametrize("way", ["header", "middle", "cut", "random", "emptied"])
def test_a_damaged_store_is_replaced_by_the_backup_and_kept_as_it_is(start_gateway, way):
    gateway = start_gateway()
    backup, store = gateway.folder / "backup.sqlite", gateway.state / "directory.sqlite"
    gateway.command("backup", str(backup))
    whole = gateway.command("export").stdout
    gateway.kill()
    wal = store.with_name(store.name + "-wal")
    assert wal.exists(), "a killed gateway leaves its write-ahead log"
    before, log = damage(store, way), wal.read_bytes()
    earlier = gateway.state / "directory.sqlite.before-restore"
    earlier.write_text("kept by somebody before")
    told = gateway.command("restore", str(backup), "--json").stdout
    kept = gateway.state / "directory.sqlite.before-restore-2"
    assert json.loads(told)["old_store"] == str(kept)
    assert kept.read_bytes() == before and kept.with_name(kept.name + "-wal").read_bytes() == log
    assert earlier.read_text() == "kept by somebody before"
    assert not list(gateway.state.glob("*.restored*"))
    assert gateway.command("export").stdout == whole
    gateway.launch()
    with DatagramCarrier(gateway) as carrier:
        assert carrier.call(FRONT_DESK).status == 302


@pytest.mark.parametrize("content, reason", [
    ("empty", "it is empty"), ("json", "not a database"), ("cut", "malformed"), ("no file", "it is no file"),
    ("foreign", "not a store of trunkline"), ("without tables", "not a store of trunkline"),
])
def test_what_is_no_backup_is_named_with_the_reason_and_nothing_is_changed(start_gateway, content, reason):
    gateway = start_gateway()
    file, whole = gateway.folder / "bad.sqlite", gateway.command("export").stdout
    if content == "empty":
        file.write_bytes(b"")
    elif content == "json":
        file.write_text('{"organizations": []}' * 100)
    elif content == "cut":
        gateway.command("backup", str(file))
        file.write_bytes(file.read_bytes()[:20480])
    elif content == "no file":
        file = Path("/dev/null")
    else:
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE x (y)")
            other.execute("VACUUM")
            if content == "without tables":
                other.execute("DROP TABLE x")
            other.commit()
    gateway.stop()
    before = sorted(path.name for path in gateway.state.iterdir())
    done = gateway.command("restore", str(file), check=False)
    assert done.returncode == 1 and done.stderr.startswith(f"{file} is no backup of trunkline: ")
    assert reason in done.stderr and "the store is damaged" not in done.stderr
    assert sorted(path.name for path in gateway.state.iterdir()) == before
    assert gateway.command("export").stdout == whole


def test_a_store_that_was_emptied_is_neither_right_nor_served(start_gateway):
    gateway = start_gateway()
    gateway.stop()
    store = gateway.state / "directory.sqlite"
    store.write_bytes(b"")
    for name in ("check", "export", "serve", "key create"):
        words = ["--operator"] if name == "key create" else []
        done = gateway.command(name, *words, check=False)
        assert done.returncode == 1 and "0 bytes" in done.stderr and "restore a backup" in done.stderr, name
    assert store.stat().st_size == 0


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


def test_what_the_owner_of_the_state_directory_leads_elsewhere_is_not_given_to_it(start_gateway):
    gateway = start_gateway()
    outside = gateway.folder / "outside"
    outside.mkdir()
    (outside / "file").write_text("of root")
    before = (outside / "file").stat().st_uid
    if os.geteuid() == 0:
        os.chown(gateway.state, 65_534, 65_534)
    os.link(outside / "file", gateway.state / "second-name")
    (gateway.state / "folder").symlink_to(outside)
    gateway.command("key create", "--operator")
    assert (outside / "file").stat().st_uid == before
    assert (gateway.state / "key").stat().st_uid == gateway.state.stat().st_uid


def test_without_a_store_commands_that_read_it_say_so_and_make_nothing(tmp_path):
    gateway = Gateway(tmp_path / "gateway")
    draft = tmp_path / "draft.json5"
    draft.write_text("{}")
    for words in (["backup", str(tmp_path / "backup.sqlite")], ["calls"], ["key list"], ["key revoke", "5d51"],
                  ["export"], ["route", "--to", FRONT_DESK], ["replay", "--definition", str(draft)]):
        done = gateway.command(*words, check=False)
        assert done.returncode == 1, words
        assert f"there is no store at {gateway.state}/directory.sqlite; trunkline apply" in done.stderr
        assert not gateway.state.exists(), words
    assert not (tmp_path / "backup.sqlite").exists()


def test_a_check_makes_nothing(tmp_path):
    gateway = Gateway(tmp_path)
    assert gateway.command("check").stdout == "ok\n"
    assert not gateway.state.exists()
