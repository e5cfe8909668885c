"""Calls whose organization has a workflow: both doors, hosts that hang or lie, counts and memories."""

import json
import random
import re
import socket
import threading

import pytest

from carriers import sipp
from crm import CRM
from directory import ACCOUNT, CARRIER, FRONT_DESK, OTHER_ORGANIZATION, TOKEN
from gateway import wait_until
from sip import DatagramCarrier, StreamCarrier, acknowledgement, unique
from webhook import STATUS, Twilio, new_call_sid, parameters

AGENTS = ["sales", "stable", "vip", "night", "canary"]


def step(id, type, next=None, config=None, branches=None, on_error=None):
    found = {"id": id, "type": type, "next": next, "config": config, "branches": branches,
             "on_error": on_error}
    return {key: value for key, value in found.items() if value is not None}


def output(id, **fields):
    types = {bool: "boolean", str: "string", dict: "object", list: "array", int: "number"}
    rows = [{"name": name, "type": types[type(value)], "value": value}
            for name, value in fields.items()]
    return step(id, "output", config={"fields": rows})


def workflow(*steps):
    return {"version": 1, "initial_step": steps[0]["id"], "steps": list(steps)}


def asking(address, timeout_ms=1_000, on_error="stable"):
    """Asks the CRM who answers; when it cannot say, the stable agent does."""
    crm = step("crm", "http", "found", on_error=on_error, config={
        "method": "POST", "url": f"http://{address}/route", "timeout_ms": timeout_ms,
        "body": {"caller": "{{ input.caller_number }}"}})
    steps = [step("call", "trigger", "crm"), crm,
             output("found", agent_id="{{ crm.body.agent }}",
                    custom_metadata={"tier": "{{ crm.body.tier }}"})]
    if on_error:
        steps.append(output("stable", agent_id="stable"))
    return workflow(*steps)


def directory(definition, fallback="night", timeout_ms=5_000):
    """One organization with a workflow, and one without."""
    routing = {"enabled": True, "workflow_definition": definition, "timeout_ms": timeout_ms}
    if fallback:
        routing["fallback_agent"] = fallback
    inbound = {"allowed_addresses": [CARRIER], "default_country": "US"}
    return {"organizations": [
        {
            "id": "acme",
            "agents": [{"id": agent, "targets": [{"uri": f"sip:{agent}@agents.example.com"}]}
                       for agent in AGENTS],
            "trunks": [{"id": "carrier-a", "inbound": inbound}],
            "credentials": [{"id": "twilio", "provider": "twilio", "account_sid": ACCOUNT,
                             "auth_tokens": [TOKEN]}],
            "numbers": [{"e164": FRONT_DESK, "inbound_agent": "sales"}],
            "inbound_routing": routing,
        },
        {
            "id": "globex",
            "agents": [{"id": "desk", "targets": [{"uri": "sip:desk@globex.example.org"}]}],
            "trunks": [{"id": "carrier-b", "inbound": inbound}],
            "numbers": [{"e164": OTHER_ORGANIZATION, "inbound_agent": "desk"}],
        },
    ]}


def serving(start_gateway, definition, crm=None, configuration=None, **over):
    configuration = dict(configuration or {})
    if crm:
        settings = configuration.get("workflow", {})
        configuration["workflow"] = {"allowed_hosts": [crm.address], **settings}
    return start_gateway(directory=directory(definition, **over), configuration=configuration)


def agent_of(response):
    """The agent of a 302 or of TwiML."""
    text = response.data.decode() if hasattr(response, "data") else response.content.decode()
    found = re.search(r"sip:(\w+)@agents\.example\.com", text)
    return found and found.group(1)


def from_(number):
    return {"from_": f"From: <sip:{number}@{CARRIER}>;tag={unique()[-8:]}"}


def final(carrier, seconds=5.0):
    """The next answer that is no 100."""
    while answer := carrier.receive(seconds):
        if answer.status >= 200:
            return answer
    raise AssertionError("no final answer")


# The same by both doors


TEN_STEPS = workflow(
    step("call", "trigger", "hours"),
    step("hours", "schedule", config={
        "timezone": "Europe/Berlin",
        "weekly": {day: ["00:00-24:00"] for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]},
    }, branches={"open": "known", "closed": "night"}),
    step("known", "condition", config={"branches": [
        {"label": "vip", "when": "{{ $contains(input.caller_number, '77') }}"},
        {"label": "odd", "when": "{{ $number($substring(input.caller_number, -1)) % 2 = 1 }}"},
    ]}, branches={"vip": "vip", "odd": "share", "default": "names"}),
    step("names", "set", "lists", config={
        "values": {"area": "{{ $substring(input.caller_number, 2, 3) }}"}}),
    step("lists", "condition", config={"branches": [
        {"label": "west", "when": "{{ names.area in ['415', '510', '650'] }}"},
    ]}, branches={"west": "sales", "default": "share"}),
    step("share", "split", config={
        "key": "{{ input.caller_number }}", "weights": {"stable": 70, "canary": 30}},
        branches={"stable": "stable", "canary": "canary"}),
    output("night", agent_id="night"),
    output("vip", agent_id="vip"),
    output("sales", agent_id="sales"),
    output("stable", agent_id="stable"),
    output("canary", agent_id="canary"),
)


def test_a_thousand_random_callers_reach_the_same_agent_by_both_doors(start_gateway):
    gateway = serving(start_gateway, TEN_STEPS)
    choose = random.Random(20261121)
    twilio = Twilio(gateway)
    reached = {}
    with DatagramCarrier(gateway) as carrier:
        for _ in range(1_000):
            caller = "+1%s%07d" % (choose.choice(["415", "212", "510", "312"]),
                                   choose.randrange(2_000_000, 9_999_999))
            by_sip = agent_of(carrier.call(**from_(caller)))
            by_twilio = agent_of(twilio.voice(From=caller, Caller=caller))
            assert by_sip == by_twilio, f"{caller}: {by_sip} by SIP, {by_twilio} by Twilio"
            reached[by_sip] = reached.get(by_sip, 0) + 1
    assert set(reached) == {"vip", "sales", "stable", "canary"}, reached
    assert gateway.metric("workflow_failures_total") == 0


# A host that hangs


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_sipp_calls_end_well_while_the_crm_hangs(start_gateway, tmp_path, transport):
    with CRM("hang") as crm:
        breaker = {"circuit_breaker": {"failures": 1_000, "pause": "10s"}}
        gateway = serving(start_gateway, asking(crm.address, 800), crm,
                          {"workflow": breaker})
        waiting = []

        def call():
            waiting.append(sipp("redirected-after-trying", gateway, tmp_path, 300, rate=300,
                                transport=transport))

        thread = threading.Thread(target=call)
        thread.start()
        other = tmp_path / "other"
        other.mkdir()
        unhindered = sipp("redirected-or-later", gateway, other, 1_000, rate=500,
                          transport=transport, number=OTHER_ORGANIZATION)
        thread.join()
        outcome = waiting[0]
        assert (outcome.successful, outcome.failed, outcome.unexpected) == (300, 0, 0), outcome.text
        assert (unhindered.successful, unhindered.failed) == (1_000, 0), unhindered.text
        assert crm.asked == 300
        gateway.settle()
        rows = [row for row in gateway.records() if row["organization"] == "acme"]
        assert len(rows) == 300
        assert {row["agent"] for row in rows} == {"stable"}
        assert min(row["micros"] for row in rows) >= 790_000
        others = [row for row in gateway.records() if row["organization"] == "globex"]
        assert len(others) == 1_000


def test_a_thousand_calls_wait_and_another_organization_is_not_hindered(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        with DatagramCarrier(gateway) as waiting, DatagramCarrier(gateway) as carrier:
            for _ in range(1_000):
                waiting.send(waiting.request())
                assert waiting.receive().status == 100
            wait_until(lambda: gateway.metric("workflow_runs_waiting") == 1_000,
                       what="1,000 waiting runs")
            for _ in range(200):
                assert carrier.call(OTHER_ORGANIZATION).status == 302
            # The one beyond the bound does not wait: its step fails, and leads to the stable agent.
            assert agent_of(final(carrier_asks(carrier))) == "stable"
            crm.released.set()
            # Nobody acknowledges, so that answers come more than once.
            answered = set()
            while len(answered) < 1_000:
                answer = final(waiting)
                assert agent_of(answer) == "vip"
                answered.add(answer["call-id"])
        assert crm.asked == 1_000


def carrier_asks(carrier, **over):
    carrier.send(carrier.request(**over))
    return carrier


def test_a_call_that_may_not_wait_and_has_no_fallback_is_refused_by_name(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, on_error=None), crm,
                          {"workflow": {"waiting_calls_per_organization": 2}}, fallback=None)
        with DatagramCarrier(gateway) as carrier:
            for _ in range(2):
                assert carrier.ask(carrier.request()).status == 100
            refused = carrier.ask(carrier.request())
            assert refused.status == 503
            assert "too_many_waiting" in refused["reason"]
            assert refused.get("retry-after") is None


def test_a_caller_who_hangs_up_while_the_crm_hangs_gets_487(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        for carrier_kind in (DatagramCarrier, StreamCarrier):
            with carrier_kind(gateway) as carrier:
                invite = carrier.request()
                assert carrier.ask(invite).status == 100
                branch = re.search(rb"branch=([^;]+)", invite).group(1).decode()
                call_id = re.search(rb"Call-ID: (\S+)", invite).group(1).decode()
                cancel = carrier.request("CANCEL", branch=branch, call_id=call_id)
                carrier.send(cancel)
                answers = {carrier.receive()["cseq"]: None for _ in range(2)}
                assert set(answers) == {"1 CANCEL", "1 INVITE"}
                row, = gateway.records_of(call_id)
                assert (row["reason"], row["status"]) == ("cancelled", 487)


def test_an_answer_whose_connection_is_gone_takes_one_to_the_port_of_the_via(start_gateway):
    with CRM("hang") as crm, socket.create_server((CARRIER, 0)) as listener:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        port = listener.getsockname()[1]
        with StreamCarrier(gateway) as carrier:
            invite = carrier.request().replace(b":%d;branch" % carrier.port, b":%d;branch" % port)
            assert carrier.ask(invite).status == 100
        wait_until(lambda: gateway.metric("sip_connections") == 0, what="the connection is gone")
        crm.released.set()
        listener.settimeout(5)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(65_536).startswith(b"SIP/2.0 302 ")
            # It is a connection like any other.
            connection.sendall(carrier.request("OPTIONS"))
            assert connection.recv(65_536).startswith(b"SIP/2.0 200 ")


def test_a_webhook_waits_for_the_crm_and_a_repeated_one_gets_the_same_answer(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        sid = new_call_sid()
        answers = []

        def ask():
            answers.append(Twilio(gateway).voice(CallSid=sid))

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: gateway.metric("webhooks_total") == 3, what="three webhooks")
        assert not answers
        crm.released.set()
        for thread in threads:
            thread.join()
        assert [agent_of(answer) for answer in answers] == ["vip"] * 3
        crm.agent = "sales"
        assert agent_of(Twilio(gateway).voice(CallSid=sid)) == "vip"
        assert crm.asked == 1
        assert len(gateway.records_of(sid)) == 1


def test_a_peer_that_goes_away_while_its_webhook_waits_costs_nothing(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        twilio = Twilio(gateway)
        before = gateway.descriptors()
        form = parameters()
        threading.Thread(
            target=lambda: pytest.raises(Exception, twilio.post, "/telephony/inbound/twilio", form),
            daemon=True,
        ).start()
        wait_until(lambda: crm.asked == 1, what="the question to the CRM")
        twilio.connection.sock.shutdown(2)
        cpu = gateway.cpu_seconds()
        crm_waits = threading.Event()
        crm_waits.wait(1.0)
        assert gateway.cpu_seconds() - cpu < 0.3, "the daemon spins on a closed connection"
        crm.released.set()
        wait_until(lambda: gateway.descriptors() <= before + 2, what="the descriptors' return")
        assert gateway.is_alive


def test_a_drain_waits_for_the_calls_that_wait(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 3_000), crm)
        with DatagramCarrier(gateway) as carrier:
            invite = carrier.request()
            assert carrier.ask(invite).status == 100
            gateway.process.terminate()
            wait_until(lambda: "draining" in gateway.log(), what="the drain")
            crm.released.set()
            answer = final(carrier)
            assert agent_of(answer) == "vip"
            carrier.send(acknowledgement(invite, answer))
        assert gateway.process.wait(10) == 0


# A host that answers wrongly


@pytest.mark.parametrize("mood", ["fail", "babble", "break_off", "flood", "redirect", "reset"])
def test_a_host_that_answers_wrongly_leads_to_on_error(start_gateway, mood):
    with CRM(mood) as crm:
        gateway = serving(start_gateway, asking(crm.address), crm)
        with DatagramCarrier(gateway) as carrier:
            assert agent_of(final(carrier_asks(carrier))) == "stable"
        assert agent_of(Twilio(gateway).voice()) == "stable"
        assert gateway.is_alive


def test_an_agent_that_does_not_exist_leads_to_the_fallback_agent(start_gateway):
    with CRM("lie") as crm:
        gateway = serving(start_gateway, asking(crm.address), crm)
        with DatagramCarrier(gateway) as carrier:
            assert agent_of(final(carrier_asks(carrier))) == "night"


def test_a_host_that_is_not_listed_is_refused_when_the_definition_is_saved(start_gateway):
    with CRM() as crm:
        gateway = serving(start_gateway, TEN_STEPS)
        file = gateway.folder / "asking.json5"
        file.write_text(json.dumps(directory(asking(crm.address))))
        done = gateway.command("apply", "-f", str(file), check=False)
        file.unlink()
        assert done.returncode != 0
        assert crm.address in done.stdout + done.stderr
        with DatagramCarrier(gateway) as carrier:
            assert carrier.call().status == 302
        assert crm.asked == 0


def test_a_host_that_keeps_failing_is_left_alone_and_then_tried_again(start_gateway):
    with CRM("fail") as crm:
        breaker = {"circuit_breaker": {"failures": 3, "pause": "1s"}}
        gateway = serving(start_gateway, asking(crm.address), crm, {"workflow": breaker})
        with DatagramCarrier(gateway) as carrier:
            for _ in range(10):
                assert agent_of(final(carrier_asks(carrier))) == "stable"
            assert crm.asked == 3
            assert gateway.metric("workflow_requests_refused_total") == 7
            told = gateway.get("/metrics").content.decode()
            for metric, value in (("state", 2), ("left_alone_total", 1),
                                  ("requests_refused_total", 7)):
                assert f'trunkline_workflow_host_{metric}{{host="http://{crm.address}"}} {value}\n' in told
            crm.mood = "answer"

            def recovered():
                return agent_of(final(carrier_asks(carrier))) == "vip"

            wait_until(recovered, "the host's recovery")


# Counting and remembering


def test_a_limit_counts_the_calls_that_are_up_as_twilio_tells(start_gateway):
    definition = workflow(
        step("call", "trigger", "lines"),
        step("lines", "limit", config={"key": "lines", "max": 2},
             branches={"within": "sales", "over": "night"}),
        output("sales", agent_id="sales"),
        output("night", agent_id="night"),
    )
    gateway = serving(start_gateway, definition)
    twilio = Twilio(gateway)
    sids = [new_call_sid() for _ in range(4)]
    assert agent_of(twilio.voice(CallSid=sids[0])) == "sales"
    assert agent_of(twilio.voice(CallSid=sids[1])) == "sales"
    assert agent_of(twilio.voice(CallSid=sids[1])) == "sales"
    assert agent_of(twilio.voice(CallSid=sids[2])) == "night"
    twilio.post(STATUS, parameters(CallSid=sids[0], CallStatus="completed", CallDuration="9"))
    assert agent_of(twilio.voice(CallSid=sids[3])) == "sales"


def test_a_call_that_is_turned_away_holds_no_place_of_those_that_are_up(start_gateway):
    with CRM("fail") as crm:
        ask = asking(crm.address, on_error=None)
        definition = workflow(
            step("call", "trigger", "lines"),
            step("lines", "limit", config={"key": "lines", "max": 1},
                 branches={"within": "who", "over": "busy"}),
            step("who", "condition", config={"branches": [
                {"label": "spam", "when": "{{ input.caller_number = '+14155550666' }}"}]},
                branches={"spam": "no", "default": "crm"}),
            *ask["steps"][1:], output("no", reject=True),
            output("busy", reject=True, reject_reason="busy"))
        breaker = {"circuit_breaker": {"failures": 100, "pause": "1s"}}
        gateway = serving(start_gateway, definition, crm, {"workflow": breaker, "loops": 2},
                          fallback=None)
        with DatagramCarrier(gateway) as carrier:
            for _ in range(3):
                assert final(carrier_asks(carrier, **from_("+14155550666"))).status == 603
                assert final(carrier_asks(carrier)).status == 503
            crm.mood = "answer"
            assert agent_of(final(carrier_asks(carrier))) == "vip"
            assert final(carrier_asks(carrier)).status == 486


def test_a_limit_counts_exactly_over_all_loops(start_gateway):
    definition = workflow(
        step("call", "trigger", "rate"),
        step("rate", "limit", config={"key": "all", "max": 25, "window_seconds": 3_600},
             branches={"within": "sales", "over": "night"}),
        output("sales", agent_id="sales"),
        output("night", agent_id="night"),
    )
    gateway = serving(start_gateway, definition, configuration={"loops": 4})
    agents = []
    for _ in range(50):
        # Another port each time, so that the kernel chooses another loop.
        with DatagramCarrier(gateway) as carrier:
            invite = carrier.request()
            carrier.send(invite)
            agents.append(agent_of(final(carrier)))
    assert agents.count("sales") == 25
    assert agents.count("night") == 25


def test_a_caller_reaches_the_agent_of_the_last_call_again(start_gateway):
    with CRM(agent="vip") as crm:
        ask = asking(crm.address)
        memory = step("memory", "sticky", "known",
                      config={"key": "{{ input.caller_number }}", "ttl_seconds": 600})
        known = step("known", "condition", config={"branches": [
            {"label": "again", "when": "{{ memory.found }}"}]},
            branches={"again": "again", "default": "crm"})
        steps = [step("call", "trigger", "memory"), memory, known, *ask["steps"][1:],
                 output("again", agent_id="{{ memory.agent_id }}")]
        gateway = serving(start_gateway, workflow(*steps), crm)
        with DatagramCarrier(gateway) as carrier:
            assert agent_of(final(carrier_asks(carrier, **from_("+12125550123")))) == "vip"
            crm.agent = "sales"
            assert agent_of(final(carrier_asks(carrier, **from_("+12125550123")))) == "vip"
            assert agent_of(final(carrier_asks(carrier, **from_("+12125550124")))) == "sales"
        assert crm.asked == 2


# What is said along


def test_a_refusal_by_the_workflow_does_not_go_to_the_fallback(start_gateway):
    definition = workflow(step("call", "trigger", "no"),
                          output("no", reject=True, reject_reason="busy", label="no more today"))
    gateway = serving(start_gateway, definition)
    with DatagramCarrier(gateway) as carrier:
        answer = carrier.call()
        assert "rejected" in answer["reason"]
        assert answer.status == 486
    body = Twilio(gateway).voice().content.decode()
    assert '<Reject reason="busy"/>' in body
    gateway.settle()
    assert [row["label"] for row in gateway.records()] == ["no more today"] * 2
    assert [row["label"] for row in gateway.calls()] == ["no more today"] * 2


def test_targets_of_the_workflow_replace_those_of_the_agent(start_gateway):
    definition = workflow(
        step("call", "trigger", "out"),
        output("out", targets=["sip:first@agents.example.com", "sip:10.0.0.{{ input.door = 'x' ? 1 : 7 }}",
                               "+14155550177"]),
    )
    gateway = serving(start_gateway, definition)
    with DatagramCarrier(gateway) as carrier:
        contacts = carrier.call().all("contact")
    # The trunk allows no private targets.
    assert len(contacts) == 2
    assert "sip:first@agents.example.com" in contacts[0]
    assert "sip:+14155550177@" in contacts[1]
    assert agent_of(Twilio(gateway).voice()) == "first"


# Asking beforehand


def test_the_operators_api_explains_a_call_and_a_draft_to_an_operators_key_alone(start_gateway):
    gateway = serving(start_gateway, TEN_STEPS)
    path = "/trunkline/v1/routing/explain"

    def ask(key=None, **question):
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        answer = gateway.get(path, "POST", headers, json.dumps(question))
        return answer.status, json.loads(answer.content)

    def key(*words):
        return json.loads(gateway.command("key create", *words, "--json").stdout)["key"]

    assert ask(to=FRONT_DESK)[0] == 401
    assert ask("sk_live_nobody", to=FRONT_DESK)[0] == 401
    ours, theirs = key("--operator"), key("--organization", "acme")
    wait_until(lambda: ask(theirs, to=FRONT_DESK)[0] == 403, what="the organization's key")
    wait_until(lambda: ask(ours, to=FRONT_DESK)[0] == 200, what="the operator's key")

    caller = "+14155550177"
    status, told = ask(ours, to=FRONT_DESK, **{"from": caller})
    assert status == 200
    assert told["doors"]["sip"]["targets"] == ["sip:vip@agents.example.com"]
    steps = [step["id"] for step in told["doors"]["sip"]["workflow"]["steps"]]
    assert steps == ["call", "hours", "known", "vip"]
    with DatagramCarrier(gateway) as carrier:
        assert agent_of(carrier.call(**from_(caller))) == "vip"

    draft = workflow(step("call", "trigger", "out"), output("out", agent_id="night"))
    status, told = ask(ours, to=FRONT_DESK, definition=draft)
    assert status == 200
    assert told["doors"]["twilio"]["targets"] == ["sip:night@agents.example.com"]
    with DatagramCarrier(gateway) as carrier:
        assert agent_of(carrier.call(**from_(caller))) == "vip", "a draft changes nothing"

    status, told = ask(ours, to=7)
    assert status == 422 and told["error"]["problems"]
    assert gateway.get(path, "GET").status == 405
    plain = {"Content-Type": "text/plain", "Authorization": f"Bearer {ours}"}
    assert gateway.get(path, "POST", plain, json.dumps({"to": FRONT_DESK})).status == 415


def test_route_shows_what_a_host_would_be_asked_and_asks_it_only_when_told_to(start_gateway):
    with CRM(agent="vip") as crm:
        gateway = serving(start_gateway, asking(crm.address), crm)
        words = ["route", "--to", FRONT_DESK, "--from", "+12125550123", "--json"]
        told = json.loads(gateway.command(*words).stdout)["doors"]["sip"]
        assert told["agent"] == "stable" and crm.asked == 0
        asked = told["workflow"]["steps"][1]["request"]
        assert asked["url"] == f"http://{crm.address}/route"
        assert json.loads(asked["body"]) == {"caller": "+12125550123"}

        answer = gateway.folder / "answer.json"
        answer.write_text('{"agent": "canary"}')
        told = json.loads(gateway.command(*words, "--http-answer", f"crm=200:{answer}").stdout)
        assert told["doors"]["twilio"]["agent"] == "canary" and crm.asked == 0

        told = json.loads(gateway.command(*words, "--door", "sip", "--http").stdout)
        assert told["doors"]["sip"]["agent"] == "vip" and crm.asked == 1
        with DatagramCarrier(gateway) as carrier:
            assert agent_of(final(carrier_asks(carrier, **from_("+12125550123")))) == "vip"


def test_records_keep_the_steps_and_as_much_more_as_the_operator_wants(start_gateway):
    with CRM(agent="vip") as crm:
        gateway = serving(start_gateway, asking(crm.address), crm,
                          {"records": {"explain": "always"}})
        with DatagramCarrier(gateway) as carrier:
            final(carrier_asks(carrier, extra=["X-Tier: gold"]))
        row, = [row for row in gateway.calls() if row["rule"] == "workflow"]
        assert row["steps"] == ["call", "crm", "found"]
        seen = row["explain"]["steps"]
        assert seen[0]["result"]["headers"] == {"X-Tier": "gold"}
        assert seen[1]["result"]["body"] == {"agent": "vip", "tier": "gold"}
        text = gateway.command("calls", "--explain").stdout
        assert "call → crm → found" in text and "X-Tier" in text


def test_a_replay_tells_the_calls_that_a_draft_would_send_elsewhere(start_gateway):
    gateway = serving(start_gateway, TEN_STEPS)
    with DatagramCarrier(gateway) as carrier:
        for caller in ("+14155550177", "+14155550178", "+14155550198"):
            assert carrier.call(**from_(caller)).status == 302
    gateway.settle_index()
    for row in gateway.records():
        assert row["steps"][:2] == ["call", "hours:open"]
        assert "explain" not in row and "input" not in row
    draft = gateway.folder / "draft.json5"

    def replay(definition, *words):
        draft.write_text(json.dumps(definition))
        return gateway.command("replay", "--definition", str(draft), "--organization", "acme", *words,
                               check=False)

    same = replay(TEN_STEPS)
    assert same.returncode == 0, same.stdout + same.stderr
    assert "3 calls of acme replayed: 0 would go elsewhere" in same.stdout
    other = replay(workflow(step("call", "trigger", "out"), output("out", agent_id="vip")), "--json")
    assert other.returncode == 1
    found = json.loads(other.stdout)
    assert (found["replayed"], found["different"]) == (3, 2)
    assert {row["would_be"] for row in found["differences"]} == {"vip"}
    wrong = replay(workflow(step("call", "trigger", "out"), output("out", agent_id="nobody")))
    assert wrong.returncode == 1 and f"{draft}:1:" in wrong.stderr and "nobody" in wrong.stderr
    unsaid = gateway.command("replay", "--definition", str(draft), check=False)
    assert unsaid.returncode == 2 and "--organization" in unsaid.stderr


def test_ten_thousand_calls_are_explained_and_replayed_as_they_happened(start_gateway):
    """L2: the steps, the agent and the targets of 400 of them, and where each of all would go."""
    gateway = serving(start_gateway, TEN_STEPS)
    choose = random.Random(7)

    def caller():
        area = choose.choice(["415", "212", "510", "312"])
        return "+1%s%07d" % (area, choose.randrange(2_000_000, 9_999_999))

    twilio = Twilio(gateway)
    with DatagramCarrier(gateway) as carrier:
        for _ in range(8_000):
            assert carrier.call(**from_(caller())).status == 302
    for _ in range(2_000):
        number = caller()
        assert agent_of(twilio.voice(From=number, Caller=number))
    gateway.settle()
    rows = [row for row in gateway.records() if row["organization"] == "acme"]
    assert len(rows) == 10_000
    key = json.loads(gateway.command("key create", "--operator", "--json").stdout)["key"]
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}

    def explained(row):
        question = {"to": row["number"], "from": row["from"], "at": row["time"], "door": row["door"]}
        answer = gateway.get("/trunkline/v1/routing/explain", "POST", headers, json.dumps(question))
        return json.loads(answer.content) if answer.status == 200 else None

    wait_until(lambda: explained(rows[0]), what="the operator's key")
    for row in choose.sample(rows, 400):
        door = explained(row)["doors"][row["door"]]
        steps = [":".join(filter(None, (step["id"], step.get("branch"))))
                 for step in door["workflow"]["steps"]]
        assert (steps, door["agent"], door["targets"]) == (row["steps"], row["agent"], row["targets"])
    draft = gateway.folder / "draft.json5"
    draft.write_text(json.dumps(TEN_STEPS))
    told = gateway.command("replay", "--definition", str(draft), "--organization", "acme",
                           "--last", "10000").stdout
    assert "10000 calls of acme replayed: 0 would go elsewhere" in told, told


def test_a_record_keeps_what_its_workflow_looked_at_so_that_a_replay_comes_to_the_same(start_gateway):
    gold = {"label": "gold", "when": "{{ input.headers.`X-Tier` = 'gold' }}"}
    again = {"label": "again", "when": "{{ input.caller_name = 'Berta' or $count(input.diversion) > 0 }}"}
    seeing = workflow(
        step("call", "trigger", "who"),
        step("who", "condition", config={"branches": [gold, again]},
             branches={"gold": "vip", "again": "sales", "default": "few"}),
        step("few", "limit", config={"key": "all", "max": 1, "window_seconds": 3_600},
             branches={"within": "stable", "over": "night"}),
        *(output(agent, agent_id=agent) for agent in ("vip", "sales", "stable", "night")))
    gateway = serving(start_gateway, seeing)
    name = f'From: "Berta" <sip:+12125550123@{CARRIER}>;tag={unique()[-8:]}'
    with DatagramCarrier(gateway) as carrier:
        calls = [dict(extra=["X-Tier: gold", "X-Secret: hush"]), dict(from_=name),
                 dict(extra=["Diversion: <sip:+14155550188@gw.example.com>"]), {}, {}]
        for call in calls:
            final(carrier_asks(carrier, **call))
    gateway.settle()
    rows = sorted(gateway.records(), key=lambda row: row["time"])
    assert [row["agent"] for row in rows] == ["vip", "sales", "sales", "stable", "night"]
    assert rows[0]["input"]["headers"] == {"X-Tier": "gold"}
    assert rows[1]["input"]["caller_name"] == "Berta"
    assert rows[2]["input"]["diversion"] == ["+14155550188"]
    assert "hush" not in json.dumps(rows)
    draft = gateway.folder / "draft.json5"
    draft.write_text(json.dumps(seeing))
    told = gateway.command("replay", "--definition", str(draft), "--organization", "acme").stdout
    assert "5 calls of acme replayed: 0 would go elsewhere" in told, told
    draft.write_text(json.dumps(seeing).replace("X-Tier", "X-Seen"))
    told = gateway.command("replay", "--definition", str(draft), "--organization", "acme",
                           check=False).stdout
    assert "2 would go elsewhere" in told and "missing from 5 of 5 records" in told, told
