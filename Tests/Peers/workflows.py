"""Workflows for the tests: their parts, an organization that has one, and what came of a call."""

import re

from directory import ACCOUNT, CARRIER, FRONT_DESK, OTHER_ORGANIZATION, TOKEN
from gateway import PATIENCE
from sip import unique

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


def carrier_asks(carrier, **over):
    carrier.send(carrier.request(**over))
    return carrier


def final(carrier, seconds=PATIENCE):
    """The next answer that is no 100."""
    while answer := carrier.receive(seconds):
        if answer.status >= 200:
            return answer
    raise AssertionError("no final answer")


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
