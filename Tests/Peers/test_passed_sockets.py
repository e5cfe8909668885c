"""Sockets that a service manager holds: one for each loop, and no datagram lost across a restart."""

import socket
import threading
import time

import pytest

from gateway import Gateway
from sip import DatagramCarrier, StreamCarrier, acknowledgement


def held_sockets(kind, count):
    """As many as there are loops, on one address that the kernel chooses (ReusePort=yes)."""
    sockets, address = [], ("127.0.0.1", 0)
    for _ in range(count):
        sockets.append(socket.socket(socket.AF_INET, kind))
        sockets[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sockets[-1].bind(address)
        address = sockets[-1].getsockname()
        if kind == socket.SOCK_STREAM:
            sockets[-1].listen(1_024)
    return sockets


@pytest.mark.parametrize("loops, told", [
    (0, "loops=3"), (3, "loops=3"), (2, "set loops: 3"), (4, "set loops: 3")])
def test_there_are_as_many_loops_as_sockets_were_passed_or_the_start_says_so(tmp_path, loops, told):
    """A loop without a socket answers nobody, and the watchdog would end the daemon for it."""
    datagrams = held_sockets(socket.SOCK_DGRAM, 3)
    gateway = Gateway(tmp_path, configuration={"loops": loops, "listeners": [
        {"protocol": "sip", "transport": "udp", "address": "%s:%d" % datagrams[0].getsockname()}]})
    gateway.held = datagrams
    try:
        gateway.start()
    except AssertionError as error:
        assert loops in (2, 4) and told in str(error)
    else:
        assert loops in (0, 3) and told in gateway.log()
    finally:
        gateway.kill()
        for one in datagrams:
            one.close()


def test_a_restart_with_sockets_of_the_service_manager_loses_no_datagram(tmp_path):
    """J5: calls that come between two processes wait in the kernel; none has to be sent twice."""
    datagrams, streams = held_sockets(socket.SOCK_DGRAM, 2), held_sockets(socket.SOCK_STREAM, 2)
    web = held_sockets(socket.SOCK_STREAM, 2)
    address = "{}:{}".format
    gateway = Gateway(tmp_path, configuration={"listeners": [
        {"protocol": "sip", "transport": "udp", "address": address(*datagrams[0].getsockname())},
        {"protocol": "sip", "transport": "tcp", "address": address(*streams[0].getsockname())},
        {"protocol": "http", "address": address(*web[0].getsockname())},
    ]})
    gateway.held = datagrams + streams + web
    try:
        gateway.start()
        over, answered, lost = threading.Event(), [], []

        def call():
            with DatagramCarrier(gateway) as carrier:
                while not over.is_set():
                    invite = carrier.request()
                    carrier.send(invite)
                    answer = carrier.receive()
                    (answered if answer and answer.status == 302 else lost).append(invite)
                    if answer:
                        carrier.send(acknowledgement(invite, answer))

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for _ in range(4):
            time.sleep(0.3)
            assert gateway.stop() == 0
            # Whoever calls now finds nobody, and is answered by the next process.
            with StreamCarrier(gateway) as carrier:
                carrier.send(carrier.request())
                gateway.launch()
                assert carrier.receive().status == 302
        time.sleep(0.3)
        over.set()
        for thread in threads:
            thread.join()
        assert not lost and len(answered) > 50
        gateway.settle()
        ids = {row["call_id"] for row in gateway.records()}
        assert len(ids) == len(answered) + 4
        assert "handing over" in gateway.log()
    finally:
        gateway.kill()
    gateway.configuration["listeners"].pop()
    gateway.configure(gateway.configuration)
    with pytest.raises(AssertionError, match="no listener names"):
        gateway.launch()
