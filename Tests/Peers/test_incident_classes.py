"""The rest of what brought other servers down, and the list that says which test stands for which class."""

import random
import re
import socket
import sqlite3
from pathlib import Path

import pytest

from directory import CARRIER, FRONT_DESK, OTHER_CARRIER, OTHER_ORGANIZATION, STRANGER
from http_wire import Wire, statuses
from sip import DatagramCarrier, StreamCarrier, assert_still_serving, request, unique
from webhook import Twilio

# Class → what the name of its test says, or why there is nothing to attack.
CLASSES = {
    1: "CVE-2017-9372", 2: "AST-2017-003", 3: "CVE-2018-7284", 4: "CVE-2018-8828", 5: "CVE-2023-28098",
    6: "GHSA-c6j5", 7: "cve_2026_23457", 8: "cve_2020_28361", 9: "cve_2016_9938", 10: "ghsa_pg59",
    11: "GHSA-chcx", 12: "cve_2018_7286", 13: "ast_2016_005", 14: "kamailio_4929", 15: "cve_2021_41145",
    16: "cve_2022_26143", 17: "cve_2021_41158", 18: "es2021_07", 19: "cve_2025_47779", 20: "AST-2010-002",
    21: "cve_2022_26651", 22: "CVE-2021-1000004", 23: "CVE-2021-1000005", 24: "cve_2022_26498",
    25: "CVE-2020-15260",
    26: "cve_2021_31878", 27: "cve_2020_28242", 28: "CVE-2016-2316", 29: "cve_2026_28980",
    30: "CVE-2023-25725", 31: "openclaw_6334", 32: "gptme_contrib_688",
    33: "mlflow 24179",
    34: "kamailio_3755", 35: "kamailio_2044", 36: "tigerbeetle",
}


@pytest.fixture(scope="module")
def gateway(start_module_gateway):
    return start_module_gateway(configuration={"sip": {"t1": "50ms", "t2": "200ms", "t4": "200ms"}})


@pytest.mark.parametrize("name", [name for name in CLASSES.values() if name])
def test_every_class_of_incident_has_a_test_that_carries_its_name(name):
    tests = Path(__file__).resolve().parents[1]
    found = []
    for file in [*tests.glob("Peers/test_*.py"), *tests.glob("*Tests/**/*.swift")]:
        for line in file.read_text().splitlines():
            words = ("def test_", "@Test(", '    "') if file != Path(__file__) else ("def test_",)
            if line.lstrip(" ").startswith(tuple(word.strip() for word in words)) and name in line:
                found.append(file.name)
    assert found, name


def test_cve_2021_41145_a_flood_of_new_calls_does_not_fill_memory(start_gateway):
    """FreeSWITCH: 8 GB, then the kernel's OOM killer."""
    gateway = start_gateway()
    memory = gateway.resident_bytes()
    for source, count in ((STRANGER, 20_000), (CARRIER, 20_000)):
        with DatagramCarrier(gateway, source) as carrier:
            base = carrier.request(call_id="flood-0000000")
            for index in range(count):
                carrier.socket.sendto(base.replace(b"0000000", b"%07d" % index), carrier.target)
    grown = gateway.resident_bytes() - memory
    assert grown < 50 << 20, f"{grown >> 20} MB"
    assert_still_serving(gateway)


@pytest.mark.parametrize("source", [CARRIER, STRANGER])
def test_cve_2021_41158_and_cve_2020_28242_no_answer_or_challenge_makes_us_send_anything(start_gateway, source):
    """We have no password to leak and no request to repeat: whatever a response says, nothing goes out."""
    # Its own, where nothing is left of other calls that would be sent again.
    gateway = start_gateway()
    before = gateway.metric("sip_datagrams_sent_total")
    lines = ['WWW-Authenticate: Digest realm="gw",nonce="1",algorithm=MD5',
             f"Contact: <sip:evil@{source}>", "Retry-After: 0"]
    for carrier_type in (DatagramCarrier, StreamCarrier):
        with carrier_type(gateway, source) as carrier:
            for status in (100, 180, 200, 302, 401, 407, 491, 503):
                for method in ("INVITE", "REGISTER", "OPTIONS"):
                    head = carrier.request(method, extra=lines).split(b"\r\n", 1)[1]
                    carrier.send(b"SIP/2.0 %d X\r\n" % status + head)
            assert carrier.receive(0.3) is None
    assert gateway.metric("sip_datagrams_sent_total") - before <= 4, "more than the daemon's own probes"


@pytest.mark.parametrize("carrier_type", [DatagramCarrier, StreamCarrier])
def test_es2021_07_no_method_does_anything_for_a_stranger(gateway, carrier_type):
    """ES2021-08 too: MESSAGE and SUBSCRIBE were served without asking who sends them."""
    for method in ("MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "REFER", "REGISTER", "INFO", "INVITE", "JUMP"):
        call_id = unique()
        with carrier_type(gateway, STRANGER) as stranger:
            stranger.send(stranger.request(method, call_id=call_id, body="x", length="Content-Length: 1"))
            assert stranger.receive(0.05) is None
        with carrier_type(gateway) as carrier:
            status = carrier.ask(carrier.request(method)).status
        assert status == 302 if method == "INVITE" else status in (405, 481, 501)


def test_cve_2025_47779_who_is_known_as_one_carrier_cannot_act_as_another(gateway):
    """CVE-2024-35190: the endpoint was matched by what the message says."""
    claims = [
        {"from_": f"From: <sip:carrier-a@{CARRIER}>;tag=1"}, {"host": CARRIER},
        {"extra": [f"P-Asserted-Identity: <sip:carrier-a@{CARRIER}>", f"Remote-Party-ID: <sip:a@{CARRIER}>"]},
        {"extra": ['Authorization: Digest username="carrier-a",realm="x",nonce="1",uri="sip:x",response="0"']},
        {"uri": f"sip:{FRONT_DESK}@{CARRIER}"}, {"extra": [f"Via: SIP/2.0/UDP {CARRIER};branch=z9hG4bK1"]},
    ]
    with DatagramCarrier(gateway, OTHER_CARRIER) as carrier:
        for claim in claims:
            sent = {"host": OTHER_CARRIER, "port": carrier.port, **claim}
            assert carrier.ask(request(number=FRONT_DESK, **sent)).status == 404, claim
            if "uri" not in claim:
                assert carrier.ask(request(number=OTHER_ORGANIZATION, **sent)).status == 302, claim


SQL = ["' OR '1'='1", "'; DROP TABLE numbers; --", '" OR ""="', "1; DELETE FROM calls", "') UNION SELECT 1--",
       "\\'; --", "%27%20OR%201=1", "1/**/OR/**/1=1", "ORDER BY 1,2,3", "${7*7}", "'||(SELECT 1)||'"]


def test_cve_2022_26651_no_text_reaches_the_store_as_sql(gateway):
    """FreePBX CVE-2026-28210, -44238: a header, a sort order, a filter."""
    before = gateway.command("export").stdout
    twilio = Twilio(gateway)
    with DatagramCarrier(gateway) as carrier:
        for text in SQL:
            plain = text.replace('"', "").replace("\\", "")
            for over in ({"number": plain.replace(" ", "%20")}, {"from_": f"From: \"{plain}\" <sip:{plain.replace(' ', '')}@a>;tag=1"},
                         {"call_id": unique(plain.replace(" ", "_"))}, {"extra": [f"User-Agent: {text}"]}):
                carrier.send(carrier.request(**over))
            twilio.voice(To=text, From=text)
            twilio.voice(CallSid=text)
            for option in ("--to", "--from", "--reason", "--since"):
                done = gateway.command("calls", option, text, check=False)
                assert done.returncode in (0, 1, 2)
                assert "syntax" not in done.stderr.lower() and "sqlite" not in done.stderr.lower(), done.stderr
    gateway.settle()
    assert gateway.command("export").stdout == before
    with sqlite3.connect(f"file:{gateway.state}/directory.sqlite?mode=ro", uri=True) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert_still_serving(gateway)


def test_cve_2022_26498_an_identity_is_never_fetched(gateway):
    """CVE-2022-26499: `info` and `x5u` of an Identity header led the server wherever the caller liked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = "http://127.0.0.1:%d/cert.pem" % server.getsockname()[1]
        with DatagramCarrier(gateway) as carrier:
            for lines in ([f"Identity: a.b.c;info=<{url}>;alg=ES256;ppt=shaken"], [f"Identity-Info: <{url}>"],
                          [f"Call-Info: <{url}>;purpose=icon", f"Alert-Info: <{url}>"],
                          [f"Identity: eyJ4NXUiOiJ{'x' * 4_000}.b.c;info=<{url}>"]):
                assert carrier.call(extra=lines).status == 302
        server.settimeout(0.5)
        with pytest.raises(TimeoutError):
            server.accept()


def test_cve_2021_31878_no_order_of_requests_in_one_dialog_confuses_the_gateway(gateway):
    """CVE-2021-21375: a request that came in a state where nobody expected it."""
    dice = random.Random(31878)
    methods = ("INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "INFO", "REFER", "OPTIONS", "NOTIFY")
    with DatagramCarrier(gateway) as carrier:
        for _ in range(150):
            call_id, tag = unique(), None
            for step in range(6):
                method = dice.choice(methods)
                over = {"call_id": call_id, "cseq": dice.randint(1, 3), "branch": f"z9hG4bK-{call_id}-{dice.randint(0, 2)}"}
                if tag and dice.random() < 0.5:
                    over["to"] = f"To: <sip:{FRONT_DESK}@gw.example.com>;tag={tag}"
                data = carrier.request(method, **over)
                for _ in range(dice.randint(1, 2)):
                    carrier.send(data)
                answer = carrier.receive(0.005)
                if answer:
                    assert answer.status in (200, 302, 405, 481), (method, over, answer.data)
                    if found := re.search(r"tag=(\w+)", answer["to"]):
                        tag = found.group(1)
        carrier.answers_until_silence(0.2)
    assert_still_serving(gateway)


def test_cve_2026_28980_a_flood_of_header_fields_is_refused_before_it_costs_memory(gateway):
    """swift-nio; CVE-2023-44487: HTTP/2 is not spoken at all."""
    memory = gateway.resident_bytes()
    for _ in range(50):
        with Wire(gateway) as wire:
            wire.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
            try:
                for index in range(200):
                    wire.send(b"".join(b"X-%d-%d: %s\r\n" % (index, line, b"v" * 50) for line in range(50)))
            except ConnectionError:
                pass
            data = wire.read(seconds=0.5)
            assert statuses(data) in ([431], []), data[:200]
    with Wire(gateway) as wire:
        wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" * 1_000)
        assert len(statuses(wire.read(seconds=0.5))) <= 1
    assert gateway.resident_bytes() - memory < 4 << 20
    manifest = (Path(__file__).resolve().parents[2] / "Package.swift").read_text()
    assert ".package(" not in manifest


def test_kamailio_3755_a_limit_for_each_address_is_the_operators_choice(start_gateway):
    """A limit in the code cut off everybody behind one load balancer."""
    gateway = start_gateway(configuration={"loops": 1, "sip": {"connections_per_address": 3}})
    carriers = [StreamCarrier(gateway) for _ in range(3)]
    for carrier in carriers:
        assert carrier.call().status == 302
    with StreamCarrier(gateway) as fourth:
        assert fourth.receive() is None and fourth.ended
    assert gateway.metric("connections_refused_total") == 1
    with StreamCarrier(gateway, OTHER_CARRIER) as other:
        assert other.call(OTHER_ORGANIZATION).status == 302
    for carrier in carriers:
        carrier.socket.close()


def test_tigerbeetle_jepsen_a_store_of_a_newer_version_is_refused_and_left_alone(start_gateway):
    """Faults appear when versions change: the old binary must say so, not guess."""
    gateway = start_gateway()
    gateway.stop()
    file = gateway.state / "directory.sqlite"
    with sqlite3.connect(file) as store:
        store.execute("INSERT INTO migrations VALUES (99, 'teleport', 0)")
    store.close()
    before = file.read_bytes()
    for words in (("check",), ("calls",), ("export",)):
        gateway.command(*words, check=False)
    with pytest.raises(AssertionError, match="does not serve"):
        gateway.launch(3)
    assert re.search(r"start the newer binary", gateway.log()), gateway.log()[-500:]
    assert file.read_bytes() == before
    with sqlite3.connect(file) as store:
        store.execute("DELETE FROM migrations WHERE name = 'teleport'")
    store.close()
    gateway.launch()
    assert_still_serving(gateway)
