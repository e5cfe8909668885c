"""Starts the daemon in a folder of its own, and asks it things the way an operator would."""

import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from directory import CANARY, PUBLIC_URL, sample_directory

REPOSITORY = Path(__file__).resolve().parents[2]
FIELD = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)')


def tool(name):
    """The path of a program that the tests need; a missing one is a failure, not a skip."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    assert found, f"{name} is not installed; Tests/run installs what the tests need"
    return found


def binary():
    """The daemon under test: TRUNKLINE_BIN, else the release build, else the debug build."""
    named = os.environ.get("TRUNKLINE_BIN")
    candidates = [Path(named)] if named else [
        REPOSITORY / ".build" / kind / "trunkline" for kind in ("release", "debug")
    ]
    for candidate in candidates:
        if candidate.is_file():
            return str(candidate)
    raise AssertionError(f"no daemon at {candidates}; build it with swift build -c release")


# How long anything may take that has to happen: long enough for a machine that does much else.
PATIENCE = 30.0


def wait_until(condition, what="the condition", seconds=PATIENCE):
    """Returns the first true value of `condition`; fails when none comes within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s"
        time.sleep(0.01)


def hold_once(check, attempts=5):
    """Runs `check` until it passes, `attempts` times at most: for what a busy machine may delay now and then."""
    for left in reversed(range(attempts)):
        try:
            return check()
        except AssertionError:
            if not left:
                raise


def merged(base, over):
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


class Gateway:
    """One daemon with its own configuration, directory and state below `folder`."""

    def __init__(self, folder, directory=None, configuration=None, environment=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.directory = directory or sample_directory()
        self.environment = environment or {}
        self.config_file = self.folder / "trunkline.json5"
        self.log_file = self.folder / "log"
        self.state = self.folder / "state"
        self.process = None
        self.listeners = []
        # Sockets that are open before it starts and stay open, as a service manager's are.
        self.held = []
        base = {
            "state_directory": str(self.state),
            "public_url": PUBLIC_URL,
            "listeners": [
                {"protocol": "sip", "transport": "udp", "address": "127.0.0.1:0"},
                {"protocol": "sip", "transport": "tcp", "address": "127.0.0.1:0"},
                {"protocol": "sip", "transport": "udp", "address": "[::1]:0"},
                {"protocol": "sip", "transport": "tcp", "address": "[::1]:0"},
                {"protocol": "http", "address": "127.0.0.1:0"},
            ],
            "loops": 2,
            "records": {"sync": "50ms"},
            "log": {"format": "logfmt"},
            # The sample's targets are names of nobody.
            "probes": {"enabled": False},
        }
        self.configure(merged(base, configuration or {}))

    # Life

    def configure(self, configuration):
        self.configuration = configuration
        self.config_file.write_text(json.dumps(configuration, indent=2))

    def start(self):
        self.apply(self.directory)
        self.launch()
        return self

    def launch(self, seconds=PATIENCE):
        """Starts `serve` and returns how many seconds it took until it served."""
        offset = self.log_file.stat().st_size if self.log_file.exists() else 0
        began = time.monotonic()
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [*self.holder(), binary(), "serve", "--config", str(self.config_file)],
                pass_fds=[held.fileno() for held in self.held],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**clean_environment(), **self.environment},
            )
        while "serving" not in {line.get("event") for line in self.log_lines(offset)}:
            if self.process.poll() is not None or time.monotonic() > began + seconds:
                self.kill()
                raise AssertionError(f"the daemon does not serve:\n{self.log()[-4000:]}")
            time.sleep(0.005)
        taken = time.monotonic() - began
        self.listeners = [
            (line["protocol"], parse_address(line["address"]))
            for line in self.log_lines(offset)
            if line.get("event") == "listening"
        ]
        return taken

    def holder(self):
        """The command in front that passes what is held, as sd_listen_fds(3) has it: from descriptor 3 on."""
        if not self.held:
            return []
        script = ("import fcntl, os, sys\n"
                  "count = int(sys.argv[1]); given = [int(word) for word in sys.argv[2:2 + count]]\n"
                  "copies = [fcntl.fcntl(one, fcntl.F_DUPFD, 200) for one in given]\n"
                  "for place, copy in enumerate(copies): os.dup2(copy, 3 + place, inheritable=True)\n"
                  "for one in given + copies:\n"
                  "    if one >= 3 + count: os.close(one)\n"
                  "os.environ.update(LISTEN_FDS=str(count), LISTEN_PID=str(os.getpid()))\n"
                  "os.execv(sys.argv[2 + count], sys.argv[2 + count:])\n")
        numbers = [str(held.fileno()) for held in self.held]
        return [sys.executable, "-c", script, str(len(numbers)), *numbers]

    def kill(self, number=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)

    def stop(self):
        """Ends it as systemd would, and returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE)

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    # Addresses

    def address(self, protocol, ipv6=False):
        for name, address in self.listeners:
            if name == protocol and (":" in address[0]) == ipv6:
                return address
        raise AssertionError(f"no {protocol} listener among {self.listeners}")

    @property
    def udp(self):
        return self.address("sip/udp")

    @property
    def tcp(self):
        return self.address("sip/tcp")

    @property
    def http(self):
        return self.address("http")

    # Commands

    def command(self, *words, check=True, seconds=60):
        """Runs `trunkline …` on this daemon's configuration; the first word is the command's name."""
        done = subprocess.run(
            [binary(), *words[0].split(), "--config", str(self.config_file), *words[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            env=clean_environment(),
        )
        if check:
            assert done.returncode == 0, f"trunkline {words}: {done.stdout}\n{done.stderr}"
        return done

    def apply(self, directory, *words):
        file = self.folder / "directory.json5"
        file.write_text(json.dumps(directory))
        try:
            return self.command("apply", "-f", str(file), *words)
        finally:
            # The tokens stand in it: the search for secrets in what is left must not find our own.
            file.unlink()

    # What it says of itself

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_lines(self, offset=0):
        if not self.log_file.exists():
            return []
        with open(self.log_file, "rb") as file:
            file.seek(offset)
            text = file.read().decode(errors="replace")
        # The last line may be half written.
        lines = text.split("\n")[:-1]
        return [{key: unquoted(value) for key, value in FIELD.findall(line)} for line in lines]

    def get(self, path, method="GET", headers=None, body=None):
        connection = http.client.HTTPConnection(*self.http, timeout=PATIENCE)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            response.content = response.read()
            return response
        finally:
            connection.close()

    def metrics(self):
        """Every sample by its name with labels, and by its bare name the sum over them."""
        text = self.get("/metrics").content.decode()
        found = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                for key in {name, name.split("{")[0]}:
                    found[key] = found.get(key, 0) + float(value)
        return found

    def metric(self, name):
        return self.metrics()["trunkline_" + name]

    def records(self):
        """Every line of the call log; a line that is not one JSON object is a failure."""
        lines = []
        for file in self.call_log():
            lines += file.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines if b'"outcome"' in line or line[:1] != b"{"]

    def records_of(self, call_id, count=1):
        """The records of one carrier's call id, once there are `count` of them."""
        def found():
            rows = [row for row in self.records() if row.get("call_id") == call_id]
            return rows if len(rows) >= count else None
        return wait_until(found, f"{count} record(s) of {call_id}")

    def settle(self):
        """Waits until what was decided so far stands in the call log.

        A status callback is a line of the log and no call. When the second one stands there, all that
        was decided before the first does too, whichever loop decided it.
        """
        from webhook import STATUS, Twilio, parameters

        for _ in range(2):
            form = parameters(CallStatus="completed")
            assert Twilio(self).post(STATUS, form).status < 300
            mark = form["CallSid"].encode()
            wait_until(lambda: any(mark in file.read_bytes() for file in self.call_log()), "the call log")

    def settle_index(self):
        """Waits until what was decided so far can be queried; the index takes its time, because it yields to calls."""
        self.settle()
        newest = self.call_log()[-1]
        end = (newest.name, newest.stat().st_size)
        wait_until(lambda: self.indexed() >= end, "the index of the call log", 120)

    def call_log(self):
        return sorted((self.state / "calls").glob("calls-*.jsonl"))

    def indexed(self):
        """Up to where the call log can be queried: a file and an offset."""
        with closing(sqlite3.connect(f"file:{self.state}/directory.sqlite?mode=ro", uri=True)) as store:
            return store.execute("SELECT file, offset FROM call_log_position").fetchone() or ("", 0)

    def calls(self, *words):
        """What `trunkline calls --json` lists, once it knows all that was decided so far."""
        self.settle_index()
        lines = self.command("calls", "--json", "--limit", "10000", *words).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def assert_no_secret_leaked(self):
        """No token stands in any file that the daemon has written: log, records, store, key folder."""
        for file in self.folder.rglob("*"):
            if file.is_file():
                data = file.read_bytes()
                assert CANARY not in data, f"a secret stands in {file.relative_to(self.folder)}"

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def inspect(self, *command):
        """What a command says of a file in the daemon's folder of /proc; it lets none but root look there."""
        become = [] if os.geteuid() == 0 else ["sudo", "-n"]
        path = f"/proc/{self.process.pid}/{command[1]}"
        return subprocess.run([*become, command[0], path, *command[2:]], check=True, timeout=10,
                              capture_output=True).stdout

    def descriptors(self):
        return len(self.inspect("ls", "fd").split())


def clean_environment():
    """Ours, without what a service manager may have put into it."""
    unwanted = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM"}
    return {key: value for key, value in os.environ.items() if key not in unwanted}


def unquoted(value):
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def parse_address(text):
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port))
