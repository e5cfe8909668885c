"""Callers behind a bad link: every packet may be lost, late, or overtaken, each way; one seed, one socket.

    python3 lossy.py HOST PORT [--calls N] [--rate N] [--loss P] [--jitter S] [--seed N]

Each caller sends its INVITE again at 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s (RFC 3261 §17.1.1.2), gives up
after 32 s, and acknowledges every copy of its answer. Prints one JSON object: what became of the calls.
"""

import argparse
import heapq
import json
import random
import selectors
import socket
import time

from sip import request

INVITES = [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
GIVE_UP = 32.0


class Call:
    def __init__(self, call_id, port):
        self.invite = request(call_id=call_id, port=port)
        head, _ = self.invite.split(b"\r\n", 1)
        self.ack_head = head.replace(b"INVITE", b"ACK")
        self.attempts = 0
        self.arrived = 0
        self.answer = None
        self.answered_after = None
        self.copies = 0
        # Copies of the answer that came to the link, lost ones and late ones too.
        self.offered = 0
        self.differs = False


class Callers:
    """All calls and the link, driven by one heap of things to do."""

    def __init__(self, target, calls, rate, loss, jitter, seed):
        self.dice = random.Random(seed)
        self.target, self.loss, self.jitter = target, loss, jitter
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        port = self.socket.getsockname()[1]
        self.calls = {f"lossy-{seed}-{index}": None for index in range(calls)}
        self.agenda, self.serial, self.port = [], 0, port
        self.began = time.monotonic()
        self.started = {}
        for index, call_id in enumerate(self.calls):
            self.at(index / rate, self.start, call_id)
        self.sent = self.received = 0
        # How far this process was behind its agenda at worst: a caller waits so much longer.
        self.late = 0.0

    def now(self):
        return time.monotonic() - self.began

    def at(self, when, action, *arguments):
        self.serial += 1
        heapq.heappush(self.agenda, (when, self.serial, action, arguments))

    def start(self, call_id):
        self.calls[call_id] = Call(call_id, self.port)
        self.started[call_id] = self.now()
        for gap in INVITES:
            self.at(self.started[call_id] + gap, self.invite, call_id)

    def invite(self, call_id):
        call = self.calls[call_id]
        if call.answer is None:
            call.attempts += 1
            self.over_link(self.deliver_invite, call_id)

    def over_link(self, action, *arguments):
        self.sent += 1
        if self.dice.random() >= self.loss:
            self.at(self.now() + self.dice.random() * self.jitter, action, *arguments)

    def deliver_invite(self, call_id):
        call = self.calls[call_id]
        call.arrived += 1
        self.socket.sendto(call.invite, self.target)

    def deliver_ack(self, data):
        self.socket.sendto(data, self.target)

    def hear(self, data):
        self.received += 1
        fields = fields_of(data)
        call_id = fields[b"call-id"].decode()
        call, after = self.calls[call_id], self.now() - self.started[call_id]
        if after > GIVE_UP + self.late:
            return
        call.copies += 1
        if call.answer is None:
            call.answer, call.answered_after = data, after
        call.differs |= data != call.answer
        lines = [call.ack_head] + [line for line in call.invite.split(b"\r\n") if line[:4] in (b"Via:", b"From")]
        lines += [b"To: " + fields[b"to"], b"Call-ID: " + call_id.encode(), b"CSeq: 1 ACK",
                  b"Max-Forwards: 70", b"Content-Length: 0", b"", b""]
        self.over_link(self.deliver_ack, b"\r\n".join(lines))

    def run(self, seconds):
        selector = selectors.DefaultSelector()
        selector.register(self.socket, selectors.EVENT_READ)
        while self.now() < seconds:
            while self.agenda and self.agenda[0][0] <= self.now():
                due, _, action, arguments = heapq.heappop(self.agenda)
                self.late = max(self.late, self.now() - due)
                action(*arguments)
            left = (self.agenda[0][0] if self.agenda else seconds) - self.now()
            if not selector.select(max(0, min(left, 0.05))):
                continue
            for _ in range(500):
                try:
                    data = self.socket.recv(65_535)
                except BlockingIOError:
                    break
                self.calls[fields_of(data)[b"call-id"].decode()].offered += 1
                if self.dice.random() >= self.loss:
                    self.at(self.now() + self.dice.random() * self.jitter, self.hear, data)
        self.dropped = dropped_by_kernel(self.port)

    def report(self):
        calls = self.calls.items()
        times = sorted(call.answered_after for _, call in calls if call.answer)
        return {
            "calls": len(self.calls),
            "answered": len(times),
            "redirected": sum(call.answer is not None and b" 302 " in call.answer[:20] for _, call in calls),
            "median_seconds": times[len(times) // 2],
            "slowest_seconds": times[-1],
            "invites": sum(call.attempts for _, call in calls),
            "reached": sum(call.arrived > 0 for _, call in calls),
            "differing_copies": sum(call.differs for _, call in calls),
            "packets_received": self.received,
            "late_seconds": self.late,
            "dropped": self.dropped,
            # The calls without an answer, and why: how many INVITEs went out, how many the link let through,
            # and how many answers came to the link.
            "failed": {name: [call.attempts, call.arrived, call.offered] for name, call in calls if not call.answer},
        }


def fields_of(data):
    fields = {}
    for line in data.split(b"\r\n")[1:]:
        name, _, value = line.partition(b": ")
        fields.setdefault(name.lower(), value)
    return fields


def dropped_by_kernel(port):
    """Datagrams that came while our socket was full (the last column of /proc/net/udp)."""
    with open("/proc/net/udp") as table:
        rows = [line.split() for line in table][1:]
    return sum(int(row[-1]) for row in rows if int(row[1].split(":")[1], 16) == port)


def expected_failures(calls, loss):
    """How many calls no server could answer within 32 s: all INVITEs, or all answers to them, are lost."""
    pass_through, chance = 1 - loss, loss ** len(INVITES)
    for first, arrival in enumerate(INVITES):
        # Timer G from the first INVITE that arrives, and one copy more for each later one.
        sends, gap, when = 1, 0.5, arrival + 0.5
        while when < GIVE_UP - 0.1:
            sends, gap = sends + 1, min(gap * 2, 4)
            when += gap
        later = len(INVITES) - first - 1
        chance += loss ** first * pass_through * loss ** sends * (loss + pass_through * loss) ** later
    return calls * chance


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=1_000)
    parser.add_argument("--loss", type=float, default=0.3)
    parser.add_argument("--jitter", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=20261121)
    options = parser.parse_args()
    callers = Callers((options.host, options.port), options.calls, options.rate, options.loss,
                      options.jitter, options.seed)
    callers.run(options.calls / options.rate + GIVE_UP + 1)
    print(json.dumps({"expected_failures": expected_failures(options.calls, options.loss), **callers.report()}))


if __name__ == "__main__":
    main()
