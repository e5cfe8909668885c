"""What `check` says before a gateway is started, for people and for programs."""

import json

import pytest

from gateway import Gateway
from test_commands import run


@pytest.mark.parametrize("key, value, path", [
    ("state_directory", "", "state_directory"),
    ("state_directory", "/proc/trunkline", "state_directory"),
    ("state_directory", "/dev/null/trunkline", "state_directory"),
    ("key_file", "", "key_file"),
    ("records", {"directory": ""}, "records.directory"),
    ("listeners", [{"protocol": "http", "address": "203.0.113.1:8080"}], "listeners[0]"),
])
def test_what_this_host_cannot_do_is_told_with_key_and_line_before_the_start_and_at_it(tmp_path, key, value, path):
    gateway = Gateway(tmp_path / "gateway")
    gateway.configure({**gateway.configuration, key: value, "public_url": "https://gw.example.com"})
    lines = gateway.config_file.read_text().splitlines()
    number = next(index for index, line in enumerate(lines, 1) if f'"{key}"' in line)
    done = gateway.command("check", check=False)
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert told.startswith(f"{gateway.config_file}:") and f" {path}: " in told
    assert abs(int(told.removeprefix(f"{gateway.config_file}:").split(":")[0]) - number) <= 1
    (problem,) = json.loads(gateway.command("check", "--json", check=False).stdout)["problems"]
    assert (problem["severity"], problem["file"], problem["path"]) == ("error", str(gateway.config_file), path)
    assert told == "{file}:{line}:{column}: {path}: {message}".format(**problem)
    assert not gateway.state.exists()
    start = gateway.command("serve", check=False)
    assert start.returncode == 1 and told in start.stderr


def test_a_check_for_programs_tells_in_json_what_kept_it_from_checking(tmp_path):
    missing = str(tmp_path / "missing.json5")
    done = run("check", "--config", missing, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr, told["ok"]) == (1, "", False)
    assert missing in told["problems"][0]["message"]
    text = run("check", "--config", missing)
    assert (text.returncode, text.stdout, text.stderr.strip()) == (1, "", told["problems"][0]["message"])
