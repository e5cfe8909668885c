"""Seeded mutations of good messages through the real sockets; then the next good call is answered."""

import os
import random
import socket

import pytest

from directory import CARRIER, FRONT_DESK
from gateway import wait_until
from http_wire import Wire
from sip import DatagramCarrier, StreamCarrier, assert_still_serving, request, reset
from webhook import VOICE, Twilio, parameters

SEED = int(os.environ.get("TRUNKLINE_SEED", "20261121"))
DATAGRAMS = int(os.environ.get("TRUNKLINE_BAD_DATAGRAMS", "100000"))
CONNECTIONS = int(os.environ.get("TRUNKLINE_BAD_CONNECTIONS", "2000"))

TOKENS = [
    b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b";", b",", b"<", b">", b"\"", b"\\", b"%",
    b"%00", b"=", b"@", b"[", b"]", b"?", b"&", b"-1", b"0", b"4294967296", b"18446744073709551616", b"9" * 64,
    b"SIP/2.0", b"INVITE", b"ACK", b"CANCEL", b"z9hG4bK", b"\xff\xfe", b"\xc3\x28", b"Via: ", b"To: ", b"tag=",
    b"Content-Length: ", b"l: ", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1", b"a" * 300, b"\r\n ", b"sip:", b"tel:",
]


@pytest.fixture(scope="module")
def gateway(start_module_gateway):
    return start_module_gateway(configuration={
        "sip": {"t1": "20ms", "t2": "40ms", "t4": "100ms"},
        "http": {"connections_per_address": 100_000},
    })


def mutated(data, dice, seeds):
    """One to four changes: octets, tokens, cuts, repeats, and ends of other messages."""
    data = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.choice((1, 1, 2, 8, 40)))
        kind = dice.randrange(7)
        if kind == 0 and at < len(data):
            data[at] = dice.randrange(256)
        elif kind == 1:
            data[at:end] = b""
        elif kind == 2:
            data[at:at] = dice.choice(TOKENS)
        elif kind == 3:
            data[at:end] = dice.choice(TOKENS)
        elif kind == 4:
            data[at:at] = data[at:end] * dice.choice((1, 2, 50))
        elif kind == 5 and dice.random() < 0.3:
            del data[at:]
        else:
            other = dice.choice(seeds)
            data[at:] = other[dice.randrange(len(other)):]
        if not data:
            return b"\x00"
    return bytes(data[:60_000])


def seeds(carrier):
    """Good messages of every kind to start from."""
    over = [
        {}, {"body": ""}, {"uri": "tel:+14155550100;phone-context=+1"},
        {"uri": "sip:+14155550100;npdi;rn=+14155550100@[2001:db8::1]:5060;user=phone"},
        {"extra": ["P-Asserted-Identity: \"A, B\" <sip:+14155550111@a>, <tel:+14155550111>", "Privacy: id",
                   "Diversion: <sip:+14155550122@a>;reason=no-answer;counter=1", "Require: 100rel",
                   "History-Info: <sip:a@b>;index=1", "Identity: aaa.bbb.ccc;info=<https://a/b>;alg=ES256"]},
        {"extra": ["Route: <sip:a;lr>", "Record-Route: <sip:a;lr>", "Supported: timer, 100rel",
                   "Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\""]},
    ]
    found = [carrier.request(**each) for each in over]
    return found + [carrier.request(method) for method in ("OPTIONS", "CANCEL", "ACK", "BYE", "REGISTER", "FOO")]


def test_mutated_datagrams_never_end_the_daemon_nor_grow_it_without_bound(gateway):
    dice = random.Random(SEED)
    memory = gateway.resident_bytes()
    received = gateway.metric("sip_datagrams_received_total")
    with DatagramCarrier(gateway) as carrier:
        carrier.socket.setblocking(False)
        good = seeds(carrier)
        for index in range(DATAGRAMS):
            data = mutated(good[index % len(good)], dice, good)
            try:
                carrier.socket.sendto(data, carrier.target)
            except (BlockingIOError, OSError):
                pass
            if index % 64 == 0:
                drain(carrier.socket)
            if index % 400 == 0:
                let_it_catch_up(gateway, received + index * 0.99)
                if index % 6_400 == 0:
                    assert gateway.is_alive, f"seed {SEED}, datagram {index}: {gateway.log()[-2000:]}"
                    good = seeds(carrier)
    assert_recovers(gateway)
    # Those that the kernel dropped have tested nothing.
    assert gateway.metric("sip_datagrams_received_total") - received > DATAGRAMS * 0.9
    assert gateway.resident_bytes() - memory < 192 << 20
    wait_until(lambda: gateway.metric("sip_transactions") == 0, "the end of all transactions")


def let_it_catch_up(gateway, count):
    """Waits a moment for what is on its way, so that the kernel's queue does not overflow."""
    wait_until(lambda: gateway.metric("sip_datagrams_received_total")
               + gateway.metric("sip_datagrams_dropped_total") >= count, "what was sent")


def drain(connection):
    try:
        while True:
            connection.recv(65_535)
    except (BlockingIOError, ConnectionError):
        pass


def assert_recovers(gateway):
    def answered():
        with DatagramCarrier(gateway) as carrier:
            carrier.send(carrier.request("OPTIONS"))
            return carrier.receive(4)
    wait_until(answered, "an answer after the flood")
    assert_still_serving(gateway)


def test_mutated_messages_on_streams_never_end_the_daemon(gateway):
    dice = random.Random(SEED + 1)
    memory = gateway.resident_bytes()
    for index in range(CONNECTIONS):
        with StreamCarrier(gateway) as carrier:
            good = seeds(carrier)
            data = b"".join(mutated(dice.choice(good), dice, good) for _ in range(dice.choice((1, 2, 5))))
            try:
                cut = dice.randrange(len(data))
                carrier.send(data[:cut])
                carrier.send(data[cut:])
                if index % 2:
                    carrier.socket.shutdown(socket.SHUT_WR)
                    while carrier.receive():
                        pass
                    assert carrier.ended, f"seed {SEED}, connection {index} is still open"
            except (ConnectionError, OSError):
                pass
            if dice.random() < 0.3:
                reset(carrier.socket)
        assert index % 200 or gateway.is_alive, f"seed {SEED}, connection {index}"
    assert_recovers(gateway)
    assert gateway.resident_bytes() - memory < 64 << 20


def test_mutated_webhooks_never_end_the_daemon_and_are_never_routed_unsigned(gateway):
    from urllib.parse import urlencode

    dice = random.Random(SEED + 2)
    twilio = Twilio(gateway)
    before = gateway.metrics()
    form = parameters()
    body = urlencode(form)
    head = (f"POST {VOICE} HTTP/1.1\r\nHost: gw.example.com\r\nX-Twilio-Signature: AAAA\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n")
    chunks = f"{len(body):x};x=y\r\n{body}\r\n0\r\nTrailer: 1\r\n\r\n"
    good = [
        (head + f"Content-Length: {len(body)}\r\n\r\n" + body).encode(),
        (head + "Transfer-Encoding: chunked\r\n\r\n" + chunks).encode(),
        f"GET {VOICE}?{body} HTTP/1.1\r\nHost: a\r\nX-Twilio-Signature: x\r\n\r\n".encode(),
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n" * 3,
    ]
    for index in range(CONNECTIONS):
        with Wire(gateway) as wire:
            try:
                wire.send(mutated(dice.choice(good), dice, good))
                if index % 4 == 0:
                    wire.socket.shutdown(socket.SHUT_WR)
                    wire.read(seconds=1)
            except (ConnectionError, OSError):
                pass
        assert index % 200 or gateway.is_alive, f"seed {SEED}, connection {index}"
    after = gateway.metrics()
    for name in ("trunkline_calls_answered_total", "trunkline_calls_refused_total"):
        assert after[name] == before[name]
    assert twilio.voice().status == 200
    assert_recovers(gateway)


@pytest.mark.parametrize("message", [
    b"A" * 65_000, b"\x00" * 65_000, b"\r\n" * 32_000, b":" * 65_000, b"Via: a\r\n" * 8_000,
    b"INVITE sip:" + b"(" * 60_000, b"INVITE " + b"%" * 60_000, b"\xff" * 65_000, b"",
], ids=["A", "NUL", "CRLF", "colons", "Vias", "parentheses", "percents", "0xff", "nothing"])
def test_a_datagram_of_one_repeated_octet_is_over_at_once(gateway, message):
    with DatagramCarrier(gateway) as carrier:
        carrier.send(message)
        before = gateway.cpu_seconds()
        assert carrier.call().status == 302
        assert gateway.cpu_seconds() - before < 0.2


def test_every_beginning_of_a_message_on_a_stream_waits_for_its_end(gateway):
    whole = request(transport="TCP", call_id="prefixes")
    for end in range(1, len(whole), 7):
        with StreamCarrier(gateway, CARRIER) as carrier:
            data = carrier.request(number=FRONT_DESK)
            carrier.send(data[:end])
            carrier.send(data[end:])
            answer = carrier.receive()
            assert answer and answer.status == 302, end
