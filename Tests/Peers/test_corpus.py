"""Every message of the lists, whole and cut short, over each transport."""

import re
import socket
import time

import pytest

from corpus import messages, torture
from directory import CARRIER, STRANGER, TO_CARRIER
from gateway import wait_until
from sip import DatagramCarrier, StreamCarrier, assert_still_serving, unique


# Beginnings


@pytest.fixture(scope="module")
def quick(start_module_gateway):
    """Forgets un-ACKed answers soon, and takes many connections from one address."""
    return start_module_gateway(configuration={
        "sip": {"t1": "20ms", "t2": "40ms", "t4": "100ms", "connections_per_address": 20_000}})


def send_prefixes(gateway, source, lengths):
    """The prefixes of every message up to `lengths` octets, as datagrams that all arrive; how many there were."""
    def received():
        return gateway.metric("sip_datagrams_received_total")

    before, sent, octets = received(), 0, 0
    with DatagramCarrier(gateway, source) as carrier:
        for data in messages(host=source, port=carrier.port):
            if len(data) > lengths:
                continue
            for end in range(1, len(data) + 1, 1 if len(data) < 10_000 else 97):
                carrier.socket.sendto(data[:end], carrier.target)
                sent, octets = sent + 1, octets + end + 400
                # Less than the kernel keeps for a socket whose loop gets no processor.
                if octets > 100_000:
                    octets = 0
                    wait_until(lambda: received() - before >= sent, "those sent so far")
    wait_until(lambda: received() - before >= sent, "all of them")
    assert gateway.metric("sip_datagrams_dropped_total") == 0
    return sent


@pytest.mark.parametrize("source", [CARRIER, STRANGER])
def test_every_prefix_of_every_message_is_survived_as_a_datagram(quick, source):
    """C3; messages of up to 1,000 octets here, all of them in endurance.py."""
    memory = quick.resident_bytes()
    assert send_prefixes(quick, source, 1_000) > 40_000
    assert_still_serving(quick)
    assert quick.resident_bytes() - memory < 50 << 20


def hold_prefixes(gateway, prefixes, seconds):
    """Keeps one connection open for each prefix; the share of one core that the daemon takes meanwhile."""
    held = []
    for data in prefixes:
        connection = socket.create_connection(gateway.tcp, timeout=5)
        try:
            connection.sendall(data)
        except ConnectionError:
            pass
        held.append(connection)
    time.sleep(0.3)
    before = gateway.cpu_seconds()
    time.sleep(seconds)
    share = (gateway.cpu_seconds() - before) / seconds
    for connection in held:
        connection.close()
    return share


def test_prefixes_that_are_held_open_on_streams_cost_nothing(quick):
    """C3: 600 connections here, one for every prefix of every message in endurance.py."""
    everything = [data[:end] for data in messages(transport="TCP") if len(data) < 2_000
                  for end in range(1, len(data))]
    chosen = everything[::len(everything) // 600]
    # endurance.py holds all of them to 0.02; one busy thread would be 1.
    assert hold_prefixes(quick, chosen, 3) < 0.1
    assert_still_serving(quick)


# Torture


def first_answer(gateway, data, source, kind):
    """The status of the first answer to a message alone on its connection, or from the port that its Via names."""
    # Several share a branch: without one of its own, a message would be a retransmission of another.
    name = unique("each").encode()
    data = data.replace(b"z9hG4bK", b"z9hG4bK" + name).replace(b"390skdjuw", name)
    if kind == "datagram":
        via = re.search(rb"(?im)^(?:via|v)\s*:\s*([^\r]*)", data)
        port = re.match(rb"[^;]*?[^:]:(\d+)\s*(?:;|$)", via.group(1)) if via else None
        tls = via and re.match(rb"SIP\s*/\s*2.0\s*/\s*TLS", via.group(1))
        call_id = re.search(rb"(?im)^(?:call-id|i)\s*:\s*(\S+)", data)
        with DatagramCarrier(gateway, source, int(port.group(1)) if port else 5_061 if tls else 5_060) as carrier:
            carrier.send(data)
            # The answer to what comes behind it says that there was none.
            carrier.send(carrier.request("OPTIONS", call_id="behind"))
            while (answer := carrier.receive()).all("call-id") != ["behind"]:
                # An answer to one before, which nobody acknowledged, comes again.
                if name in answer.data or call_id and call_id.group(1) in answer.data:
                    return answer.status
            return None
    with StreamCarrier(gateway, source) as carrier:
        carrier.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in ([data] if kind == "stream" else [data[at:at + 1] for at in range(len(data))]):
                carrier.send(piece)
            carrier.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = carrier.receive()
        return answer and answer.status


@pytest.mark.parametrize("source", [TO_CARRIER, "::1"])
def test_every_torture_message_gets_the_same_on_each_transport(quick, source):
    """A1, A2: as a datagram, alone on a connection, and there octet by octet, over IPv4 and IPv6."""
    statuses = {}
    for data in torture():
        found = {kind: first_answer(quick, data, source, kind) for kind in ("datagram", "stream", "octets")}
        assert found["stream"] == found["octets"], (data, found)
        # These announce more than they bring here: a stream has to wait for the rest.
        if b"clerr" not in data and b"Content-Length: 553" not in data:
            assert found["datagram"] == found["stream"], (data, found)
        statuses[data] = found["datagram"]
    assert {405, 481, 400, 416, 420, 415, 501, 505, 200, None} <= set(statuses.values())
    silent = [data for data, status in statuses.items() if status is None]
    assert len([data for data in silent if data.startswith(b"SIP/2.0")]) == 5
    assert_still_serving(quick)
