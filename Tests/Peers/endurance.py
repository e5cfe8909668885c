"""What takes too long for every run: figures for the record, each against a daemon of its own.

    .build/venv/bin/python Tests/Peers/endurance.py NAME…     one or several of those below; no name lists them

Prints one line for each figure. Ends with 1 when something failed that must not.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from corpus import messages  # noqa: E402
from directory import CARRIER, FRONT_DESK, STRANGER, sample_directory  # noqa: E402
from gateway import Gateway, tool, wait_until  # noqa: E402
from sip import DatagramCarrier, StreamCarrier, assert_still_serving, reset  # noqa: E402
from webhook import VOICE, post_webhooks  # noqa: E402
from workflows import output, step, workflow  # noqa: E402

FORGETFUL = {"t1": "20ms", "t2": "40ms", "t4": "100ms", "connections_per_address": 100_000}


def say(name, figure):
    print(f"{name}: {figure}", flush=True)


def prefixes(gateway):
    """C3: every prefix of every message, as a datagram and held open on a stream for 5 s."""
    from test_corpus import hold_prefixes, send_prefixes

    memory = gateway.resident_bytes()
    for source in (CARRIER, STRANGER):
        say(f"datagrams from {source}", send_prefixes(gateway, source, 60_000))
    assert_still_serving(gateway)
    say("memory grown, MB", (gateway.resident_bytes() - memory) >> 20)
    everything = [data[:end] for data in messages(transport="TCP") if len(data) < 20_000
                  for end in range(1, len(data))]
    shares = []
    for start in range(0, len(everything), 6_000):
        shares.append(hold_prefixes(gateway, everything[start:start + 6_000], 5))
    say("streams held, 6,000 at a time", len(everything))
    say("share of a core while holding, worst and mean", f"{max(shares):.4f} {sum(shares) / len(shares):.4f}")
    assert max(shares) < 0.02
    assert_still_serving(gateway)


def lossy(gateway):
    """B5: 10,000 calls, 30 % loss each way, 50 ms jitter; three seeds, and the worst of them."""
    for seed in (1, 2, 3):
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("lossy.py")), *map(str, gateway.udp), "--seed", str(seed)],
            capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
        say(f"seed {seed}", told)
    ids = [row["call_id"] for row in gateway.records()]
    say("records, and how many are duplicates", (len(ids), len(ids) - len(set(ids))))
    assert len(ids) == len(set(ids))


# Does memory stop growing?


def rounds(gateway, churn, settled=None, count=12, slack=3):
    """The same churn again and again: after the first third of the rounds the memory grows no more than `slack` MB.

    `settled` says when all that a round began has come to an end.
    """
    before, grown, began = gateway.resident_bytes(), [], time.monotonic()
    for _ in range(count):
        churn()
        if settled:
            wait_until(lambda: settled(gateway), "the end of a round", 120)
        grown.append((gateway.resident_bytes() - before) / (1 << 20))
    say("memory grown after each round, MB", " ".join(f"{each:.1f}" for each in grown))
    say("seconds, descriptors", (round(time.monotonic() - began), gateway.descriptors()))
    assert_still_serving(gateway)
    assert max(grown) - max(grown[:count // 3]) <= slack, "the memory goes on growing"
    return grown


def no_calls(gateway):
    metrics = gateway.metrics()
    return not any(metrics["trunkline_" + name] for name in (
        "sip_transactions", "sip_transactions_confirmed", "sip_transaction_timers", "sip_connections",
        "workflow_runs_waiting"))


def resets(gateway):
    """Incident 12: 40,000 TCP connections with five INVITEs each, then a reset; 12 rounds."""
    def churn():
        for _ in range(200):
            carriers = [StreamCarrier(gateway) for _ in range(200)]
            for carrier in carriers:
                carrier.send(b"".join(carrier.request() for _ in range(5)))
                reset(carrier.socket)

    before = gateway.descriptors()
    rounds(gateway, churn, no_calls)
    wait_until(lambda: gateway.descriptors() <= before + 4, "the descriptors")


def http_resets(gateway):
    """20,000 HTTP connections with a webhook that is reset before, in or after its answer; 12 rounds."""
    head = f"POST {VOICE} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    whole = (head + "X-Twilio-Signature: a\r\nContent-Length: 2000\r\n\r\n" + "a=" + "b" * 1_998).encode()

    def churn():
        for turn in range(100):
            connections = [socket.create_connection(gateway.http) for _ in range(200)]
            for index, connection in enumerate(connections):
                connection.sendall(whole[:len(whole) * (index % 4 + 1) // 4])
                reset(connection)

    rounds(gateway, churn, lambda gateway: gateway.metric("http_connections") <= 1)


def webhook_rounds(gateway):
    """Webhooks by wrk over kept connections, 5 s; 12 rounds."""
    rounds(gateway, lambda: post_webhooks(gateway, 5))


def calls(gateway, acknowledged, count=100_000, batch=100):
    """INVITEs with Call-IDs of their own, in batches that the kernel's queue holds."""
    with DatagramCarrier(gateway) as carrier:
        invite = carrier.request(call_id="endure-000000000000")
        ack_tail = re.search(rb"\r\nVia.*?(?=\r\nContent-Type)", invite, re.DOTALL).group().replace(b"INVITE", b"ACK")
        ack = invite.split(b"\r\n")[0].replace(b"INVITE", b"ACK") + ack_tail + b"\r\nContent-Length: 0\r\n\r\n"
        for _ in range(count // batch):
            names = [os.urandom(6).hex().encode() for _ in range(batch)]
            waiting, patience = set(names), 8
            for name in names:
                carrier.socket.sendto(invite.replace(b"000000000000", name), carrier.target)
            while waiting:
                answer = carrier.receive(0.5)
                if answer:
                    assert answer.status == 302
                    waiting.discard(answer["call-id"].split("-")[1].encode())
                    continue
                # Among the answers to earlier calls, sent again, its own kernel may have lost this one.
                patience -= 1
                assert patience, "an INVITE is not answered"
                for name in waiting:
                    carrier.socket.sendto(invite.replace(b"000000000000", name), carrier.target)
            for name in names if acknowledged else []:
                carrier.socket.sendto(ack.replace(b"000000000000", name), carrier.target)


def acknowledged_calls(gateway):
    """B4: 100,000 calls with an ACK; 10 rounds, a million in all, and +5 MB at most since the start."""
    grown = rounds(gateway, lambda: calls(gateway, True), no_calls, 10)
    assert max(grown) <= 5, "B4: +5 MB at most"


def unacknowledged_calls(gateway):
    """B4: 100,000 calls without an ACK; 10 rounds, a million in all, and +5 MB at most since the start."""
    grown = rounds(gateway, lambda: calls(gateway, False), no_calls, 10)
    assert max(grown) <= 5, "B4: +5 MB at most"


def flood(gateway):
    """H4: INVITEs with Call-IDs of their own as fast as they can be sent, 10 s; 12 rounds, +50 MB at most in a round."""
    before, worst = gateway.resident_bytes(), []

    def churn():
        with DatagramCarrier(gateway) as carrier:
            invite = carrier.request(call_id="flood-000000000000")
            end = time.monotonic() + 10
            while time.monotonic() < end:
                for _ in range(500):
                    carrier.socket.sendto(invite.replace(b"000000000000", os.urandom(6).hex().encode()), carrier.target)
            worst.append(gateway.resident_bytes())

    rounds(gateway, churn, no_calls)
    say("memory grown at the end of a flood, worst, MB", (max(worst) - before) >> 20)
    assert max(worst) - before <= 50 << 20


def steps(gateway):
    """2,000 calls whose workflow asks a host that answers, resets, breaks off, lies or talks no HTTP; 12 rounds."""
    from crm import CRM

    with CRM() as crm:
        gateway.configure({**gateway.configuration, "workflow": {
            "allowed_hosts": [crm.address], "circuit_breaker": {"failures": 1_000, "pause": "1s"}}})
        gateway.apply(workflow_directory(f"http://{crm.address}/route"))
        gateway.process.send_signal(signal.SIGHUP)

        def answered():
            with DatagramCarrier(gateway) as carrier:
                carrier.call()
            return crm.asked
        wait_until(answered, "the workflow")

        def churn():
            for mood in ("answer", "reset", "break_off", "lie", "babble"):
                crm.mood = mood
                calls(gateway, True, 400, 20)
            crm.requests.clear()

        rounds(gateway, churn, no_calls)


def workflow_directory(url, changed=0):
    """Acme with a workflow that asks `url`; `changed` makes a definition that nobody has seen before."""
    request = {"method": "POST", "url": url, "timeout_ms": 1_000, "body": {"caller": "{{ input.caller_number }}"}}
    names = {f"name{index}": "{{ $uppercase(input.caller_number) & '%d' }}" % changed for index in range(20)}
    directory = sample_directory()
    directory["organizations"][0]["inbound_routing"] = {
        "enabled": True, "fallback_agent": "sales", "workflow_definition": workflow(
            step("call", "trigger", "names"), step("names", "set", "ask", {"values": names}),
            step("ask", "http", "found", request, on_error="other"),
            output("found", agent_id="sales"), output("other", agent_id="sales"))}
    return directory


def applies(gateway):
    """A workflow's definition is changed 300 times, with calls between; 10 rounds of 30."""
    changed = iter(range(1_000_000))

    def churn():
        for _ in range(30):
            gateway.apply(workflow_directory("http://127.0.0.1:9/", next(changed)))
            calls(gateway, True, 20, 10)

    rounds(gateway, churn, no_calls, 10)


def reloads(gateway):
    """J7: 50 times SIGHUP, with calls between; 10 rounds."""
    def churn():
        for _ in range(50):
            said = len(gateway.log())
            gateway.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "reloaded" in gateway.log()[said:], "the reload")
            calls(gateway, True, 100, 50)

    rounds(gateway, churn, no_calls, 10)


# Speed


class GoodTraffic:
    """SIPp beside something bad: calls at `rate` for `seconds`, and what became of them."""

    def __init__(self, gateway, rate, seconds, limit=20_000, source=CARRIER):
        self.folder = tempfile.mkdtemp()
        scenario = Path(__file__).parent / "scenarios" / "redirected.xml"
        numbers = Path(self.folder) / "numbers.csv"
        numbers.write_text(f"SEQUENTIAL\n{FRONT_DESK};\n")
        self.process = subprocess.Popen(
            [tool("sipp"), "%s:%d" % gateway.udp, "-i", source, "-bind_local", "-sf", str(scenario), "-inf", str(numbers),
             "-s", FRONT_DESK, "-r", str(rate), "-m", str(rate * seconds), "-l", str(limit), "-trace_stat",
             "-fd", "5", "-nostdin", "-buff_size", "4000000", "-timeout", f"{seconds + 60}s"],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def result(self):
        code = self.process.wait()
        rows = [line.split(";") for file in Path(self.folder).glob("*_.csv") for line in file.read_text().splitlines()]
        last = dict(zip(rows[0], rows[-1]))
        kept = {key: last[key] for key in ("SuccessfulCall(C)", "FailedCall(C)", "Retransmissions(C)",
                                           "CallRate(C)", "ResponseTime1(C)") if key in last}
        return code, kept


def datagrams_without_room():
    """Datagrams that the kernel dropped because some socket of the machine was full."""
    names, figures = (row.split() for row in Path("/proc/net/snmp").read_text().splitlines() if row.startswith("Udp:"))
    return int(figures[names.index("RcvbufErrors")])


def load(gateway, rate=5_000, seconds=120):
    """G1: INVITE, 302, ACK over UDP, no call lost, nothing sent twice; server and load share the machine."""
    before, began, dropped = gateway.cpu_seconds(), time.monotonic(), datagrams_without_room()
    traffic = GoodTraffic(gateway, rate, seconds)
    code, told = traffic.result()
    taken = time.monotonic() - began
    cpu = gateway.cpu_seconds() - before
    say("sipp", told)
    say("exit code, seconds", (code, round(taken, 1)))
    say("CPU of the daemon: cores, microseconds a call", (round(cpu / taken, 3), round(cpu * 1e6 / (rate * seconds), 1)))
    say("metrics", {key: value for key, value in gateway.metrics().items() if "sip_" in key or "lost" in key})
    say("datagrams dropped by the kernel, at either end", datagrams_without_room() - dropped)
    say("memory, MB", gateway.resident_bytes() >> 20)
    assert code == 0


def webhooks(gateway, seconds=90):
    """G5: signed webhooks by wrk over 16 kept connections."""
    before, began = gateway.cpu_seconds(), time.monotonic()
    told = post_webhooks(gateway, seconds)
    cpu, taken = gateway.cpu_seconds() - before, time.monotonic() - began
    print(told, flush=True)
    requests = int(re.search(r"(\d+) requests in", told).group(1))
    say("CPU of the daemon: cores, microseconds a webhook", (round(cpu / taken, 2), round(cpu * 1e6 / requests, 1)))


# sipvicious cannot choose its address, so that here the usual one is the stranger's.
GOOD_CARRIER = "127.0.0.5"


def scanned_directory():
    directory = sample_directory()
    for organization in directory["organizations"]:
        for trunk in organization.get("trunks", []):
            trunk["inbound"]["allowed_addresses"] = [GOOD_CARRIER if trunk["id"] == "carrier-a" else "127.0.0.6"]
    return directory


def scanners(gateway, seconds=60):
    """C9: sipvicious at full speed from a stranger's address beside 500 good calls a second."""
    host, port = gateway.udp
    traffic = GoodTraffic(gateway, 500, seconds, source=GOOD_CARRIER)
    end = time.monotonic() + seconds
    first = int(FRONT_DESK[1:]) // 1_000 * 1_000
    scans = [
        ["svmap", "-p", str(port), "-m", "INVITE", host],
        ["svwar", "-p", str(port), "-m", "INVITE", "-e", f"{first}-{first + 999}", "--force", host],
        ["svwar", "-p", str(port), "-m", "REGISTER", "-e", "100-1099", "--force", host],
        ["svcrack", "-p", str(port), "-u", FRONT_DESK[1:], "-r", "0-9999", host],
    ]
    rounds, told = 0, {}
    while time.monotonic() < end:
        for words in scans:
            if time.monotonic() >= end:
                break
            try:
                done = subprocess.run([tool(words[0])] + words[1:], stdin=subprocess.DEVNULL, capture_output=True,
                                      text=True, timeout=max(1, end - time.monotonic()))
                text = done.stdout + done.stderr
                # What it found of the numbers that exist and of those that do not.
                findings = {row.split("|")[2].strip() for row in text.splitlines() if re.match(r"\| *\d{3,}", row)}
                told[" ".join(words[:5:4])] = (sorted(findings), len(re.findall(r"\| *\d{3,}", text)),
                                             text.strip().splitlines()[-1:])
            except subprocess.TimeoutExpired:
                pass
        rounds += 1
    code, calls = traffic.result()
    say("rounds of scans", rounds)
    for name, text in told.items():
        say(name, text)
    say("good calls", calls)
    say("datagrams of strangers", gateway.metric("sip_unknown_source_total"))
    assert code == 0 and calls["FailedCall(C)"] == "0"


RUNS = {
    "prefixes": (prefixes, {"sip": FORGETFUL}),
    "lossy": (lossy, {}),
    "resets": (resets, {"sip": FORGETFUL}),
    "http-resets": (http_resets, {"http": {"connections_per_address": 100_000}}),
    "webhook-rounds": (webhook_rounds, {}),
    "acknowledged": (acknowledged_calls, {"sip": FORGETFUL}),
    "unacknowledged": (unacknowledged_calls, {"sip": FORGETFUL}),
    "flood": (flood, {"sip": FORGETFUL}),
    "steps": (steps, {"sip": FORGETFUL}),
    "applies": (applies, {"sip": FORGETFUL}),
    "reloads": (reloads, {"sip": FORGETFUL}),
    "load": (load, {"records": {"sync": "1s"}}),
    "webhooks": (webhooks, {"records": {"sync": "1s"}}),
    "scanners": (scanners, {"sip": {"unknown_source": "reject"}}, scanned_directory()),
    "scanners-silent": (scanners, {}, scanned_directory()),
}


def main():
    names = sys.argv[1:]
    if not names or any(name not in RUNS for name in names):
        for name, (run, *_) in RUNS.items():
            print(f"{name:16} {run.__doc__.splitlines()[0]}")
        return 2
    failed = 0
    for name in names:
        run, configuration, *directory = RUNS[name]
        with tempfile.TemporaryDirectory() as folder:
            gateway = Gateway(folder, *directory, configuration=configuration).start()
            try:
                print(f"# {name}", flush=True)
                run(gateway)
            except AssertionError as error:
                failed += 1
                say("FAILED", str(error)[:2_000])
            finally:
                gateway.kill()
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
