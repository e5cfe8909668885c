"""Holds our parser against another one: mutated messages through both, and where they disagree.

    .build/venv/bin/python Tests/Peers/differential.py [COUNT] [--seed N] [--show N]

The other is Wireshark's dissector (tshark). Compared where we take a message for good: method, user of the
Request-URI, Call-ID, CSeq, and the length of the body. What only one of them refuses is counted by reason.
Needs `swift build -c release --product Benchmarks`.
"""

import argparse
import collections
import random
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from corpus import messages  # noqa: E402
from gateway import REPOSITORY, tool  # noqa: E402
from test_bad_input import mutated  # noqa: E402

FIELDS = ["frame.number", "sip.Method", "sip.Status-Code", "sip.r-uri", "sip.r-uri.user", "sip.Call-ID",
          "sip.CSeq.seq", "sip.CSeq.method", "sip.Content-Length", "sip.msg_hdr"]


def write_pcap(path, datagrams):
    """Raw IPv4 packets from 127.0.0.1:5080 to 127.0.0.1:5060."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 101))
        for number, data in enumerate(datagrams):
            udp = struct.pack(">HHHH", 5_080, 5_060, 8 + len(data), 0) + data
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number & 0xFFFF, 0, 64, 17, 0,
                             bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
            file.write(struct.pack("<IIII", number, 0, len(ip + udp), len(ip + udp)) + ip + udp)


def theirs(path):
    words = [tool("tshark"), "-r", path, "-d", "udp.port==5060,sip", "-T", "fields", "-E", "separator=\x1f",
             "-E", "occurrence=f", "-o", "sip.strict_sip_version:false"]
    for field in FIELDS:
        words += ["-e", field]
    done = subprocess.run(words, capture_output=True)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [line.split(b"\x1f") for line in done.stdout.split(b"\n") if line]
    return [dict(zip(FIELDS, row)) for row in rows]


def ours(datagrams):
    binary = REPOSITORY / ".build" / "release" / "Benchmarks"
    stream = b"".join(struct.pack(">I", len(data)) + data for data in datagrams)
    done = subprocess.run([str(binary), "--parse"], input=stream, capture_output=True, check=True)
    rows = [line.split("\t") for line in done.stdout.decode().split("\n") if line]
    names = ["verdict", "method", "user", "call_id", "number", "cseq_method", "body"]
    return [dict(zip(names, row)) for row in rows]


def printable(text):
    """As tshark prints a field: escapes for what is not printable would hide nothing that matters here."""
    return bytes(octet for octet in text if 32 <= octet < 127)


def compare(data, our, their):
    """The names of the fields in which the two differ, but for what tshark is known to read otherwise."""
    different = []
    text = {name: bytes.fromhex(our[name]) for name in ("method", "user", "call_id", "cseq_method")}
    for name, field in (("method", "sip.Method"), ("call_id", "sip.Call-ID"), ("cseq_method", "sip.CSeq.method"),
                        ("user", "sip.r-uri.user")):
        value = printable(their.get(field, b""))
        if name == "user" and (text["user"] == b"" or value == b""):
            # Only we read the number of a tel URI, and a user before an empty header part ("?").
            continue
        # White space and folds at the end of a value are no part of it (RFC 3261 §7.3.1); tshark shows them.
        value = re.sub(rb"( |\\r\\n|\\t)+$", b"", value)
        if name == "user":
            # A password is no part of the user (RFC 3261 §19.1.1); tshark leaves it there behind parameters.
            value = value.partition(b":")[0]
        if printable(text[name]) != value and not (value == b"" and BLANK_COLON.search(data)):
            different.append(name)
    if their.get("sip.CSeq.seq") and int(their["sip.CSeq.seq"]) != int(our["number"]):
        different.append("number")
    length = their.get("sip.Content-Length", b"")
    if not length and (BLANK_COLON.search(data) or EMPTY_CREDENTIALS.search(data)):
        return different
    if length == b"0" and BLANK_BEHIND_LENGTH.search(data):
        return different
    head = data.find(b"\r\n\r\n")
    rest = len(data) - head - 4 if head >= 0 else 0
    body = min(int(length), rest) if length.isdigit() else rest
    if body != int(our["body"]):
        different.append("body")
    return different


# tshark takes no blank before a colon (RFC 3261 §25.1, HCOLON), and reads nothing behind credentials without
# parameters.
BLANK_COLON = re.compile(rb"\n[\w-]+[ \t]+:")
EMPTY_CREDENTIALS = re.compile(rb"\n(proxy-)?authorization *:", re.IGNORECASE)
# It takes a length with a blank behind it for 0.
BLANK_BEHIND_LENGTH = re.compile(rb"\n(content-length|l) *: *\d+[ \t]", re.IGNORECASE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--show", type=int, default=3)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    seeds = [data for data in messages(host="127.0.0.1", port=5_080) if len(data) < 3_000]
    datagrams = []
    while len(datagrams) < options.count:
        data = mutated(dice.choice(seeds), dice, seeds)
        if 0 < len(data) < 8_000:
            datagrams.append(data)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "mutated.pcap")
        write_pcap(path, datagrams)
        theirs_rows, our_rows = theirs(path), ours(datagrams)
    assert len(theirs_rows) == len(our_rows) == len(datagrams), (len(theirs_rows), len(our_rows))
    classes, examples = collections.Counter(), collections.defaultdict(list)
    for data, our, their in zip(datagrams, our_rows, theirs_rows):
        is_taken = our["verdict"] == "taken" or our["verdict"].isdigit() and our["verdict"] != "400"
        reads = bool(their.get("sip.Method"))
        if is_taken and our["method"] == "41434b" and not reads:
            # An ACK is matched by its branch, whatever its Request-URI.
            name = "an ACK that only we read"
        elif is_taken and reads:
            different = compare(data, our, their)
            name = "both read it, and differ in " + ", ".join(different) if different else "both read it alike"
        elif is_taken:
            name = "we read a request, they none"
        elif reads:
            name = "they read a request, we refuse it: " + our["verdict"]
        else:
            name = "neither reads a request: " + our["verdict"]
        classes[name] += 1
        examples[name].append((data, our, their))
    for name, count in sorted(classes.items(), key=lambda item: -item[1]):
        print(f"{count:8} {name}")
        if "differ" in name or "they none" in name:
            for data, our, their in examples[name][:options.show]:
                print("         ours  ", {key: value if key in ("verdict", "number", "body") else bytes.fromhex(value)
                                         for key, value in our.items()})
                print("         theirs", {key: value for key, value in their.items() if key != "sip.msg_hdr"})
                print("         data  ", data[:500])
    return 1 if any("differ" in name or "they none" in name for name in classes) else 0


if __name__ == "__main__":
    sys.exit(main())
