"""Changes of the configuration and the directory while calls come in."""

import json
import random
import re
import signal

import pytest

from directory import STRANGER
from gateway import merged, wait_until
from sip import DatagramCarrier, assert_still_serving
from webhook import Twilio


def test_a_reload_takes_the_new_configuration(start_gateway, manager):
    gateway = start_gateway(environment={"NOTIFY_SOCKET": manager.path})
    configuration = {**gateway.configuration, "twilio": {"dial_timeout": 9},
                     "sip": {"unknown_source": "reject"}}
    gateway.configure(configuration)
    gateway.process.send_signal(signal.SIGHUP)
    manager.wait_for("RELOADING=1")
    manager.wait_for("READY=1")
    wait_until(lambda: b'timeout="9"' in Twilio(gateway).voice().content)
    with DatagramCarrier(gateway, STRANGER) as stranger:
        assert stranger.ask(stranger.request()).status == 403


@pytest.mark.parametrize("bad", [
    "{", "{ listeners: 7 }", '{ sip: { t1: "never" } }', "{ no_such_key: true }", "\x00", "",
], ids=["cut", "type", "value", "key", "NUL", "empty"])
def test_a_reload_of_a_bad_configuration_changes_nothing_and_says_where_it_is_bad(
    start_gateway, bad
):
    gateway = start_gateway(configuration={"twilio": {"dial_timeout": 11}})
    gateway.config_file.write_text(bad)
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: f"{gateway.config_file}:" in gateway.log(), "the problem in the log")
    assert b'timeout="11"' in Twilio(gateway).voice().content
    assert_still_serving(gateway)


def test_two_hundred_broken_configurations_leave_a_running_gateway_as_it_is(start_gateway):
    """I16: each is refused with file, line and column, or it is a good one; nothing is half applied."""
    gateway = start_gateway(configuration={"twilio": {"dial_timeout": 11}, "sip": {"unknown_source": "reject"}})
    good, dice, refused = gateway.config_file.read_text(), random.Random(16), 0
    twilio = Twilio(gateway)
    with DatagramCarrier(gateway) as carrier:
        for _ in range(200):
            at = dice.randrange(len(good))
            text = good[:at] + dice.choice(["", "{", "}", ",", ":", "7", '"', "\x00", "x", "-1"])
            # What follows tells another time-out: taken over only together with all else.
            text += good[at + dice.choice((0, 1, 5)):].replace('"dial_timeout": 11', '"dial_timeout": 12')
            gateway.config_file.write_text(text)
            said = len(gateway.log())
            gateway.process.send_signal(signal.SIGHUP)
            log = wait_until(lambda: re.search('event="(reloaded|the configuration is not used)"', gateway.log()[said:])
                             and gateway.log()[said:], "what became of it")
            assert carrier.call().status == 302
            if 'event="reloaded"' in log:
                gateway.config_file.write_text(good)
                said = len(gateway.log())
                gateway.process.send_signal(signal.SIGHUP)
                wait_until(lambda: 'event="reloaded"' in gateway.log()[said:], "the good one")
                continue
            refused += 1
            assert re.search(re.escape(str(gateway.config_file)) + r":\d+:\d+: ", log), log
            assert b'timeout="11"' in twilio.voice().content
    assert refused > 150
    assert_still_serving(gateway)


def test_a_reload_names_the_keys_that_need_a_restart(start_gateway):
    gateway = start_gateway()
    changes = {"loops": 3, "sip": {"t1": "400ms", "unknown_source": "reject"}, "http": {"idle_timeout": "9s"},
               "records": {"sync": "60ms", "explain": "always"}, "log": {"level": "debug"}}
    gateway.configure(merged(gateway.configuration, changes))
    gateway.process.send_signal(signal.SIGHUP)
    line = wait_until(lambda: next((line for line in gateway.log_lines() if "keys" in line), None), "the warning")
    assert line["level"] == "warning" and "restart" in line["event"]
    assert line["keys"].split() == ["loops", "sip.t1", "http.idle_timeout", "records.sync", "log.level"]
    with DatagramCarrier(gateway, STRANGER) as stranger:
        assert stranger.ask(stranger.request()).status == 403


def test_a_hundred_reloads_under_calls_lose_none(start_gateway):
    gateway = start_gateway()
    with DatagramCarrier(gateway) as carrier:
        for _ in range(100):
            gateway.process.send_signal(signal.SIGHUP)
            for _ in range(5):
                assert carrier.call().status == 302


def test_a_change_of_the_directory_reaches_calls_by_itself(start_gateway):
    gateway = start_gateway()
    directory = json.loads(json.dumps(gateway.directory))
    directory["organizations"][0]["numbers"].append(
        {"e164": "+14155550177", "inbound_agent": "sales"})
    with DatagramCarrier(gateway) as carrier:
        assert carrier.call("+14155550177").status == 404
        gateway.apply(directory)
        wait_until(lambda: carrier.call("+14155550177").status == 302, "the new number")


def test_change_after_change_is_taken_over_and_the_store_stays_one(start_gateway):
    gateway = start_gateway()
    directory = json.loads(json.dumps(gateway.directory))
    with DatagramCarrier(gateway) as carrier:
        for number in ("+14155550171", "+14155550172", "+14155550173", "+14155550174"):
            directory["organizations"][0]["numbers"].append({"e164": number, "inbound_agent": "sales"})
            gateway.apply(directory)
            wait_until(lambda: carrier.call(number).status == 302, f"the new number {number}")
    # The commands came and went; what the daemon holds open is still what they open.
    held = gateway.inspect("find", "fd", "-type", "l", "-printf", "%l\\n").decode().splitlines()
    assert not [name for name in held if "directory.sqlite" in name and "(deleted)" in name], held
