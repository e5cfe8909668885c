"""SIP as text: requests with every field in sight, sockets, and what comes back."""

import itertools
import os
import socket
import struct
import time

from directory import CARRIER, FRONT_DESK
from gateway import PATIENCE

serial = itertools.count(1)


def unique(prefix="call"):
    return f"{prefix}-{os.getpid()}-{next(serial)}-{os.urandom(4).hex()}"


def request(method="INVITE", number=FRONT_DESK, transport="UDP", host=CARRIER, port=5060, **over):
    """A request as a carrier sends it. Keywords replace single fields, `extra` adds lines."""
    call_id = over.get("call_id") or unique()
    branch = over.get("branch") or f"z9hG4bK-{call_id}"
    uri = over.get("uri") or f"sip:{number}@gw.example.com"
    shown = f"[{host}]" if ":" in host else host
    sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    sdp += "m=audio 4000 RTP/AVP 0 8\r\n"
    body = over.get("body", sdp if method == "INVITE" else "")
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/{transport} {shown}:{port};branch={branch};rport",
        "Max-Forwards: 70",
        over.get("from_", f"From: \"Ann\" <sip:+14155550111@{shown}>;tag={call_id[-8:]}"),
        over.get("to", f"To: <{uri}>"),
        f"Call-ID: {call_id}",
        f"CSeq: {over.get('cseq', 1)} {over.get('cseq_method', method)}",
        f"Contact: <sip:+14155550111@{shown}:{port}>",
        *over.get("extra", []),
    ]
    if body:
        lines.append("Content-Type: application/sdp")
    lines.append(over.get("length", f"Content-Length: {len(body.encode())}"))
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def acknowledgement(invite, response):
    """RFC 3261 §17.1.1.3: the branch of the INVITE and the To of the answer."""
    kept = {line.split(":", 1)[0]: line for line in invite.decode().split("\r\n") if ":" in line}
    uri = invite.decode().split(" ")[1]
    lines = [f"ACK {uri} SIP/2.0", kept["Via"], "Max-Forwards: 70", kept["From"]]
    lines += [f"To: {response['to']}", kept["Call-ID"], "CSeq: 1 ACK", "Content-Length: 0"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Response:
    """One answer: `status`, `headers` in order, `response[name]` for the first of a name."""

    def __init__(self, data):
        self.data = data
        head, _, self.body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("utf-8", "replace").split("\r\n")
        version, status, _ = first.split(" ", 2)
        assert version == "SIP/2.0", first
        self.status = int(status)
        self.headers = []
        for line in lines:
            name, colon, value = line.partition(":")
            assert colon, f"not a field: {line!r}"
            self.headers.append((name.strip().lower(), value.strip()))

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def __getitem__(self, name):
        values = self.all(name)
        assert values, f"no {name} in {self.data!r}"
        return values[0]

    def get(self, name):
        return (self.all(name) or [None])[0]


def reset(connection):
    """Ends a TCP connection with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Carrier:
    """A carrier at a loopback address; a transport says how octets go and come."""

    def __init__(self, kind, transport, source, source_port=0):
        self.ipv6 = ":" in source
        self.transport = transport
        self.socket = socket.socket(socket.AF_INET6 if self.ipv6 else socket.AF_INET, kind)
        self.socket.bind((source, source_port))
        self.source = source
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def request(self, method="INVITE", number=FRONT_DESK, **over):
        return request(method, number, self.transport, self.source, self.port, **over)

    def ask(self, data, seconds=PATIENCE):
        self.send(data)
        answer = self.receive(seconds)
        assert answer, f"no answer to {data[:200]!r}"
        return answer

    def call(self, number=FRONT_DESK, **over):
        """INVITE, answer, ACK; returns the answer."""
        invite = self.request(number=number, **over)
        answer = self.ask(invite)
        self.send(acknowledgement(invite, answer))
        return answer

    def answers_until_silence(self, silence=0.3):
        found = []
        while answer := self.receive(silence):
            found.append(answer)
        return found

    def all_answers(self):
        """Every answer to what was sent so far: what comes before the answer to one OPTIONS more.

        All datagrams of one socket go to one loop, in order. For sources that get answers at all.
        """
        mark = unique("mark")
        answer, found = self.ask(self.request("OPTIONS", call_id=mark)), []
        while answer.get("call-id") != mark:
            found.append(answer)
            answer = self.receive()
            assert answer, "no answer to the OPTIONS behind it all"
        return found


class DatagramCarrier(Carrier):
    """A carrier that talks UDP."""

    def __init__(self, gateway, source=CARRIER, source_port=0):
        super().__init__(socket.SOCK_DGRAM, "UDP", source, source_port)
        self.target = gateway.address("sip/udp", self.ipv6)

    def send(self, data):
        self.socket.sendto(data, self.target)

    def receive(self, seconds=PATIENCE):
        """The next answer, or None when none comes in time."""
        self.socket.settimeout(seconds)
        try:
            return Response(self.socket.recv(65_535))
        except (TimeoutError, socket.timeout):
            return None


class StreamCarrier(Carrier):
    """A carrier with one TCP connection."""

    def __init__(self, gateway, source=CARRIER):
        super().__init__(socket.SOCK_STREAM, "TCP", source)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(gateway.address("sip/tcp", self.ipv6))
        self.pending = b""
        self.ended = False

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, seconds=PATIENCE):
        """The next whole answer; None when time is up or the connection has ended."""
        deadline = time.monotonic() + seconds
        while True:
            if response := self.take():
                return response
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self.socket.recv(65_536)
            except (TimeoutError, socket.timeout):
                return None
            except ConnectionError:
                data = b""
            if not data:
                self.ended = True
                return None
            self.pending += data

    def take(self):
        head, found, rest = self.pending.partition(b"\r\n\r\n")
        if not found or not head.startswith(b"SIP/2.0 "):
            return None
        length = int(Response(head + b"\r\n\r\n")["content-length"])
        if len(rest) < length:
            return None
        self.pending = rest[length:]
        return Response(head + found + rest[:length])


def assert_still_serving(gateway):
    """A good call is answered on every transport, and a webhook path as well."""
    from webhook import Twilio

    assert gateway.is_alive, gateway.log()[-2000:]
    for source in (CARRIER, "::1"):
        for carrier_type in (DatagramCarrier, StreamCarrier):
            with carrier_type(gateway, source) as carrier:
                invite = carrier.request()
                # As a carrier does (RFC 3261 §17.1.1.2): what a flood has pushed out comes again.
                for seconds in (0.5, 1, 2, 4, 8, 16):
                    if carrier_type is DatagramCarrier or seconds == 0.5:
                        carrier.send(invite)
                    if answer := carrier.receive(seconds):
                        break
                assert answer, f"no answer to {carrier_type.__name__} from {source}"
                assert answer.status == 302, (source, carrier_type, answer.data)
                carrier.send(acknowledgement(invite, answer))
    assert b"<Dial" in Twilio(gateway).voice(To=FRONT_DESK).content
