"""What systemd does for a service, as far as a daemon can tell: it listens."""

import socket
import time

from gateway import PATIENCE


class ServiceManager:
    """The receiving end of sd_notify."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = []

    def wait_for(self, text, seconds=PATIENCE):
        """Reads until a message holds `text`; fails when none does in time."""
        deadline = time.monotonic() + seconds
        while True:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                message = self.socket.recv(4_096).decode()
            except (TimeoutError, socket.timeout):
                raise AssertionError(f"no {text} in {self.messages}") from None
            self.messages.append(message)
            if text in message:
                return message

    def drop(self):
        """Forgets what has come so far."""
        self.socket.settimeout(0.1)
        try:
            while self.socket.recv(4_096):
                pass
        except (TimeoutError, socket.timeout):
            pass
