"""Server transactions on the wire: what is sent again, when, and that it is the same (RFC 3261 §17.2)."""

import time

import pytest

from directory import CARRIER, FRONT_DESK, STRANGER, SUSPENDED, UNASSIGNED, OTHER_ORGANIZATION
from directory import NEXT_ROUTE_CARRIER, NOBODYS, OTHER_CARRIER, TO_CARRIER
from gateway import hold_once, wait_until
from sip import DatagramCarrier, StreamCarrier, acknowledgement, unique


def arrivals(carrier, invite, seconds):
    """When each copy of the answer came, in seconds after the first, and the copies."""
    carrier.send(invite)
    times, copies = [], []
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        answer = carrier.receive(left)
        if answer:
            times.append(time.monotonic())
            copies.append(answer.data)
    return [when - times[0] for when in times], copies


def assert_near(times, expected, slack):
    assert len(times) == len(expected), (times, expected)
    for when, due in zip(times, expected):
        assert due - 0.03 <= when <= due + slack, (times, expected)


def test_a_302_without_ack_is_sent_again_at_t1_doubling_to_t2(start_gateway):
    gateway = start_gateway(configuration={"sip": {"t1": "100ms", "t2": "400ms"}})

    def listen():
        with DatagramCarrier(gateway) as carrier:
            times, copies = arrivals(carrier, carrier.request(), 1.75)
        assert_near(times, [0, 0.1, 0.3, 0.7, 1.1, 1.5], slack=0.15)
        assert len(set(copies)) == 1

    hold_once(listen)


def test_a_302_without_ack_is_given_up_after_64_times_t1(start_gateway):
    gateway = start_gateway(configuration={"sip": {"t1": "50ms", "t2": "400ms"}})

    def listen():
        with DatagramCarrier(gateway) as carrier:
            times, _ = arrivals(carrier, carrier.request(), 4.2)
        assert max(times) < 3.4
        assert len(times) >= 9

    hold_once(listen)
    wait_until(lambda: gateway.metric("sip_transactions") == 0, "the end of the transactions")


def test_with_the_timers_of_the_rfc_a_302_comes_at_0_and_500_and_1500_and_3500_milliseconds(
    gateway,
):
    def listen():
        with DatagramCarrier(gateway) as carrier:
            times, copies = arrivals(carrier, carrier.request(), 4.0)
        assert_near(times, [0, 0.5, 1.5, 3.5], slack=0.3)
        assert len(set(copies)) == 1

    hold_once(listen)


def test_an_ack_ends_the_retransmissions(start_gateway):
    gateway = start_gateway(configuration={"sip": {"t1": "200ms"}})

    def call():
        with DatagramCarrier(gateway) as carrier:
            carrier.call()
            assert carrier.receive(0.8) is None

    hold_once(call)


def test_an_invite_whose_302_was_lost_gets_the_same_bytes_again_and_one_record(gateway):
    call_id = unique()
    with DatagramCarrier(gateway) as carrier:
        invite = carrier.request(call_id=call_id)
        answers = [carrier.ask(invite) for _ in range(4)]
        carrier.send(acknowledgement(invite, answers[0]))
    assert {answer.data for answer in answers} == {answers[0].data}
    assert answers[0].status == 302
    gateway.settle()
    assert len(gateway.records_of(call_id)) == 1


def test_a_302_over_tcp_is_not_sent_again(start_gateway):
    gateway = start_gateway(configuration={"sip": {"t1": "50ms"}})
    with StreamCarrier(gateway) as carrier:
        assert carrier.ask(carrier.request()).status == 302
        assert carrier.receive(0.6) is None


def test_after_all_acks_no_transaction_and_no_timer_is_left(start_gateway):
    gateway = start_gateway(configuration={"sip": {"t1": "50ms", "t4": "100ms"}})
    with DatagramCarrier(gateway) as carrier, StreamCarrier(gateway) as stream:
        for _ in range(50):
            carrier.call()
            stream.call()
    wait_until(lambda: gateway.metric("sip_transactions_confirmed") == 0, "no memory of calls")
    wait_until(lambda: gateway.metric("sip_transactions") == 0, "no transaction")
    assert gateway.metric("sip_transaction_timers") == 0


@pytest.mark.parametrize("number, source, status, reason", [
    ("+19998887777", CARRIER, 404, "unknown_number"),
    (SUSPENDED, CARRIER, 603, "suspended"),
    (UNASSIGNED, CARRIER, 480, "no_agent"),
    (OTHER_ORGANIZATION, CARRIER, 404, "unknown_number"),
    ("alice", CARRIER, 404, "not_a_number"),
])
def test_a_refusal_names_its_reason_on_the_wire_and_in_its_record(
    gateway, number, source, status, reason
):
    call_id = unique()
    with DatagramCarrier(gateway, source) as carrier:
        answer = carrier.call(number, call_id=call_id)
    assert answer.status == status
    assert answer["reason"] == f'SIP;cause={status};text="{reason}"'
    record = gateway.records_of(call_id)[0]
    assert (record["outcome"], record["reason"], record["status"]) == ("refused", reason, status)


def test_the_contacts_of_a_302_are_in_order_and_the_call_has_a_name_in_the_record(gateway):
    call_id = unique()
    with DatagramCarrier(gateway) as carrier:
        answer = carrier.call(call_id=call_id)
    contacts = ", ".join(answer.all("contact"))
    places = [contacts.index(host) for host in ("sales@", "overflow@", "last@")]
    assert places == sorted(places)
    assert "q=1" in contacts and "q=0.9" in contacts and "q=0.8" in contacts
    record = gateway.records_of(call_id)[0]
    assert record["id"] == answer["x-trunkline-call"]
    assert (record["agent"], record["trunk"], record["outcome"]) == (
        "sales", "carrier-a", "answered")


@pytest.mark.parametrize("spelling", [
    "sip:14155550100@gw.example.com", "sip:4155550100@gw.example.com",
    "sip:+1-415-555-0100@gw.example.com", "sip:%2B14155550100@gw.example.com",
    "sip:01114155550100@gw.example.com",
    "sip:+14155550100;npdi;rn=+14155559999@gw.example.com", "tel:+1-415-555-0100",
    "sips:+14155550100@gw.example.com", "sip:+14155550100@[2001:db8::1]:5060;user=phone",
])
def test_a_number_is_found_however_the_carrier_spells_it(gateway, spelling):
    with DatagramCarrier(gateway) as carrier:
        assert carrier.call(uri=spelling).status == 302


@pytest.mark.parametrize("number, status, reason", [
    (FRONT_DESK, 480, "answer_mode"), (NOBODYS, 503, "unknown_number"),
])
def test_a_trunk_may_send_every_call_to_the_carriers_next_route(gateway, number, status, reason):
    call_id = unique()
    with DatagramCarrier(gateway, NEXT_ROUTE_CARRIER) as carrier:
        answer = carrier.call(number, call_id=call_id)
    assert (answer.status, answer["reason"]) == (status, f'SIP;cause={status};text="{reason}"')
    record = gateway.records_of(call_id)[0]
    assert (record["outcome"], record["reason"], record["status"]) == ("refused", reason, status)


def test_a_trunk_that_says_so_reads_the_number_from_the_to_field(gateway):
    with DatagramCarrier(gateway, TO_CARRIER) as carrier:
        answer = carrier.call("somebody", to=f"To: <sip:{FRONT_DESK}@example.com>")
    assert answer.status == 302


def test_the_source_decides_the_trunk_and_from_never_does(gateway):
    with DatagramCarrier(gateway, OTHER_CARRIER) as carrier:
        assert carrier.call(OTHER_ORGANIZATION).status == 302
        from_ = "From: <sip:carrier-a@127.0.0.1>;tag=1"
        assert carrier.call(FRONT_DESK, from_=from_).status == 404


@pytest.mark.parametrize("carrier_type", [DatagramCarrier, StreamCarrier])
def test_a_source_that_no_trunk_knows_hears_nothing(gateway, carrier_type):
    call_id = unique()
    before = gateway.metric("sip_unknown_source_total")
    with carrier_type(gateway, STRANGER) as carrier:
        for method in ("INVITE", "OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE"):
            carrier.send(carrier.request(method, call_id=call_id))
        assert carrier.receive(0.5) is None
    gateway.settle()
    assert not [row for row in gateway.records() if row["call_id"] == call_id]
    assert gateway.metric("sip_unknown_source_total") > before


@pytest.mark.parametrize("method, status", [
    ("REGISTER", 405), ("SUBSCRIBE", 405), ("MESSAGE", 405), ("BYE", 481), ("INFO", 481),
    ("PRACK", 481), ("UPDATE", 481), ("FOO", 501), ("CANCEL", 481), ("OPTIONS", 200),
])
def test_each_method_gets_the_answer_of_a_redirect_server(gateway, method, status):
    with DatagramCarrier(gateway) as carrier:
        answer = carrier.ask(carrier.request(method))
    assert answer.status == status
    if status in (405, 501):
        assert "INVITE" in answer["allow"]


def test_a_required_extension_that_nobody_knows_gets_420_with_its_name(gateway):
    with DatagramCarrier(gateway) as carrier:
        answer = carrier.call(extra=["Require: 100rel, teleport"])
    assert (answer.status, answer["unsupported"]) == (420, "teleport")


def test_max_forwards_0_gets_483_and_no_max_forwards_is_taken(gateway):
    with DatagramCarrier(gateway) as carrier:
        invite = carrier.request().replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
        assert carrier.ask(invite).status == 483
        invite = carrier.request().replace(b"Max-Forwards: 70\r\n", b"")
        assert carrier.ask(invite).status == 302


def test_the_fields_that_an_answer_repeats_are_byte_for_byte_those_of_the_request(gateway):
    with DatagramCarrier(gateway) as carrier:
        odd = 'From: "Ann \\"x\\"  \u00e9" <sip:+14155550111@127.0.0.1;a=%41>;tag=A-b.C'
        invite = carrier.request(from_=odd)
        answer = carrier.ask(invite)
    assert answer["from"] == odd.removeprefix("From: ")
    sent = invite.decode()
    for name in ("Call-ID", "CSeq"):
        line = next(line for line in sent.split("\r\n") if line.startswith(name))
        assert answer[name.lower()] == line.split(": ", 1)[1]


def test_sipsak_finds_the_gateway_ready(gateway):
    import subprocess

    from gateway import tool

    host, port = gateway.udp
    done = subprocess.run(
        [tool("sipsak"), "-s", f"sip:ping@{host}:{port}", "-v"],
        capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_call_that_keeps_coming_back_with_further_sequence_numbers_gets_482(gateway):
    """A carrier that follows our redirects back to us sends the same Call-ID (RFC 3261 §8.1.3.4)."""
    call_id = unique()
    with StreamCarrier(gateway) as carrier:
        answers = [carrier.ask(carrier.request(call_id=call_id, cseq=cseq, branch=unique("z9hG4bK")))
                   for cseq in range(1, 12)]
        assert [answer.status for answer in answers] == [302] * 10 + [482]
        assert answers[-1]["reason"] == 'SIP;cause=482;text="loop"'
        # Another call is none of its business.
        assert carrier.call().status == 302


def test_a_call_that_its_own_number_forwarded_six_times_gets_482(gateway):
    diversion = f"Diversion: <sip:{FRONT_DESK}@c.example.net>;reason=unconditional;counter="
    with DatagramCarrier(gateway) as carrier:
        assert carrier.call(extra=[diversion + "5"]).status == 302
        answer = carrier.call(extra=[diversion + "6"])
    assert (answer.status, answer["reason"]) == (482, 'SIP;cause=482;text="loop"')


def test_a_request_that_never_becomes_a_call_is_told_in_the_log_and_counted(start_gateway):
    gateway = start_gateway()
    with DatagramCarrier(gateway) as carrier:
        assert carrier.ask(carrier.request("OPTIONS")).status == 200
        invite = carrier.request(extra=["Require: nobody-knows"], call_id="told-in-the-log")
        assert carrier.ask(invite).status == 420
        carrier.send(invite)
        assert carrier.receive().status == 420
    line = wait_until(lambda: event(gateway, "request refused"), what="the line of the log")
    assert (line["status"], line["phrase"], line["method"], line["call_id"]) == (
        "420", "Bad Extension", "INVITE", "told-in-the-log")
    assert gateway.metric("sip_requests_refused_total") == 1
    assert gateway.records() == []


def test_a_source_that_no_trunk_allows_is_told_in_the_log_once_a_minute(start_gateway):
    gateway = start_gateway()
    with DatagramCarrier(gateway, STRANGER) as stranger:
        for _ in range(20):
            stranger.send(stranger.request())
        line = wait_until(lambda: event(gateway, "unknown source"), what="the line of the log")
        assert line["source"] == f"{STRANGER}:{stranger.port}"
        assert line["method"] == "INVITE"
        wait_until(lambda: gateway.metric("sip_unknown_source_total") == 20, what="all are counted")
    assert gateway.log().count("unknown source") == 1


def event(gateway, name):
    return next((line for line in gateway.log_lines() if line.get("event") == name), None)
