"""A host that workflows ask, which does what a test wants: answers, hangs, lies, or resets."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sip import reset


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 4_096


class CRM:
    """`mood` is one of the methods below; `release` lets everybody go who hangs."""

    def __init__(self, mood="answer", agent="vip"):
        self.mood = mood
        self.agent = agent
        self.requests = []
        self.released = threading.Event()
        self.lock = threading.Lock()
        crm = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with crm.lock:
                    crm.requests.append((self.path, json.loads(body or b"{}")))
                getattr(crm, crm.mood)(self)

            do_GET = do_POST

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def asked(self):
        with self.lock:
            return len(self.requests)

    # Moods

    def answer(self, handler):
        self.send(handler, 200, {"agent": self.agent, "tier": "gold"})

    def hang(self, handler):
        self.released.wait(30)
        self.answer(handler)

    def fail(self, handler):
        self.send(handler, 500, {"error": "no"})

    def lie(self, handler):
        self.send(handler, 200, {"agent": "nobody"})

    def babble(self, handler):
        handler.wfile.write(b"\x00\x01\x02 this is not HTTP\r\n\r\n")
        handler.close_connection = True

    def break_off(self, handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"agent\":")
        handler.close_connection = True

    def flood(self, handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        handler.close_connection = True
        try:
            while not self.released.is_set():
                handler.wfile.write(b" " * 65_536)
        except OSError:
            pass

    def redirect(self, handler):
        handler.send_response(302)
        handler.send_header("Location", "http://127.0.0.9:1/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def reset(self, handler):
        reset(handler.connection)
        handler.close_connection = True

    def send(self, handler, status, value):
        body = json.dumps(value).encode()
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass
