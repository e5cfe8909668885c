"""Targets that die leave the answers of both doors, and come back when they do."""

import json
import re
import signal
import subprocess
import time
from contextlib import ExitStack

import pytest

from agents import Agent
from carriers import SCENARIOS
from directory import FRONT_DESK, sample_directory
from gateway import tool, wait_until
from sip import DatagramCarrier, assert_still_serving
from webhook import VOICE, Twilio, new_call_sid, parameters

# So short that a verdict about whom nobody hears takes seconds, and so long that no agent of ours is too slow.
QUICK = {"enabled": True, "interval": "200ms", "timeout": "2s"}


def directory_with(uris):
    """Acme alone, and Sales with these targets in this order."""
    targets = [{"uri": uri, "priority": place + 1} for place, uri in enumerate(uris)]
    acme = sample_directory(targets)["organizations"][0]
    acme["agents"] = acme["agents"][:1]
    acme["numbers"] = acme["numbers"][:1]
    return {"organizations": [acme]}


@pytest.fixture
def start(start_gateway):
    """Starts a daemon whose Sales has these agents as targets."""
    with ExitStack() as stack:
        def start(*agents, probes=QUICK, extra=()):
            for agent in agents:
                stack.enter_context(agent)
            gateway = start_gateway(
                directory=directory_with([agent.uri for agent in agents] + list(extra)),
                configuration={"probes": probes},
            )
            return gateway
        yield start


def contacts(gateway):
    """The targets of a 302, in the order of the carrier's hunt."""
    with DatagramCarrier(gateway) as carrier:
        response = carrier.call()
        assert response.status == 302
        found = [re.fullmatch(r"<(.*)>;q=(\S+)", value) for value in response.all("contact")]
        qualities = [float(match[2]) for match in found]
        assert qualities == [1 - place / 10 for place in range(len(found))]
        return [match[1] for match in found]


def dialled(gateway, query="", **over):
    """The target of the TwiML and the `next` of its action; None for a refusal."""
    body = Twilio(gateway).post(VOICE + query, parameters(**over)).content.decode()
    target = re.search(r"<Sip>([^<?&]*)", body)
    position = re.search(r"next=(\d+)", body)
    return (target[1], int(position[1])) if target else None


def states(gateway):
    """What `targets.json` says: state and last answer by URI."""
    file = gateway.state / "targets.json"
    rows = json.loads(file.read_text())["targets"] if file.exists() else []
    return {row["uri"]: (row["state"], row.get("last_answer")) for row in rows}


def wait_for_state(gateway, agent, state):
    wait_until(lambda: states(gateway).get(agent.uri, (None,))[0] == state, state)


def wait_for_contacts(gateway, *agents):
    wait_until(lambda: contacts(gateway) == [agent.uri for agent in agents],
               f"Contacts {[agent.uri for agent in agents]}")


def test_at_default_settings_a_target_that_says_nothing_is_out_and_comes_back(start):
    first, second = Agent(), Agent()
    gateway = start(first, second, probes={"enabled": True})
    wait_for_state(gateway, first, "up")
    assert contacts(gateway) == [first.uri, second.uri]
    # The slowest way to die: nobody says that nobody is there.
    first.status = None
    wait_for_contacts(gateway, second)
    first.status = "200 OK"
    wait_for_contacts(gateway, first, second)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_sip_target_that_dies_leaves_the_302_and_comes_back(start, transport):
    first, second = Agent(transport), Agent(transport)
    gateway = start(first, second)
    wait_for_state(gateway, first, "up")
    wait_for_state(gateway, second, "up")
    for dying, other in [(first, second), (second, first)]:
        dying.die()
        wait_for_contacts(gateway, other)
        wait_for_state(gateway, dying, "down")
        dying.come_back()
        wait_for_contacts(gateway, first, second)


def test_the_answer_of_the_twilio_door_follows_as_well(start):
    first, second = Agent(), Agent()
    gateway = start(first, second)
    wait_for_state(gateway, second, "up")
    assert dialled(gateway) == (first.uri, 1)
    first.die()
    wait_until(lambda: dialled(gateway) == (second.uri, 2), "the second target")
    first.come_back()
    wait_until(lambda: dialled(gateway) == (first.uri, 1), "the first target")


def test_a_call_that_returns_goes_on_at_its_place_while_targets_come_and_go(start):
    first, second, third = Agent(), Agent(), Agent()
    gateway = start(first, second, third)
    wait_for_state(gateway, third, "up")
    call = {"CallSid": new_call_sid()}
    assert dialled(gateway, **call) == (first.uri, 1)
    # The one that was tried goes down: the next is still the second.
    first.die()
    wait_for_contacts(gateway, second, third)
    returned = {**call, "DialCallStatus": "no-answer"}
    query = "?agent=sales&version=1&next=1"
    assert dialled(gateway, query, **returned) == (second.uri, 2)
    # The next one goes down too: the third, and its place is the third.
    second.die()
    wait_for_contacts(gateway, third)
    assert dialled(gateway, query, **returned) == (third.uri, 3)
    # One that was left out comes back, and is not offered after the last.
    first.come_back()
    wait_for_contacts(gateway, first, third)
    assert dialled(gateway, "?agent=sales&version=1&next=3", **returned) is None


def test_where_all_targets_are_down_all_are_tried(start):
    first, second = Agent(), Agent()
    gateway = start(first, second)
    wait_for_state(gateway, first, "up")
    first.die()
    wait_for_contacts(gateway, second)
    second.die()
    wait_for_state(gateway, second, "down")
    wait_for_contacts(gateway, first, second)
    assert dialled(gateway) == (first.uri, 1)


@pytest.mark.parametrize("status, state", [
    ("200 OK", "up"), ("404 Not Found", "up"), ("405 Method Not Allowed", "up"),
    ("486 Busy Here", "up"), ("500 Server Internal Error", "up"),
    ("503 Service Unavailable", "down"), ("408 Request Timeout", "down"),
    ("504 Server Time-out", "down"), ("100 Trying", "down"),
])
def test_any_final_answer_will_do_but_those_that_say_that_calls_go_nowhere(start, status, state):
    agent = Agent(status=status)
    gateway = start(agent)
    wait_for_state(gateway, agent, state)
    expected = "no answer" if status == "100 Trying" else status
    assert states(gateway)[agent.uri][1] == expected


@pytest.mark.parametrize("scheme", ["wss", "https"])
def test_web_targets_are_probed_with_a_handshake(start, scheme):
    web, phone = Agent(scheme), Agent()
    gateway = start(web, phone)
    twilio = Twilio(gateway)

    def first():
        return twilio.voice().content.decode()

    wait_for_state(gateway, web, "up")
    assert states(gateway)[web.uri][1] == "TLS connected"
    assert web.uri in first()
    web.die()
    wait_until(lambda: phone.uri in first(), "the telephone")
    assert states(gateway)[phone.uri][0] == "up"
    web.come_back()
    wait_until(lambda: web.uri in first(), "the web target")


@pytest.mark.parametrize("transport", ["tls", "wss"])
def test_a_target_that_should_speak_tls_and_does_not_is_down(start, transport):
    silent, phone = Agent(transport, speaks_tls=False), Agent()
    gateway = start(silent, phone, probes={**QUICK, "timeout": "1s"})
    wait_for_state(gateway, silent, "down")
    assert silent.requests, "somebody accepts the connections"
    silent.speaks_tls = True
    wait_for_state(gateway, silent, "up")
    assert states(gateway)[silent.uri][1] == "TLS connected"


def test_certificates_count_where_the_operator_says_so(start):
    web, phone = Agent("wss"), Agent()
    gateway = start(web, phone, probes={**QUICK, "timeout": "1s", "verify_certificates": True})
    wait_for_state(gateway, web, "down")
    assert states(gateway)[web.uri][1].startswith("certificate: ")


def test_a_target_that_only_a_workflow_names_is_probed_and_explained(start_gateway):
    with Agent() as duty, Agent("tcp") as reserve:
        directory = directory_with(["sip:nobody@192.0.2.1"])
        directory["organizations"][0]["inbound_routing"] = {
            "enabled": True,
            "workflow_definition": {"version": 1, "steps": [
                {"id": "call", "type": "trigger", "next": "out"},
                {"id": "out", "type": "output", "config": {"fields": [
                    {"name": "targets", "type": "array", "value": [duty.uri, reserve.uri]}]}}]}}
        gateway = start_gateway(directory=directory, configuration={"probes": QUICK})
        wait_for_contacts(gateway, duty, reserve)
        wait_for_state(gateway, duty, "up")
        duty.die()
        wait_for_contacts(gateway, reserve)

        key = json.loads(gateway.command("key create", "--operator", "--json").stdout)["key"]

        def explained():
            answer = gateway.get("/trunkline/v1/routing/explain", "POST",
                                 {"Content-Type": "application/json",
                                  "Authorization": f"Bearer {key}"},
                                 json.dumps({"to": FRONT_DESK, "door": "sip"}))
            return answer.status, json.loads(answer.content)

        wait_until(lambda: explained()[0] == 200, what="the operator's key")
        door = explained()[1]["doors"]["sip"]
        assert door["targets"] == [reserve.uri]
        down = door["target_states"][0]
        assert down["uri"] == duty.uri and down["offered"] is False
        assert down["omission"] == "it does not answer"
        assert down["state"].startswith("down, ")
        wait_for_state(gateway, duty, "down")
        route = gateway.command("route", "--to", FRONT_DESK, "--door", "sip").stdout
        assert f"{duty.uri}  not offered: it does not answer  {down['state']}" in route
        duty.come_back()
        wait_for_contacts(gateway, duty, reserve)


def test_a_lost_datagram_is_no_miss(start):
    agent = Agent(loses_first_copies=True)
    # Timer E is half a second: the second copy comes within the time of the probe.
    gateway = start(agent)
    wait_for_state(gateway, agent, "up")
    assert gateway.metric("probes_missed_total") == 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_answers_that_are_none_hurt_nobody(start, transport):
    agent, other = Agent(transport), Agent()
    gateway = start(agent, other)
    wait_for_state(gateway, agent, "up")
    for status in ["99 Low", "200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1", "\r\n" * 100,
                   "\x00\xff", "200 " + "x" * 60_000]:
        agent.status = status
        time.sleep(0.3)
        assert gateway.is_alive
    agent.status = "200 OK"
    wait_for_contacts(gateway, agent, other)
    assert_still_serving(gateway)


def test_sipp_takes_our_options_for_good_ones(start, tmp_path):
    agent = Agent()
    agent.die()
    words = [tool("sipp"), "-sf", str(SCENARIOS / "options-server.xml"), "-i", "127.0.0.1",
             "-p", str(agent.port), "-m", "5", "-nostdin", "-timeout", "30s", "-timeout_error"]
    process = subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        gateway = start(agent)
        # It ends by itself, and with 0, when five requests were as the scenario wants them.
        assert process.wait(30) == 0
        wait_for_state(gateway, agent, "down")
        assert gateway.metric("probes_answered_total") == 5
    finally:
        process.kill()


def test_people_see_states_in_the_log_the_file_and_the_metrics(start):
    first, second = Agent(), Agent("tcp")
    gateway = start(first, second, extra=["+14155550123"])
    wait_for_state(gateway, first, "up")
    wait_for_state(gateway, second, "up")
    assert [gateway.metric(f"targets_{state}") for state in ("up", "down", "unknown")] == [2, 0, 0]
    first.die()
    wait_for_state(gateway, first, "down")
    assert states(gateway)[first.uri] == ("down", "connection refused")
    assert [gateway.metric(f"targets_{state}") for state in ("up", "down", "unknown")] == [1, 1, 0]
    assert gateway.metric("probes_answered_total") >= 4
    assert gateway.metric("probes_missed_total") >= 3
    first.come_back()
    wait_for_state(gateway, first, "up")
    lines = [line for line in gateway.log_lines() if line.get("event", "").startswith("target ")]
    assert [(line["event"], line["uri"], line["agent"], line["last_answer"]) for line in lines] == [
        ("target down", first.uri, "sales", "connection refused"),
        ("target up", first.uri, "sales", "200 OK"),
    ]
    with DatagramCarrier(gateway) as carrier:
        carrier.call()
    row = json.loads((gateway.state / "targets.json").read_text())["targets"][0]
    assert row["organization"] == "acme" and row["since"] <= row["last_answer_at"]
    assert (gateway.state / "targets.json").stat().st_mode & 0o777 == 0o600
    assert gateway.get("/healthz").status == 200


def test_the_record_of_a_call_lists_the_targets_that_it_was_offered(start):
    first, second = Agent(), Agent()
    gateway = start(first, second)
    wait_for_state(gateway, second, "up")
    first.die()
    wait_for_contacts(gateway, second)
    with DatagramCarrier(gateway) as carrier:
        call_id = "health-" + new_call_sid()
        carrier.call(call_id=call_id)
    assert gateway.records_of(call_id)[0]["targets"] == [second.uri]


def test_a_change_of_the_directory_keeps_what_is_known(start):
    first, second, third = Agent(), Agent(), Agent()
    gateway = start(first, second)
    wait_for_state(gateway, second, "up")
    first.die()
    wait_for_contacts(gateway, second)
    with third:
        gateway.apply(directory_with([third.uri, first.uri, second.uri]))
        wait_for_contacts(gateway, third, second)
        # From then on it is never offered, not even for a moment.
        for _ in range(20):
            gateway.process.send_signal(signal.SIGHUP)
            assert contacts(gateway) == [third.uri, second.uri]
        gateway.apply(directory_with([second.uri]))
        wait_for_contacts(gateway, second)
        wait_until(lambda: set(states(gateway)) == {second.uri}, "one target in the file")


def test_a_reload_that_turns_probes_off_brings_every_target_back(start):
    first, second = Agent(), Agent()
    gateway = start(first, second)
    wait_for_state(gateway, first, "up")
    first.die()
    wait_for_contacts(gateway, second)
    gateway.configure({**gateway.configuration, "probes": {"enabled": False}})
    gateway.process.send_signal(signal.SIGHUP)
    wait_for_contacts(gateway, first, second)
    wait_until(lambda: states(gateway) == {}, "an empty file")
    heard = len(second.requests)
    time.sleep(1)
    assert len(second.requests) <= heard + 1
    gateway.configure({**gateway.configuration, "probes": QUICK})
    gateway.process.send_signal(signal.SIGHUP)
    wait_for_contacts(gateway, second)


def test_names_are_looked_up_and_one_without_an_address_stays_in(start):
    agent = Agent()
    named = f"sip:agent@localhost:{agent.port}"
    nobody = "sip:agent@nobody.invalid"
    gateway = start(agent, extra=[named, nobody])
    wait_until(lambda: states(gateway).get(named) == ("up", "200 OK"), "the name")
    assert states(gateway)[nobody][0] == "unknown"
    agent.die()
    wait_until(lambda: contacts(gateway) == [nobody], "the target that nobody knows of")


def call_id(data):
    return re.search(rb"Call-ID: (\S+)", data)[1]


def test_many_targets_get_no_more_probes_than_the_bound(start):
    agent = Agent()
    uris = [f"sip:{user}@127.0.0.1:{agent.port}" for user in range(300)]
    directory = directory_with([])
    directory["organizations"][0]["agents"] = [
        {"id": f"a{block}", "targets": [{"uri": uri} for uri in uris[block * 50:block * 50 + 50]]}
        for block in range(6)
    ]
    directory["organizations"][0]["numbers"] = [{"e164": FRONT_DESK, "inbound_agent": "a0"}]
    gateway = start(agent, probes={**QUICK, "timeout": "10s", "per_second": 100})
    gateway.apply(directory)
    wait_until(lambda: gateway.metric("targets_unknown") >= 290, "300 targets")
    began, before = time.monotonic(), len(agent.requests)
    # Sales stays, with the target that the daemon was started with.
    wait_until(lambda: gateway.metric("targets_up") == 301, "all targets up", 60)
    taken = time.monotonic() - began
    # Those that were on their way, and copies of those that were answered late, come on top.
    assert len({call_id(data) for data in agent.requests[before:]}) <= 100 * taken + 100
    assert gateway.metric("targets_down") == 0
