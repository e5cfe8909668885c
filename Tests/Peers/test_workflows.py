"""Calls whose organization has a workflow: both doors, counts and memories, and what people can ask beforehand."""

import json
import random

from crm import CRM
from directory import CARRIER, FRONT_DESK
from gateway import wait_until
from sip import DatagramCarrier, unique
from webhook import STATUS, Twilio, new_call_sid, parameters
from workflows import TEN_STEPS, agent_of, asking, carrier_asks, final, from_, output, serving, step, workflow


# The same by both doors


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

    large = {**draft, "steps": draft["steps"] + [
        {"id": f"note{index}", "type": "note", "config": {"text": "x" * 4_000}} for index in range(50)]}
    assert len(json.dumps(large)) > 200_000
    status, told = ask(ours, to=FRONT_DESK, definition=large)
    assert status == 200, told
    assert told["doors"]["twilio"]["targets"] == ["sip:night@agents.example.com"]

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

        wrong = gateway.command(*words, "--http-answer", "cmr=503", check=False)
        assert wrong.returncode == 2 and "no step has the id cmr; did you mean crm?" in wrong.stderr

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
        assert "call → crm → found" in text and 'call result: {"' in text and '"X-Tier":"gold"' in text
        assert '\\"' not in text.split("crm request:")[0]


def test_a_record_does_not_name_a_caller_who_asked_for_privacy_whom_the_workflow_knows(start_gateway):
    with CRM(agent="vip") as crm:
        gateway = serving(start_gateway, asking(crm.address), crm,
                          {"records": {"explain": "always"}})
        with DatagramCarrier(gateway) as carrier:
            final(carrier_asks(carrier, extra=[
                f"P-Asserted-Identity: <sip:+13105550123@{CARRIER}>", "Privacy: id",
                "X-Billing: 3105550123"], from_=f'From: "Ann Example" <sip:c@{CARRIER}>;tag=1'))
        row, = [row for row in gateway.calls() if row["rule"] == "workflow"]
        assert row["from"] == "anonymous"
        seen = row["explain"]["steps"]
        assert seen[0]["result"]["caller_number"] == "+•••"
        assert json.loads(seen[1]["request"]["body"]) == {"caller": "+•••"}
        assert crm.requests[0][1] == {"caller": "+13105550123"}, "the workflow goes by the number all the same"
        kept = gateway.log() + "".join(file.read_text() for file in gateway.call_log())
        assert '"explain"' in kept and "5550123" not in kept and "Ann Example" not in kept


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
    assert unsaid.returncode == 1 and "--organization" in unsaid.stderr


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
