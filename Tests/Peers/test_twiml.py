"""What Twilio is told, read by an XML parser and held against the attribute names of its library."""

import inspect
import os
import random
import re
import time
import xml.etree.ElementTree as ElementTree

import pytest
from twilio.twiml import voice_response

from directory import FRONT_DESK, PUBLIC_URL, REDIRECTED, STREAMED, SUSPENDED
from gateway import wait_until
from webhook import FALLBACK, STATUS, VOICE, Twilio, new_call_sid, parameters

FORMS = int(os.environ.get("TRUNKLINE_TWIML_FORMS", "500"))
# Which method of Twilio's library makes an element below which other.
MAKERS = {
    ("Response", "Dial"): voice_response.VoiceResponse.dial,
    ("Response", "Connect"): voice_response.VoiceResponse.connect,
    ("Response", "Redirect"): voice_response.VoiceResponse.redirect,
    ("Response", "Reject"): voice_response.VoiceResponse.reject,
    ("Response", "Hangup"): voice_response.VoiceResponse.hangup,
    ("Dial", "Sip"): voice_response.Dial.sip,
    ("Dial", "Number"): voice_response.Dial.number,
    ("Connect", "Stream"): voice_response.Connect.stream,
    ("Stream", "Parameter"): voice_response.Stream.parameter,
}


@pytest.fixture
def twilio(gateway):
    return Twilio(gateway)


def read(response):
    """Parses TwiML and checks every element and attribute against Twilio's library."""
    assert response.status == 200, response.content
    assert response.headers["Content-Type"].startswith("text/xml")
    assert int(response.headers["Content-Length"]) == len(response.content) < 4_096
    assert response.content.startswith(b"<?xml")
    root = ElementTree.fromstring(response.content)
    assert root.tag == "Response"
    check(root)
    return root


def check(element):
    for child in element:
        maker = MAKERS.get((element.tag, child.tag))
        assert maker, f"<{child.tag}> is no child of <{element.tag}>"
        known = {name.replace("_", "").lower() for name in inspect.signature(maker).parameters}
        for name in child.attrib:
            assert name.lower() in known, f"<{child.tag} {name}> is not in Twilio's library"
        check(child)


def action_of(root):
    """Where <Dial action> or <Connect action> comes back to, on our own listener."""
    url = root.find("*[@action]").attrib["action"]
    assert url.startswith(PUBLIC_URL + "/")
    return url.removeprefix(PUBLIC_URL)


def test_a_call_is_dialled_to_the_first_target_of_its_agent(twilio):
    root = read(twilio.voice())
    dial = root.find("Dial")
    assert dial.find("Sip").text.startswith("sip:sales@agents.example.com;transport=tcp?")
    assert dial.attrib["answerOnBridge"] == "true"
    assert 0 < int(dial.attrib["timeout"]) <= 600


def test_a_target_that_is_a_media_stream_is_connected(twilio):
    stream = read(twilio.voice(To=STREAMED)).find("Connect/Stream")
    assert stream.attrib["url"] == "wss://media.example.com/stream?a=1&b=2"


def test_a_stream_that_lasted_ends_the_call_and_one_that_failed_goes_on(twilio):
    """`<Connect action>` does not say how its stream ended: the time that it took does."""
    call_sid = new_call_sid()
    action = action_of(read(twilio.voice(CallSid=call_sid, To=STREAMED)))
    begin = int(re.search(r"[&?]stream=(\d+)", action).group(1))
    assert abs(begin - time.time()) < 60

    def answer(seconds, status="in-progress"):
        target = action.replace(f"stream={begin}", f"stream={int(time.time()) - seconds}")
        form = parameters(CallSid=call_sid, To=STREAMED, CallStatus=status)
        return [child.tag for child in read(twilio.post(target, form))]
    assert answer(60) == ["Hangup"]
    assert answer(0, "completed") == ["Hangup"]
    assert answer(0) == ["Reject"], "this agent has one target"


def test_a_target_that_is_a_url_is_redirected_to(twilio):
    assert read(twilio.voice(To=REDIRECTED)).find("Redirect").text == \
        "https://twiml.example.com/answer"


def test_a_pinned_agent_answers_whatever_was_dialled(twilio):
    root = read(twilio.post("/telephony/agents/voice/inbound", parameters()))
    assert root.find("Connect/Stream") is not None


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed"])
def test_a_dial_that_fails_goes_on_target_by_target_and_ends_in_a_refusal(gateway, twilio, outcome):
    call_sid = new_call_sid()
    response = twilio.voice(CallSid=call_sid)
    seen = []
    while (root := read(response)).find("Dial") is not None:
        seen.append(root.find("Dial/Sip").text.split("?")[0])
        assert len(seen) < 10
        form = parameters(CallSid=call_sid, DialCallStatus=outcome, CallStatus="in-progress")
        response = twilio.post(action_of(root), form)
    assert seen == ["sip:sales@agents.example.com;transport=tcp",
                    "sip:overflow@agents.example.com", "sip:last@agents.example.net"]
    assert root.find("Reject").attrib["reason"] == "busy" or root.find("Hangup") is not None
    reasons = {row.get("reason") for row in gateway.records_of(call_sid, 4)}
    assert "targets_exhausted" in reasons


def test_a_dial_that_was_answered_ends_the_call(twilio):
    call_sid = new_call_sid()
    root = read(twilio.voice(CallSid=call_sid))
    form = parameters(CallSid=call_sid, DialCallStatus="completed")
    assert read(twilio.post(action_of(root), form)).find("Hangup") is not None


def test_the_state_in_an_action_url_is_worth_nothing_without_a_signature(twilio):
    root = read(twilio.voice())
    form = parameters(DialCallStatus="busy")
    signature = twilio.signature(VOICE, form)
    assert twilio.post(action_of(root), form, signature).status == 403


def test_the_fallback_url_goes_on_behind_the_target_that_failed(twilio):
    call_sid = new_call_sid()
    form = parameters(CallSid=call_sid, To=REDIRECTED, ErrorCode="11200",
                      ErrorUrl="https://twiml.example.com/answer")
    sip = read(twilio.post(FALLBACK, form)).find("Dial/Sip")
    assert sip.text.startswith("sip:after@agents.example.com")


def test_the_fallback_url_offers_the_agent_when_our_own_answer_was_lost(twilio):
    form = parameters(ErrorCode="11200", ErrorUrl=PUBLIC_URL + VOICE)
    assert read(twilio.post(FALLBACK, form)).find("Dial/Sip") is not None


def test_a_refused_number_is_rejected_before_it_costs_anything(twilio):
    for number in (SUSPENDED, "+19998887777", "client:alice", "", None):
        root = read(twilio.voice(To=number))
        assert [child.tag for child in root] == ["Reject"]


def test_the_same_call_sid_gets_the_same_answer_and_leaves_one_record(gateway, twilio):
    form = parameters()
    answers = [twilio.post(VOICE, form).content for _ in range(3)]
    answers.append(Twilio(gateway).post(VOICE, form).content)
    assert len(set(answers)) == 1
    gateway.settle()
    assert len(gateway.records_of(form["CallSid"])) == 1
    listed = [row for row in gateway.calls("--to", FRONT_DESK)
              if row["call_id"] == form["CallSid"]]
    assert len(listed) == 1


def test_the_status_callback_lands_on_the_record_of_its_call(gateway, twilio):
    form = parameters()
    twilio.post(VOICE, form)
    over = parameters(CallSid=form["CallSid"], CallStatus="completed", CallDuration="42")
    response = twilio.post(STATUS, over)
    assert (response.status, response.content) == (200, b"")

    def landed():
        rows = [row for row in gateway.calls("--to", FRONT_DESK)
                if row["call_id"] == form["CallSid"]]
        assert len(rows) <= 1
        return rows and rows[0].get("call_status") == "completed" and rows[0]
    assert wait_until(landed, "the status on the record")["call_duration"] == 42


def test_a_webhook_leaves_a_record_that_says_who_and_what(gateway, twilio):
    form = parameters()
    twilio.post(VOICE, form)
    record = gateway.records_of(form["CallSid"])[0]
    assert record["door"] == "twilio"
    assert record["organization"] == "acme"
    assert record["credential"] == "twilio-main"
    assert record["number"] == FRONT_DESK
    assert record["from"] == "+14155550111"
    assert (record["agent"], record["outcome"]) == ("sales", "answered")


def test_twiml_is_well_formed_and_echoes_nothing_whatever_the_parameters_hold(twilio):
    """gptme-contrib #688: what a request holds is text, never markup."""
    dice = random.Random(int(os.environ.get("TRUNKLINE_SEED", "688")))
    nasty = ["</Response>", "<Say>x</Say>", "&lt;", "]]>", "\x00", "\x0b", "\ufffe", "\"'<>&",
             "\r\n\r\n<?xml", "%00", "\u202e", "\ud800".encode("utf-8", "surrogatepass")]
    for _ in range(FORMS):
        form = parameters(From=dice.choice(nasty), Caller=dice.choice(nasty),
                          CallerName=dice.choice(nasty))
        form[str(dice.choice(nasty))] = "x"
        if any(isinstance(value, bytes) for value in form.values()):
            form = {key: value for key, value in form.items() if not isinstance(value, bytes)}
        response = twilio.post(VOICE, form)
        read(response)
        assert b"<Say" not in response.content
    for number in ("<Say>", "+1415555&0100", "\"/><Hangup/>"):
        read(twilio.voice(To=number))
