"""Raw HTTP: octets out, octets in, as somebody would send them who has read no RFC."""

import re
import socket

from gateway import PATIENCE


class Wire:
    """One TCP connection to the HTTP listener."""

    def __init__(self, gateway):
        self.socket = socket.create_connection(gateway.http, timeout=PATIENCE)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self, until=None, seconds=PATIENCE):
        """Reads until `until` is there, the peer closes, or time is up; all that came so far."""
        self.socket.settimeout(seconds)
        while until is None or until not in self.received:
            try:
                data = self.socket.recv(65_536)
            except (TimeoutError, socket.timeout):
                break
            except ConnectionError:
                data = b""
            if not data:
                self.closed = True
                break
            self.received += data
        return self.received

    closed = False


def exchange(gateway, data, pieces=None, seconds=PATIENCE):
    """Sends `data`, whole or in `pieces`, and returns all that comes until the peer closes."""
    with Wire(gateway) as wire:
        try:
            for piece in pieces or [data]:
                wire.send(piece)
        except ConnectionError:
            pass
        return wire.read(seconds=seconds), wire.closed


def statuses(data):
    """The status codes of the answers in `data`."""
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


def get(path="/healthz", *fields, method="GET", body=""):
    lines = [f"{method} {path} HTTP/1.1", "Host: gw.example.com", *fields, "", body]
    return "\r\n".join(lines).encode()


def ways_of_cutting(data):
    """Whole, line by line, and octet by octet."""
    yield "whole", [data]
    yield "lines", [line + b"\n" for line in data.split(b"\n")[:-1]] + [data.rsplit(b"\n", 1)[-1]]
    yield "octets", [data[index:index + 1] for index in range(len(data))]
