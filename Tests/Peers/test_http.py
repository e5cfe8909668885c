"""The edges of HTTP: what is refused, with which status, and what becomes of the connection."""

import re
import select
import subprocess

import pytest

from directory import FRONT_DESK
from gateway import hold_once, tool, wait_until
from http_wire import Wire, exchange, get, statuses, ways_of_cutting
from sip import DatagramCarrier, reset
from webhook import VOICE, Twilio, parameters

KNOWN_PATHS = [VOICE, "/telephony/fallback/twilio", "/telephony/status/twilio", "/healthz",
               "/readyz", "/metrics"]


@pytest.mark.parametrize("path", KNOWN_PATHS)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method_gets_405_with_the_right_ones(gateway, path, method):
    response = gateway.get(path, method)
    assert response.status == 405
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/healthz/", "/telephony", "/telephony/../healthz",
                                  "/%68ealthz/x", "/metrics%00", "//healthz", "/.git/config",
                                  "/telephony/agents//inbound"])
def test_an_unknown_path_gets_404(gateway, path):
    assert gateway.get(path).status in (400, 404)


def test_health_readiness_and_metrics_are_there(gateway):
    assert gateway.get("/healthz").status == 200
    assert gateway.get("/readyz").content == b'{"status":"ready"}\n'
    assert gateway.metric("uptime_seconds") >= 0


def test_metrics_are_in_the_text_format_of_prometheus(gateway):
    kinds, samples = {}, {}
    for line in gateway.get("/metrics").content.decode().splitlines():
        comment = re.fullmatch(r"# (HELP|TYPE) (trunkline_[a-z_]+) (.+)", line)
        if comment and comment[1] == "TYPE":
            assert comment[2] not in kinds, "a metric is told twice"
            kinds[comment[2]] = comment[3]
        elif not comment:
            sample = re.fullmatch(r'([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (\d+(?:\.\d+)?)',
                                  line)
            family = sample[1]
            if family not in kinds:
                family = re.sub("_(bucket|sum|count)$", "", family)
                assert kinds[family] == "histogram"
            assert family == list(kinds)[-1], "its help and its type stand before a sample"
            assert line.rsplit(" ", 1)[0] not in samples
            samples[line.rsplit(" ", 1)[0]] = float(sample[3])
    assert set(kinds.values()) == {"counter", "gauge", "histogram"}
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in kinds.items())
    assert "trunkline_sip_transactions" in samples


def test_metrics_tell_by_door_and_reason_what_became_of_calls(gateway):
    before = gateway.metrics()

    def added(sample):
        return gateway.metrics()[sample] - before[sample]

    with DatagramCarrier(gateway) as carrier:
        assert carrier.call().status == 302
        assert carrier.call(number="+19998887777").status == 404
    assert Twilio(gateway).voice().status == 200
    assert added('trunkline_calls_answered_total{door="sip"}') == 1
    assert added('trunkline_calls_answered_total{door="twilio"}') == 1
    assert added('trunkline_calls_refused_total{door="sip",reason="unknown_number"}') == 1
    assert added("trunkline_calls_refused_total") == 1
    assert added('trunkline_call_seconds_count{door="sip"}') == 2
    assert added('trunkline_call_seconds_bucket{door="sip",le="+Inf"}') == 2
    assert 0 < added('trunkline_call_seconds_sum{door="sip"}') < 10
    buckets = [value for name, value in gateway.metrics().items()
               if name.startswith('trunkline_call_seconds_bucket{door="sip"')]
    assert buckets == sorted(buckets) and len(buckets) == 12


def test_no_answer_tells_which_version_of_what_serves(gateway):
    for path in ("/healthz", "/nothing", VOICE):
        response = gateway.get(path)
        assert "trunkline" not in str(response.headers).lower()
        assert not response.headers.get("Server") or "/" not in response.headers["Server"]


def test_head_is_get_without_the_body(gateway):
    data, _ = exchange(gateway, get("/healthz", "Connection: close", method="HEAD"))
    head, _, body = data.partition(b"\r\n\r\n")
    assert statuses(data) == [200] and body == b""
    assert b"content-length: 16" in head.lower()


def test_curl_posts_a_body_that_is_too_large_and_gets_413(gateway, tmp_path):
    file = tmp_path / "body"
    file.write_bytes(b"a" * 70_000)
    done = subprocess.run(
        [tool("curl"), "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10",
         "--data-binary", f"@{file}", "http://%s:%d%s" % (*gateway.http, VOICE)],
        capture_output=True, text=True, timeout=20,
    )
    assert done.stdout == "413", done.stderr


def test_a_body_that_is_announced_too_large_is_refused_before_it_is_read(gateway):
    data, closed = exchange(gateway, get(VOICE, "Content-Length: 65537", method="POST"))
    assert statuses(data) == [413] and closed


def test_a_post_that_does_not_say_how_much_it_brings_gets_411(gateway):
    data, closed = exchange(gateway, get(VOICE, method="POST") + get("/healthz"))
    assert statuses(data) == [411] and closed


def test_a_post_without_a_body_is_taken_where_none_is_needed(gateway):
    context = get("/trunkline/v1/calls/0123456789abcdef/context", method="POST")
    data, _ = exchange(gateway, context + get("/metrics", method="POST") + get("/healthz"))
    assert statuses(data) == [401, 405, 200]


def test_a_request_line_that_is_too_long_gets_414(gateway):
    data, closed = exchange(gateway, get("/" + "a" * 8_300))
    assert statuses(data) == [414] and closed


def test_fields_that_are_too_large_or_too_many_get_431(gateway):
    for fields in (["X: " + "a" * 17_000], [f"X-{index}: 1" for index in range(120)]):
        data, closed = exchange(gateway, get("/healthz", *fields))
        assert statuses(data) == [431] and closed


def test_a_form_with_too_many_fields_gets_413(gateway):
    form = "&".join(f"a{index}=1" for index in range(1_200))
    fields = ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}",
              "Connection: close"]
    data, _ = exchange(gateway, get(VOICE, *fields, method="POST", body=form))
    assert statuses(data) == [413]


def test_a_client_that_asks_first_is_told_to_go_on_and_then_answered(gateway):
    twilio = Twilio(gateway)
    from urllib.parse import urlencode

    form = parameters()
    body = urlencode(form)
    fields = ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}",
              "Expect: 100-continue", "Connection: close",
              f"X-Twilio-Signature: {twilio.signature(VOICE, form)}"]
    with Wire(gateway) as wire:
        wire.send(get(VOICE, *fields, method="POST"))
        assert statuses(wire.read(b"\r\n\r\n")) == [100]
        wire.send(body.encode())
        data = wire.read()
    assert statuses(data) == [100, 200] and b"<Dial" in data


def test_pipelined_requests_are_answered_in_order(gateway):
    with Wire(gateway) as wire:
        wire.send(get("/healthz") + get("/nothing") + get("/readyz") + get("/healthz", "Connection: close"))
        assert statuses(wire.read()) == [200, 404, 200, 200]


def test_a_connection_is_kept_until_it_asks_to_be_closed(gateway):
    with Wire(gateway) as wire:
        for _ in range(5):
            wire.send(get("/healthz"))
            wire.received = b""
            assert statuses(wire.read(b'"ok"}\n')) == [200] and not wire.closed
        wire.send(get("/healthz", "Connection: close"))
        wire.read()
        assert wire.closed


def test_a_half_closed_client_still_gets_its_answer(gateway):
    import socket

    with Wire(gateway) as wire:
        wire.send(get("/healthz"))
        wire.socket.shutdown(socket.SHUT_WR)
        assert statuses(wire.read()) == [200] and wire.closed


def test_a_head_that_trickles_is_cut_off_with_408(start_gateway):
    gateway = start_gateway(configuration={"http": {"head_timeout": "500ms"}})
    with Wire(gateway) as wire:
        wire.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ")
        # An octet every 50 ms for as long as it may.
        while not select.select([wire.socket], [], [], 0.05)[0]:
            wire.send(b"x")
        assert statuses(wire.read()) == [408] and wire.closed


def test_a_body_that_stops_is_cut_off_with_408(start_gateway):
    gateway = start_gateway(configuration={"http": {"body_timeout": "300ms"}})
    data, closed = exchange(gateway, get(VOICE, "Content-Length: 10", method="POST", body="abc"))
    assert statuses(data) == [408] and closed


def test_a_silent_connection_is_closed_in_time(start_gateway):
    gateway = start_gateway(configuration={"http": {"idle_timeout": "300ms", "head_timeout": "400ms"}})
    with Wire(gateway) as wire:
        wire.send(get("/healthz"))
        assert statuses(wire.read()) == [200]
        assert wire.closed


def test_two_hundred_slow_clients_do_not_slow_the_others(gateway):
    slow = [Wire(gateway) for _ in range(200)]
    try:
        for wire in slow:
            wire.send(b"POST " + VOICE.encode() + b" HTTP/1.1\r\nHost: a\r\nX: ")
        twilio = Twilio(gateway)
        for _ in range(50):
            assert b"<Dial" in twilio.voice(To=FRONT_DESK).content
        # They are still there: nobody has waited until they were cut off.
        wait_until(lambda: gateway.metric("http_connections") >= 200, "the slow clients")
    finally:
        for wire in slow:
            wire.socket.close()


def test_connections_that_are_reset_leave_no_descriptor_behind(gateway):
    """D6: a reset at each of twenty points, and then at the end, before or after the answer."""
    request = get(VOICE, "Content-Length: 400", method="POST", body="a" * 400)

    def check():
        before = gateway.descriptors()
        for point in range(1, 21):
            wire = Wire(gateway)
            wire.send(request[:len(request) * point // 20])
            reset(wire.socket)
        wire = Wire(gateway)
        wire.send(request)
        assert statuses(wire.read(b"\r\n\r\n")) == [403]
        reset(wire.socket)
        wait_until(lambda: gateway.descriptors() <= before, "the descriptors", 1)

    hold_once(check)


SECOND = "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"
SMUGGLING = {
    "both lengths": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two content-lengths": "Content-Length: 0\r\nContent-Length: 5\r\n\r\nabcde",
    "a list of lengths": "Content-Length: 0, 5\r\n\r\nabcde",
    "a plus sign": "Content-Length: +5\r\n\r\nabcde",
    "a minus sign": "Content-Length: -1\r\n\r\n",
    "a hexadecimal length": "Content-Length: 0x5\r\n\r\nabcde",
    "an empty length (CVE-2023-40225)": "Content-Length:\r\n\r\nabcde",
    "a length of 2^64": "Content-Length: 18446744073709551616\r\n\r\n",
    "a length of 2^32+5": "Content-Length: 4294967301\r\n\r\nabcde",
    "an empty field name (CVE-2023-25725)": ": x\r\nContent-Length: 0\r\n\r\n",
    "a blank before the colon": "Content-Length : 5\r\n\r\nabcde",
    "a folded field": "X: a\r\n Content-Length: 5\r\n\r\nabcde",
    "a tab before the field": "X: a\r\n\tb\r\n\r\n",
    "chunked twice": "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "two transfer-encodings": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a vertical tab in the coding": "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a bare line feed": "X: a\nContent-Length: 5\r\n\r\nabcde",
    "a bare carriage return": "X: a\rContent-Length: 5\r\n\r\nabcde",
    "a NUL": "X: a\x00b\r\n\r\n",
    "two hosts": "Host: b\r\n\r\n",
    "a negative chunk": "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "a chunk of 2^64": "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nab",
    "a chunk with 0x": "Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n",
    "a chunk without its line end": "Transfer-Encoding: chunked\r\n\r\n5\r\nabcdeXX0\r\n\r\n",
    "a chunk ended by a line feed": "Transfer-Encoding: chunked\r\n\r\n5\nabcde\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("payload", SMUGGLING.values(), ids=SMUGGLING)
def test_nothing_behind_a_request_of_doubtful_length_is_served(gateway, payload):
    """CVE-2023-25725, CVE-2023-40225, CVE-2023-40175: one refusal, then the end, however it is cut."""
    request = ("POST /healthz HTTP/1.1\r\nHost: a\r\n" + payload + SECOND).encode("latin-1")
    for name, pieces in ways_of_cutting(request):
        data, closed = exchange(gateway, request, pieces)
        assert len(statuses(data)) == 1, (name, data)
        assert statuses(data)[0] in (400, 413, 501), (name, data)
        assert closed, name
        assert b"ready" not in data


BAD_LINES = {
    "no version": ("GET /healthz\r\n\r\n", 400),
    "two blanks": ("GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "lower case version": ("GET /healthz http/1.1\r\nHost: a\r\n\r\n", 400),
    "version 2.0": ("GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "version 1.10": ("GET /healthz HTTP/1.10\r\nHost: a\r\n\r\n", 400),
    "no host": ("GET /healthz HTTP/1.1\r\n\r\n", 400),
    "a NUL in the path": ("GET /heal\x00thz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a fragment": ("GET /healthz#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a tunnel": ("CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    "an unknown expectation": ("GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417),
    "a TLS hello": ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "a SIP request": ("OPTIONS sip:a SIP/2.0\r\nHost: a\r\n\r\n", 400),
    "an h2 preface": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
}


@pytest.mark.parametrize("request_text, status", BAD_LINES.values(), ids=BAD_LINES)
def test_a_request_that_breaks_the_grammar_is_refused_once_and_the_connection_ends(
    gateway, request_text, status
):
    with Wire(gateway) as wire:
        wire.send(request_text.encode("latin-1"))
        if not request_text.endswith("\n"):
            import socket
            wire.socket.shutdown(socket.SHUT_WR)
        data = wire.read()
        assert wire.closed
    assert len(statuses(data)) == 1
    assert statuses(data)[0] == status or (status == 505 and statuses(data)[0] == 400)


def test_wrk_posts_signed_webhooks_for_three_seconds_and_all_are_answered(gateway, tmp_path):
    from urllib.parse import urlencode

    twilio = Twilio(gateway)
    form = parameters()
    script = tmp_path / "signed.lua"
    script.write_text(
        'wrk.method = "POST"\n'
        f"wrk.body = {urlencode(form)!r}\n"
        'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'
        f'wrk.headers["X-Twilio-Signature"] = {twilio.signature(VOICE, form)!r}\n'
    )
    done = subprocess.run(
        [tool("wrk"), "-t1", "-c8", "-d3s", "-s", str(script), "http://%s:%d%s" % (*gateway.http, VOICE)],
        capture_output=True, text=True, timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    gateway.settle()
    assert len(gateway.records_of(form["CallSid"])) == 1
