"""Start, readiness, reload, drain, crash: what systemd and an operator see."""

import ctypes
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

from directory import FRONT_DESK, SHARED_KEY, TOKEN
from gateway import PATIENCE, REPOSITORY, Gateway, binary, clean_environment, tool, wait_until
from sip import DatagramCarrier, StreamCarrier, acknowledgement, assert_still_serving, unique
from webhook import Twilio


def test_ready_is_told_when_every_listener_answers(start_gateway, manager):
    gateway = start_gateway(environment={"NOTIFY_SOCKET": manager.path})
    manager.wait_for("READY=1")
    assert_still_serving(gateway)


def test_the_watchdog_is_fed_and_no_longer_once_the_daemon_hangs(start_gateway, manager):
    gateway = start_gateway(
        environment={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "1000000"})
    for _ in range(3):
        manager.wait_for("WATCHDOG=1")
    gateway.process.send_signal(signal.SIGSTOP)
    manager.drop()
    manager.socket.settimeout(1.2)
    with pytest.raises((TimeoutError, socket.timeout)):
        manager.socket.recv(4_096)
    gateway.process.send_signal(signal.SIGCONT)
    manager.wait_for("WATCHDOG=1")
    assert_still_serving(gateway)


class StoppedThread:
    """Holds one thread of another process, as a debugger does; the others go on."""

    ATTACH, DETACH = 16, 17

    def __init__(self, thread):
        self.thread = thread
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def __enter__(self):
        if self.libc.ptrace(self.ATTACH, self.thread, None, None):
            pytest.skip(f"threads cannot be held here: {os.strerror(ctypes.get_errno())}")
        os.waitpid(self.thread, 0x4000_0000)  # __WALL
        return self

    def __exit__(self, *_):
        self.libc.ptrace(self.DETACH, self.thread, None, None)


@pytest.mark.parametrize("loop", [0, 1])
def test_the_watchdog_is_not_fed_while_one_loop_hangs(start_gateway, manager, loop):
    """J1: a timer in another thread would feed it; a call through the sockets of each loop does not come back."""
    gateway = start_gateway(configuration={"loops": 2},
                            environment={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "1000000"})
    manager.wait_for("WATCHDOG=1")
    threads = {name.read_text().strip(): int(name.parent.name)
               for name in Path(f"/proc/{gateway.process.pid}/task").glob("*/comm")}
    with StoppedThread(threads[f"loop-{loop}"]):
        # Probes that were on their way may still come back.
        time.sleep(1)
        manager.drop()
        manager.socket.settimeout(2)
        with pytest.raises((TimeoutError, socket.timeout)):
            manager.socket.recv(4_096)
    manager.wait_for("WATCHDOG=1")
    assert_still_serving(gateway)


def test_a_drain_turns_new_calls_away_and_ends_when_the_last_call_is_over(start_gateway, manager):
    gateway = start_gateway(environment={"NOTIFY_SOCKET": manager.path},
                            configuration={"drain": {"timeout": "60s", "retry_after": 7}})
    twilio = Twilio(gateway)
    assert twilio.voice().status == 200
    with DatagramCarrier(gateway) as open_call, DatagramCarrier(gateway) as carrier:
        invite = open_call.request()
        answer = open_call.ask(invite)
        assert answer.status == 302
        gateway.process.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING=1")
        assert wait_until(lambda: carrier.ask(carrier.request("OPTIONS")).status == 503)
        refused = carrier.call()
        assert (refused.status, refused["retry-after"]) == (503, "7")
        assert 'text="draining"' in refused["reason"]
        assert gateway.get("/readyz").status == 503
        response = Twilio(gateway).voice()
        assert response.status == 200 and b"<Dial" in response.content
        assert gateway.is_alive
        open_call.send(acknowledgement(invite, answer))
        # Long before the drain's own end.
        assert gateway.process.wait(PATIENCE) == 0
    reasons = [row.get("reason") for row in gateway.records()]
    assert "draining" in reasons


def test_one_of_two_gateways_ends_under_load_and_no_call_fails(start_gateway):
    """J3: what the one turns away with Retry-After the carrier sends to the other."""
    first, second = start_gateway(), start_gateway()
    told, errors, stop, turned_away = [], [], threading.Event(), threading.Event()

    def place():
        try:
            with DatagramCarrier(first) as one, DatagramCarrier(second) as other:
                while not stop.is_set():
                    answer = other.call() if turned_away.is_set() else one.call()
                    if answer.status == 503 and int(answer["retry-after"]):
                        turned_away.set()
                        answer = other.call()
                    told.append(answer.status)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=place) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(told) > 500, "calls by the first")
    first.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert first.process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 5
    before = len(told)
    wait_until(lambda: len(told) > before + 500, "calls by the second")
    stop.set()
    for thread in threads:
        thread.join(30)
    assert not errors and set(told) == {302}
    second.settle()
    answered = [row for gateway in (first, second) for row in gateway.records() if row["outcome"] == "answered"]
    assert len(answered) == len(told)


def test_a_call_that_is_never_acknowledged_does_not_hold_the_drain_for_ever(start_gateway):
    gateway = start_gateway(configuration={"drain": {"timeout": "1s"}})
    with DatagramCarrier(gateway) as carrier:
        assert carrier.ask(carrier.request()).status == 302
        began = time.monotonic()
        assert gateway.stop() == 0
        assert time.monotonic() - began >= 1


def test_an_idle_daemon_ends_at_sigterm_with_code_0(start_gateway):
    gateway = start_gateway(configuration={"drain": {"timeout": "60s"}})
    assert_still_serving(gateway)
    assert gateway.stop() == 0


def test_a_second_sigterm_ends_a_drain_at_once(start_gateway):
    gateway = start_gateway(configuration={"drain": {"timeout": "60s"}})
    with DatagramCarrier(gateway) as carrier:
        assert carrier.ask(carrier.request()).status == 302
        gateway.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "draining" in gateway.log(), "the drain")
        time.sleep(0.8)
        assert gateway.is_alive
        assert gateway.stop() == 0


def test_every_record_is_on_disk_when_the_daemon_has_ended(start_gateway):
    gateway = start_gateway(configuration={"records": {"sync": "1s"}})
    with DatagramCarrier(gateway) as carrier:
        for _ in range(200):
            assert carrier.call().status == 302
    assert gateway.stop() == 0
    assert len(gateway.records()) == 200


def test_sigusr1_starts_a_new_file_of_the_call_log_and_loses_nothing(start_gateway):
    gateway = start_gateway()
    with DatagramCarrier(gateway) as carrier:
        carrier.call()
        wait_until(lambda: len(gateway.records()) == 1)
        gateway.process.send_signal(signal.SIGUSR1)
        files = gateway.state / "calls"
        def rotated():
            carrier.call()
            return len(list(files.glob("calls-*.jsonl"))) >= 2
        wait_until(rotated, "a second file")
        count = int(gateway.metric("calls_answered_total"))
    gateway.settle()
    assert len(gateway.records()) == count
    assert len(gateway.calls()) == count


def test_files_that_rotation_takes_before_the_index_has_read_them_are_told(start_gateway):
    gateway = start_gateway(configuration={"records": {"keep_files": 1}})
    files = gateway.state / "calls"
    with DatagramCarrier(gateway) as carrier:
        first = unique()
        carrier.call(call_id=first)
        gateway.records_of(first)
        store = sqlite3.connect(gateway.state / "directory.sqlite", isolation_level=None)
        wait_until(lambda: store.execute("SELECT count(*) FROM call_records").fetchone() == (1,))
        wait_until(lambda: gateway.metric("call_index_lag_bytes") == 0, "the index")
        assert gateway.metric("call_index_missed_files_total") == 0
        # Whoever holds the write lock keeps the index waiting.
        store.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            call_id = unique()
            carrier.call(call_id=call_id)
            gateway.records_of(call_id)
            before = sorted(files.glob("calls-*.jsonl"))
            gateway.process.send_signal(signal.SIGUSR1)
            wait_until(lambda: sorted(files.glob("calls-*.jsonl")) != before, "a new file")
        store.execute("ROLLBACK")
        store.close()
    wait_until(lambda: gateway.metric("call_index_missed_files_total") >= 1, "the metric")
    told = wait_until(lambda: [line for line in gateway.log_lines()
                               if "before they were indexed" in line.get("event", "")], "the warning")
    assert {line["level"] for line in told} == {"warning"}
    assert int(told[0]["files"]) >= 1 and told[0]["first"].startswith("calls-")


def test_after_kill_9_the_gateway_serves_again_in_half_a_second_and_knows_its_records(
    start_gateway,
):
    gateway = start_gateway()
    call_id = unique()
    with DatagramCarrier(gateway) as carrier:
        carrier.call(call_id=call_id)
    gateway.records_of(call_id)
    taken = []
    for _ in range(5):
        gateway.kill(signal.SIGKILL)
        taken.append(gateway.launch())
        with DatagramCarrier(gateway) as carrier:
            assert carrier.call().status == 302
    # The bound is half a second; a busy machine gets as much again, and may be slow now and then.
    assert min(taken) < 1.0, taken
    assert [row for row in gateway.calls() if row["call_id"] == call_id]


def test_a_directory_is_whole_after_kill_9_in_the_middle_of_writes(start_gateway, tmp_path):
    gateway = start_gateway()
    directory = json.loads(json.dumps(gateway.directory))
    file = tmp_path / "growing.json5"
    for round_number in range(10):
        numbers = [{"e164": f"+1212{round_number}{index:06d}", "inbound_agent": "sales"}
                   for index in range(300)]
        directory["organizations"][0]["numbers"] += numbers
        file.write_text(json.dumps(directory))
        writer = subprocess.Popen(
            [binary(), "apply", "--config", str(gateway.config_file), "-f", str(file)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=clean_environment())
        time.sleep(0.01 * round_number)
        writer.kill()
        writer.wait(5)
        gateway.command("check")
    file.unlink()
    assert_still_serving(gateway)


def test_a_port_that_is_taken_ends_the_start_with_a_clear_word(start_gateway, tmp_path):
    gateway = start_gateway()
    taken = "%s:%d" % gateway.http
    other = Gateway(tmp_path / "other", configuration={
        "listeners": [{"protocol": "http", "address": taken}]})
    try:
        with pytest.raises(AssertionError) as failure:
            other.start()
    finally:
        other.kill()
    assert f"{taken} (http) is in use; another gateway may be running" in str(failure.value)


def test_the_unit_is_as_closed_as_a_daemon_with_sockets_can_be():
    unit = REPOSITORY / "systemd" / "trunkline.service"
    done = subprocess.run(
        [tool("systemd-analyze"), "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    level = re.search(r"Overall exposure level[^:]*: ([0-9.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    assert float(level.group(1)) <= 1.1


def test_the_demo_prints_both_exchanges_and_then_keeps_serving(tmp_path):
    output = tmp_path / "output"
    with open(output, "wb") as file:
        demo = subprocess.Popen([binary(), "demo"], stdin=subprocess.DEVNULL, stdout=file,
                                stderr=subprocess.STDOUT,
                                env={**clean_environment(), "TMPDIR": str(tmp_path)})
    try:
        text = wait_until(lambda: "Ctrl-C" in output.read_text() and output.read_text(),
                          "the end of the demo's calls")
        assert "SIP/2.0 302" in text and "Contact:" in text
        # What it tells to type has to work where the program is not on the path.
        assert f"  {binary()} call --to " in text
        assert "HTTP/1.1 200" in text and "<Dial" in text and "<Sip>" in text
        url = re.search(r"curl (http://\S+/metrics)", text).group(1)
        done = subprocess.run([tool("curl"), "-sS", "--max-time", "5", url],
                              capture_output=True, text=True, timeout=10)
        assert 'trunkline_calls_answered_total{door="sip"} 1' in done.stdout
        assert 'trunkline_calls_answered_total{door="twilio"} 1' in done.stdout
        assert demo.poll() is None
    finally:
        demo.send_signal(signal.SIGINT)
        assert demo.wait(PATIENCE) == 0
    assert not list(tmp_path.glob("trunkline-demo-*"))


def test_no_secret_stands_in_the_command_line_environment_or_open_files_of_the_daemon(gateway):
    """K10: a token goes into the store sealed, and nowhere else."""
    Twilio(gateway).voice()
    with StreamCarrier(gateway) as carrier:
        carrier.call(FRONT_DESK)
    for name in ("cmdline", "environ"):
        data = gateway.inspect("cat", name)
        assert TOKEN.encode() not in data and SHARED_KEY.encode() not in data
    with open(f"/proc/{gateway.process.pid}/limits") as file:
        assert re.search(r"Max core file size\s+0", file.read())
    key = gateway.state / "key"
    assert os.stat(key).st_mode & 0o077 == 0
