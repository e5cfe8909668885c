"""What goes along with a call to its agent, and how all records of one call are found again."""

import json
import re
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from directory import CARRIER, FRONT_DESK, PUBLIC_URL, TO_CARRIER, sample_directory
from gateway import wait_until
from sip import DatagramCarrier, StreamCarrier, unique
from test_twiml import action_of, read
from webhook import FALLBACK, Twilio, new_call_sid, parameters

TEMPLATED = "+14155550105"
TEMPLATE = {"line": "press & \"more\"\r\n", "call": "{{call_id}}", "from": "{{caller_number}}",
            "to": ["{{called_number}}", {"by": "{{trunk_id}} of {{organization_id}}"}]}


# Three Contacts with it fit a datagram.
SHORT = {"from": "{{caller_number}}", "by": ["{{trunk_id}}&\r\n"]}


def directory_with_template(**number):
    directory = sample_directory()
    acme = directory["organizations"][0]
    acme["trunks"][1]["inbound"] = {"allowed_addresses": [TO_CARRIER], "embedded_headers": True}
    acme["numbers"].append({"e164": TEMPLATED, "dispatch_template": TEMPLATE, **number})
    acme["inbound_routing"] = {"default_agent": "sales"}
    return directory


@pytest.fixture
def templated(start_gateway):
    return start_gateway(directory=directory_with_template())


def contacts(answer):
    """Each Contact's URI without what goes along, and that by its name in lower case."""
    found = []
    for line in answer.all("contact"):
        uri = re.fullmatch(r"<([^<>\"\s]+)>;q=[01]\.\d+", line).group(1)
        own, enclosed = [], {}
        head, _, headers = uri.partition("?")
        for separator, part in [(";", head), ("&", headers)]:
            for piece in part.split(separator):
                name, _, value = piece.partition("=")
                if name.lower().startswith("x-trunkline-"):
                    enclosed[name.lower()] = unquote(value, errors="strict")
                else:
                    own.append(piece)
        found.append((own[0], enclosed))
    return found


def expected(call, trunk):
    return {"line": TEMPLATE["line"], "call": call, "from": "+14155550111",
            "to": [TEMPLATED, {"by": f"{trunk} of acme"}]}


@pytest.mark.parametrize("source, trunk, mark", [
    (CARRIER, "carrier-a", ";x-trunkline-call="), (TO_CARRIER, "carrier-to", "?X-Trunkline-Call="),
])
@pytest.mark.parametrize("carrier_class", [DatagramCarrier, StreamCarrier])
def test_a_template_goes_along_with_every_contact_of_the_default_agent(
    start_gateway, source, trunk, mark, carrier_class
):
    gateway = start_gateway(directory=directory_with_template(dispatch_template=SHORT))
    call_id = unique()
    with carrier_class(gateway, source) as carrier:
        answer = carrier.call(TEMPLATED, call_id=call_id)
    assert answer.status == 302
    assert all(mark in line for line in answer.all("contact"))
    found = contacts(answer)
    assert [uri for uri, _ in found] == [
        "sip:sales@agents.example.com", "sip:overflow@agents.example.com",
        "sip:last@agents.example.net"]
    for _, enclosed in found:
        assert enclosed["x-trunkline-call"] == answer["x-trunkline-call"]
        assert enclosed["x-trunkline-agent"] == "sales"
        assert json.loads(enclosed["x-trunkline-metadata"]) == {
            "from": "+14155550111", "by": [f"{trunk}&\r\n"]}
    record = gateway.records_of(call_id)[0]
    assert (record["rule"], record["agent"]) == ("dispatch_template", "sales")
    assert "left_out" not in record


def test_what_does_not_fit_a_datagram_is_left_out_and_noted(start_gateway):
    gateway = start_gateway(directory=directory_with_template(
        dispatch_template={"long": "x" * 800}))
    call_id, stream_id = unique(), unique()
    with DatagramCarrier(gateway) as carrier, StreamCarrier(gateway) as stream:
        answer = carrier.call(TEMPLATED, call_id=call_id)
        longer = stream.call(TEMPLATED, call_id=stream_id)
    assert len(answer.data) <= 1_300
    assert len(contacts(answer)) == len(contacts(longer)) == 3
    assert gateway.records_of(call_id)[0]["left_out"] == ["metadata"]
    assert "left_out" not in gateway.records_of(stream_id)[0]
    assert [row["left_out"] for row in gateway.calls("--call", answer["x-trunkline-call"])] == [
        ["metadata"]]


def test_a_call_without_anything_to_say_keeps_plain_contacts(templated):
    with DatagramCarrier(templated) as carrier:
        assert carrier.call().all("contact")[0] == (
            "<sip:sales@agents.example.com;transport=tcp>;q=1.0")


def test_twilio_gets_the_template_as_headers_of_the_sip_call(templated):
    root = read(Twilio(templated).voice(To=TEMPLATED))
    uri, _, headers = root.find("Dial/Sip").text.partition("?")
    assert uri == "sip:sales@agents.example.com;transport=tcp"
    enclosed = dict(parse_qsl(headers, strict_parsing=True))
    assert len(uri) < 255 and len(headers) < 1_024
    assert all(name.startswith("X-") for name in enclosed)
    assert enclosed["X-Trunkline-Agent"] == "sales"
    metadata = json.loads(enclosed["X-Trunkline-Metadata"])
    assert metadata == expected(enclosed["X-Trunkline-Call"], "twilio-main")


def test_what_went_along_can_be_fetched_once_by_the_id_of_the_call(start_gateway):
    """For an agent behind a telephone number, to which no carrier hands anything."""
    gateway = start_gateway(directory=directory_with_template())

    def key(*words):
        return json.loads(gateway.command("key create", *words, "--json").stdout)["key"]

    def fetch(call, key, method="POST"):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = gateway.get(f"/trunkline/v1/calls/{call}/context", method, headers)
        return answer.status, answer.content and json.loads(answer.content)

    ours = key("--organization", "acme", "--scopes", "conversations:read_sensitive")
    narrow = key("--organization", "acme", "--scopes", "conversations:read")
    operator = key("--operator")
    wait_until(lambda: fetch("0" * 16, operator)[0] == 404, what="the keys")
    with DatagramCarrier(gateway) as carrier:
        calls = [carrier.call(TEMPLATED)["x-trunkline-call"] for _ in range(2)]
        plain = carrier.call()["x-trunkline-call"]
    for call, key in zip(calls, (ours, operator)):
        assert fetch(call, None)[0] == 401
        assert fetch(call, narrow)[0] == 403
        status, told = fetch(call, key)
        assert status == 200
        assert told["custom_metadata"] == expected(call, "carrier-a")
        assert (told["call"], told["organization"], told["agent"]) == (call, "acme", "sales")
        assert fetch(call, key)[0] == 404
    for call in (plain, "0" * 16, "x" * 16, "0"):
        assert fetch(call, operator)[0] == 404
    assert gateway.get(f"/trunkline/v1/calls/{plain}/context").status == 405


def test_a_media_stream_gets_the_template_as_a_parameter(start_gateway):
    gateway = start_gateway(directory=directory_with_template(inbound_agent="voice"))
    root = read(Twilio(gateway).voice(To=TEMPLATED))
    values = {row.attrib["name"]: row.attrib["value"] for row in root.iter("Parameter")}
    assert set(values) == {"call", "agent", "metadata"}
    assert json.loads(values["metadata"]) == expected(values["call"], "twilio-main")


def test_every_record_of_a_call_is_found_by_its_x_trunkline_call(gateway):
    twilio = Twilio(gateway)
    call_sid = new_call_sid()
    response = twilio.voice(CallSid=call_sid)
    identity = dict(parse_qsl(urlsplit(read(response).find("Dial/Sip").text).query))
    steps = 1
    while (root := read(response)).find("Dial") is not None:
        assert root.find("Dial/Sip").text.count(identity["X-Trunkline-Call"]) == 1
        form = parameters(CallSid=call_sid, DialCallStatus="busy")
        # A webhook that is sent twice gets one answer and one record.
        response = twilio.post(action_of(root), form)
        assert twilio.post(action_of(root), form).content == response.content
        steps += 1
    assert steps == 4
    records = gateway.records_of(call_sid, steps)
    assert {row["id"] for row in records} == {identity["X-Trunkline-Call"]}
    assert [row.get("step", 0) for row in records] == [0, 1, 2, 3]
    listed = gateway.calls("--call", identity["X-Trunkline-Call"])
    assert [row.get("step", 0) for row in listed] == [0, 1, 2, 3]
    assert [row["outcome"] for row in listed] == ["answered"] * 3 + ["refused"]
    other = gateway.calls("--call", "0" * 16)
    assert other == []


def test_a_failed_answer_of_ours_is_a_further_step_of_its_call(gateway):
    twilio = Twilio(gateway)
    call_sid = new_call_sid()
    action = action_of(read(twilio.voice(CallSid=call_sid)))
    form = parameters(CallSid=call_sid, ErrorCode="11200", ErrorUrl=PUBLIC_URL + action)
    sip = read(twilio.post(FALLBACK, form)).find("Dial/Sip")
    assert sip.text.startswith("sip:last@agents.example.net")
    steps = [row.get("step", 0) for row in gateway.records_of(call_sid, 2)]
    assert steps == [0, 2]


def test_a_template_that_names_what_no_call_has_is_refused_when_it_is_saved(gateway):
    directory = directory_with_template(dispatch_template={"a": ["{{caler_number}}"]})
    with pytest.raises(AssertionError) as refusal:
        gateway.apply(directory)
    assert "caller_number" in str(refusal.value)


def test_what_a_template_says_survives_export_and_apply(templated):
    exported = templated.command("export").stdout
    assert "default_agent" in exported and "{{caller_number}}" in exported
    file = templated.folder / "exported.json5"
    file.write_text(exported)
    plan = templated.command("apply", "-f", str(file), "--dry-run").stdout
    assert not re.search(r"^[+~-] ", plan, re.MULTILINE), plan


def test_a_status_callback_lands_on_the_last_step_of_its_call(gateway):
    twilio = Twilio(gateway)
    call_sid = new_call_sid()
    root = read(twilio.voice(CallSid=call_sid))
    twilio.post(action_of(root), parameters(CallSid=call_sid, DialCallStatus="busy"))
    gateway.records_of(call_sid, 2)
    over = parameters(CallSid=call_sid, CallStatus="completed", CallDuration="9")
    assert twilio.post("/telephony/status/twilio", over).status == 200

    def landed():
        rows = [row for row in gateway.calls("--to", FRONT_DESK) if row["call_id"] == call_sid]
        return [row.get("call_status") for row in rows] == [None, "completed"]
    wait_until(landed, "the status on the second record")
