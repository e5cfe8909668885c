"""Where answers go, how streams are cut, which listener serves what, and calls across a restart."""

import signal
import socket
import subprocess
import threading
import time

import pytest

from carriers import SCENARIOS, Outcome, free_port
from directory import CARRIER, FRONT_DESK
from gateway import tool, wait_until
from sip import DatagramCarrier, StreamCarrier, acknowledgement, unique
from webhook import VOICE, Twilio, parameters


# Answers over UDP (RFC 3261 §18.2.2, RFC 3581)


def via(carrier, sent_by, parameters_):
    data = carrier.request()
    lines = data.split(b"\r\n")
    branch = unique("z9hG4bK")
    lines[1] = f"Via: SIP/2.0/UDP {sent_by};branch={branch}{parameters_}".encode()
    return b"\r\n".join(lines)


def test_with_rport_the_answer_comes_back_to_the_port_of_the_source(gateway):
    with DatagramCarrier(gateway) as carrier:
        answer = carrier.ask(via(carrier, "pbx.invalid:9", ";rport"))
    assert f"rport={carrier.port}" in answer["via"]
    assert f"received={CARRIER}" in answer["via"]


def test_without_rport_the_answer_goes_to_the_port_of_the_via(gateway):
    with DatagramCarrier(gateway) as carrier, DatagramCarrier(gateway) as listener:
        carrier.send(via(carrier, f"{CARRIER}:{listener.port}", ""))
        assert listener.receive().status == 302
        assert carrier.receive(0.1) is None


# Sent-by, parameters, and whether the answer comes to the port that asked or to that of sent-by.
VIAS = {
    "a name": ("client.invalid:{port}", "", "sent-by"), "the source": ("{source}:{port}", "", "sent-by"),
    "another host": ("192.0.2.1:{port}", "", "sent-by"), "IPv6": ("[2001:db8::1]:{port}", "", "sent-by"),
    "rport": ("192.0.2.1:{port}", ";rport", "asker"), "rport with a value": ("192.0.2.1:{port}", ";rport=9", "asker"),
    "received": ("192.0.2.1:{port}", ";received=192.0.2.7", "sent-by"),
    "received and rport": ("192.0.2.1:{port}", ";rport;received=192.0.2.7", "asker"),
    "maddr": ("192.0.2.1:{port}", ";maddr=192.0.2.9;ttl=1", "sent-by"),
}


@pytest.mark.parametrize("via_kind", VIAS)
@pytest.mark.parametrize("source, carrier_type", [
    (CARRIER, DatagramCarrier), ("::1", DatagramCarrier), (CARRIER, StreamCarrier), ("::1", StreamCarrier)],
    ids=["udp", "udp6", "tcp", "tcp6"])
def test_nine_kinds_of_via_lead_the_answer_back(gateway, via_kind, source, carrier_type):
    """B7: always to the address that asked, on a stream by its connection."""
    sent_by, parameters_, expected = VIAS[via_kind]
    with carrier_type(gateway, source) as carrier, DatagramCarrier(gateway, source) as listener:
        shown = f"[{source}]" if ":" in source else source
        lines = carrier.request().split(b"\r\n")
        place = sent_by.format(port=listener.port, source=shown)
        lines[1] = f"Via: SIP/2.0/{carrier.transport} {place};branch={unique('z9hG4bK')}{parameters_}".encode()
        carrier.send(b"\r\n".join(lines))
        at_asker = carrier_type is StreamCarrier or expected == "asker"
        answer = (carrier if at_asker else listener).receive()
        assert answer.status == 302
        # RFC 5118 §4.5: an address of IPv6 has no brackets there.
        assert f"received={source}" in answer["via"] and "192.0.2.7" not in answer["via"]
        assert ("rport=%d" % carrier.port in answer["via"]) == ("rport" in parameters_)
        assert (listener if at_asker else carrier).receive(0.05) is None


def test_a_carrier_on_our_host_may_send_from_the_number_of_one_of_our_tcp_ports(gateway):
    for _, port in (gateway.http, gateway.tcp):
        with DatagramCarrier(gateway, source_port=port) as carrier:
            assert carrier.call().status == 302


def test_the_via_of_an_answer_is_that_of_the_request_with_received_added_and_the_others_kept(gateway):
    with DatagramCarrier(gateway) as carrier:
        second = "Via: SIP/2.0/UDP inner.example.com:5070;branch=z9hG4bKinner;x=y"
        data = carrier.request().replace(b"Max-Forwards", second.encode() + b"\r\nMax-Forwards")
        answer = carrier.ask(data)
    assert len(answer.all("via")) == 2
    assert answer.all("via")[1] == second.removeprefix("Via: ")


def test_two_hundred_carriers_at_once_each_get_their_own_answer(gateway):
    carriers = [DatagramCarrier(gateway) for _ in range(200)]
    invites = [carrier.request() for carrier in carriers]
    for carrier, invite in zip(carriers, invites):
        carrier.send(invite)
    for carrier, invite in zip(carriers, invites):
        answer = carrier.receive()
        assert answer.status == 302
        assert f"Call-ID: {answer['call-id']}".encode() in invite
        carrier.send(acknowledgement(invite, answer))
        carrier.socket.close()


def test_an_answer_that_no_datagram_holds_is_counted_and_the_next_call_is_served(gateway):
    before = gateway.metric("sip_answers_unsent_total")
    with DatagramCarrier(gateway) as carrier:
        # The answer has these Via values too, and more of its own than the request has.
        hops = [f"Via: SIP/2.0/UDP hop{hop}.example.com;branch=z9hG4bK{'x' * 3_000}" for hop in range(20)]
        hops[-1] += "x" * (65_500 - len(carrier.request(body="", extra=hops)))
        carrier.send(carrier.request(body="", extra=hops))
        wait_until(lambda: gateway.metric("sip_answers_unsent_total") > before, "the answer's end")
        assert carrier.call().status == 302


# Streams


def test_requests_in_one_segment_are_answered_one_by_one(gateway):
    with StreamCarrier(gateway) as carrier:
        invites = [carrier.request() for _ in range(20)]
        carrier.send(b"".join(invites))
        for invite in invites:
            answer = carrier.receive()
            assert answer.status == 302
            assert f"Call-ID: {answer['call-id']}".encode() in invite


def test_no_via_keeps_an_answer_from_the_connection_that_asked(gateway):
    """Port 0, and the port of our own datagram socket, which no datagram would be sent to."""
    with StreamCarrier(gateway) as carrier:
        for port in (0, gateway.udp[1]):
            invite = carrier.request().replace(b":%d;branch" % carrier.port, b":%d;branch" % port)
            assert carrier.ask(invite).status == 302


def test_a_request_that_comes_octet_by_octet_is_answered(gateway):
    with StreamCarrier(gateway) as carrier:
        carrier.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in carrier.request():
            carrier.send(bytes([octet]))
        assert carrier.receive().status == 302


def test_a_double_line_break_is_a_ping_and_gets_a_single_one(gateway):
    with StreamCarrier(gateway) as carrier:
        carrier.send(b"\r\n\r\n")
        carrier.socket.settimeout(2)
        assert carrier.socket.recv(16) == b"\r\n"
        assert carrier.call().status == 302


def test_line_breaks_between_messages_are_ignored(gateway):
    with StreamCarrier(gateway) as carrier:
        carrier.send(b"\r\n" + carrier.request())
        assert carrier.receive().status == 302


def test_what_is_no_sip_closes_the_stream_without_a_word(gateway):
    with StreamCarrier(gateway) as carrier:
        carrier.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert carrier.receive() is None and carrier.ended


@pytest.mark.parametrize("stray", [b"GET / HTTP/1.1\r\n\r\n", b"a=rtpmap:31 LPC\r\n", b"\x16\x03\x01"])
def test_what_is_no_sip_takes_no_answer_from_the_call_before_it(gateway, stray):
    """In the same segment, as it comes where a body is longer than the carrier says."""
    with StreamCarrier(gateway) as carrier:
        assert carrier.ask(carrier.request() + stray).status == 302
        assert carrier.receive() is None and carrier.ended


def test_a_stream_without_a_message_is_closed_after_its_time(start_gateway):
    gateway = start_gateway(configuration={"sip": {"stream_idle": "1s"}})
    with StreamCarrier(gateway) as carrier:
        assert carrier.call().status == 302
        assert carrier.receive() is None and carrier.ended


def test_one_address_opens_no_more_streams_than_it_may(start_gateway):
    gateway = start_gateway(configuration={"sip": {"connections_per_address": 5}, "loops": 1})
    carriers = [StreamCarrier(gateway) for _ in range(8)]
    open_ones = 0
    for carrier in carriers:
        try:
            carrier.send(carrier.request())
            open_ones += carrier.receive() is not None
        except ConnectionError:
            pass
        carrier.socket.close()
    assert open_ones == 5
    assert gateway.metric("connections_refused_total") == 3


def test_a_carrier_that_never_reads_does_not_fill_memory(gateway):
    memory = gateway.resident_bytes()
    with StreamCarrier(gateway) as carrier:
        carrier.socket.settimeout(0.5)
        try:
            for _ in range(20_000):
                carrier.send(carrier.request("OPTIONS"))
        except (TimeoutError, socket.timeout, ConnectionError):
            pass
        assert gateway.resident_bytes() - memory < 16 << 20
        with StreamCarrier(gateway) as other:
            assert other.call().status == 302


# Listeners


def test_each_http_listener_serves_only_what_it_is_for(start_gateway):
    gateway = start_gateway(configuration={"listeners": [
        {"protocol": "http", "address": "127.0.0.1:0", "serves": ["calls"]},
        {"protocol": "http", "address": "127.0.0.2:0", "serves": ["operations"]},
    ]})
    calls, operations = [address for _, address in gateway.listeners]
    assert Twilio(gateway).voice().status == 200
    assert gateway.get("/metrics").status == 404
    gateway.listeners.reverse()
    assert (gateway.http, operations) == (operations, operations) and calls != operations
    assert gateway.get("/metrics").status == 200
    assert Twilio(gateway).post(VOICE, parameters()).status == 404


# Calls across a restart


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "restart"])
def test_carriers_retransmissions_carry_all_calls_over_a_restart(start_gateway, tmp_path, number):
    port = free_port(CARRIER)
    gateway = start_gateway(configuration={
        "listeners": [
            {"protocol": "sip", "transport": "udp", "address": f"127.0.0.1:{port}"},
            {"protocol": "http", "address": "127.0.0.1:0"},
        ],
        "drain": {"timeout": "100ms"},
    })
    statistics = tmp_path / "restart.csv"
    carrier = subprocess.Popen(
        [tool("sipp"), f"127.0.0.1:{port}", "-sf", str(SCENARIOS / "redirected-or-later.xml"),
         "-s", FRONT_DESK, "-i", CARRIER, "-bind_local",
         "-p", str(free_port(CARRIER)), "-ci", "127.0.0.1", "-m", "1500", "-r", "300",
         "-l", "5000", "-nostdin", "-trace_stat", "-stf", str(statistics), "-fd", "1",
         "-timeout", "40s", "-timeout_error", "-max_socket", "1000"],
        cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.5)
        gateway.kill(number)
        gateway.launch()
        carrier.wait(50)
    finally:
        if carrier.poll() is None:
            carrier.kill()
            carrier.wait(5)
    outcome = Outcome(carrier.returncode, statistics, "")
    assert (outcome.successful, outcome.failed) == (1_500, 0)


def test_calls_by_both_doors_from_eight_threads_leave_exactly_one_record_each(start_gateway):
    gateway = start_gateway()
    errors = []

    def place(index):
        try:
            if index % 2:
                twilio = Twilio(gateway)
                for _ in range(100):
                    assert twilio.voice().status == 200
            else:
                with DatagramCarrier(gateway) as carrier:
                    for _ in range(100):
                        assert carrier.call().status == 302
        except AssertionError as error:
            errors.append(error)

    threads = [threading.Thread(target=place, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not errors
    wait_until(lambda: len(gateway.records()) >= 800, "800 records")
    gateway.settle()
    rows = gateway.records()
    assert len(rows) == 800 and len({row["id"] for row in rows}) == 800
