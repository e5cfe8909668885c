"""API keys as an operator makes, lists and revokes them."""

import json
import re

import pytest

from directory import sample_directory
from gateway import wait_until
from test_commands import run


def test_a_key_is_printed_once_and_listed_without_itself(start_gateway):
    gateway = start_gateway()
    made = json.loads(gateway.command(
        "key create", "--organization", "acme", "--scopes", "phone_numbers:manage,trunks:read",
        "--label", "CI", "--json").stdout)
    key = made["key"]
    assert re.fullmatch(r"trunkline_[A-Za-z0-9]{32}", key)
    assert made["organization"] == "acme" and made["operator"] is False
    assert made["scopes"] == ["phone_numbers:manage", "trunks:read"]
    row, = [json.loads(line) for line in gateway.command("key list", "--json").stdout.splitlines()]
    assert row == {name: value for name, value in made.items() if name != "key"}
    assert made["id"] in gateway.command("key list").stdout
    gateway.settle()
    secret = key.removeprefix("trunkline_").encode()
    for file in gateway.folder.rglob("*"):
        assert file.is_dir() or secret not in file.read_bytes(), file
    assert secret.decode() not in gateway.log()


def test_a_running_gateway_takes_over_new_and_revoked_keys_within_a_second(start_gateway):
    gateway = start_gateway()

    def changes():
        return sum(line.get("event") == "the directory has changed" for line in gateway.log_lines())

    before = changes()
    made = json.loads(gateway.command("key create", "--operator", "--json").stdout)
    wait_until(lambda: changes() == before + 1)
    told = gateway.command("key revoke", made["id"][:6]).stdout
    assert made["id"] in told and "revoked" in told
    wait_until(lambda: changes() == before + 2)
    assert "revoked 20" in gateway.command("key list").stdout
    assert "was revoked before" in gateway.command("key revoke", made["id"]).stdout
    told = json.loads(gateway.command("key revoke", made["id"], "--json").stdout)
    assert told["id"] == made["id"] and told["revoked_at"]


def test_a_directory_that_loses_an_organization_loses_its_keys(start_gateway):
    gateway = start_gateway()
    directory = sample_directory()
    directory["organizations"].append({"id": "short-lived", "name": "Short-lived"})
    gateway.apply(directory)
    made = json.loads(gateway.command("key create", "--organization", "short-lived", "--json").stdout)
    gateway.command("key create", "--organization", "acme")
    plan = gateway.apply(sample_directory(), "--prune").stdout
    assert f"- API key {made['id']} of short-lived\n" in plan and plan.count("API key") == 1
    listed = gateway.command("key list").stdout
    assert "acme" in listed and "short-lived" not in listed


@pytest.mark.parametrize("words, hint", [
    (["create"], "--organization"),
    (["create", "--organization", "acme", "--scopes", "trunks"], "trunks:read"),
    (["create", "--operator", "--scopes", "trunks:read"], "leave --scopes out"),
    (["revoke"], "KEY is missing"),
    (["remove", "0000"], "did you mean key revoke?"), ([], "key create"),
], ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else "")
def test_a_mistake_is_answered_with_what_to_write(gateway, words, hint):
    done = run("key", *words, "--config", str(gateway.config_file)) if words else run("key")
    assert done.returncode == 2
    assert hint in done.stderr, done.stderr
