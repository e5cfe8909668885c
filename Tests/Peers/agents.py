"""Agents as targets of calls: servers on loopback that are asked how they are, die and come back."""

import functools
import pathlib
import socket
import ssl
import subprocess
import tempfile
import threading

from sip import unique

TLS_TRANSPORTS = ("tls", "wss", "https")


@functools.cache
def certificate():
    """A certificate that signs itself and its key, for all agents of this process."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="trunkline-agents-"))
    names = str(folder / "certificate.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-out", names[0], "-keyout", names[1], "-days", "1", "-subj", "/CN=agent.test",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True)
    return names


class Agent:
    """One server on a port that it keeps; `die` and `come_back` as often as a test likes.

    `status` is what it answers an OPTIONS with; None: it hears everything and says nothing. One that
    should speak TLS (tls, wss, https) and does not closes what is connected; one that loses first copies
    answers a datagram when it comes again.
    """

    def __init__(self, transport="udp", status="200 OK", speaks_tls=True, loses_first_copies=False):
        self.transport = transport
        self.status = status
        self.speaks_tls = speaks_tls
        self.loses_first_copies = loses_first_copies
        self.requests = []
        self.port = 0
        self.running = None
        self.come_back()

    def come_back(self):
        kind = socket.SOCK_DGRAM if self.transport == "udp" else socket.SOCK_STREAM
        server = socket.socket(socket.AF_INET, kind)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", self.port))
        self.port = server.getsockname()[1]
        server.settimeout(0.05)
        if kind == socket.SOCK_STREAM:
            server.listen(64)
        ended = threading.Event()
        serve = self.serve_datagrams if self.transport == "udp" else self.serve_streams
        thread = threading.Thread(target=serve, args=(server, ended), daemon=True)
        thread.start()
        self.running = (thread, ended)

    def die(self):
        """Nobody listens at the port any longer."""
        if self.running:
            thread, ended = self.running
            ended.set()
            thread.join(5)
            self.running = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.die()

    @property
    def uri(self):
        if self.transport in ("wss", "https"):
            return f"{self.transport}://127.0.0.1:{self.port}/path"
        parameter = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"sip:agent@127.0.0.1:{self.port}{parameter}"

    # Serving

    def serve_datagrams(self, server, ended):
        while not ended.is_set():
            try:
                data, source = server.recvfrom(65_535)
            except (TimeoutError, socket.timeout):
                continue
            self.requests.append(data)
            is_lost = self.loses_first_copies and self.requests.count(data) == 1
            if self.status and not is_lost:
                server.sendto(answer(data, self.status), source)
        server.close()

    def serve_streams(self, server, ended):
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except (TimeoutError, socket.timeout):
                continue
            with connection:
                self.serve_stream(connection)
        server.close()

    def serve_stream(self, connection):
        if self.transport in TLS_TRANSPORTS:
            self.requests.append(b"")
            self.shake_hands(connection)
            return
        connection.settimeout(1)
        data = b""
        try:
            while b"\r\n\r\n" not in data:
                piece = connection.recv(65_536)
                if not piece:
                    return
                data += piece
            self.requests.append(data)
            if self.status:
                connection.sendall(answer(data, self.status))
            connection.recv(1)
        except OSError:
            pass

    def shake_hands(self, connection):
        if not self.speaks_tls:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate())
        connection.settimeout(1)
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(1)
        except OSError:
            pass


def answer(request, status):
    """RFC 3261 §8.2.6.2: the request's Via, From, To with a tag, Call-ID and CSeq."""
    lines = request.decode().split("\r\n")
    kept = [line for line in lines if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq")]
    to = next(line for line in lines if line.startswith("To:"))
    head = [f"SIP/2.0 {status}", *kept, f"{to};tag={unique('t')}", "Content-Length: 0"]
    return ("\r\n".join(head) + "\r\n\r\n").encode()
