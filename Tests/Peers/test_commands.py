"""The commands of the binary as an operator types them."""

import hashlib
import json
import os
import random
import re
import socketserver
import subprocess
import threading

import pytest
from twilio.request_validator import RequestValidator

from directory import ACCOUNT, FRONT_DESK, NOBODYS, PUBLIC_URL, SUSPENDED, TOKEN, sample_directory
from gateway import REPOSITORY, binary, clean_environment
from sip import DatagramCarrier, unique


def run(*words, text=None):
    return subprocess.run([binary(), *words], input=text, capture_output=True, text=True, timeout=20,
                          env=clean_environment())


def test_the_program_tells_its_version(gateway):
    name, version = run("--version").stdout.split()
    assert name == "trunkline"
    assert gateway.metrics()[f'trunkline_build_info{{version="{version}"}}'] == 1


@pytest.mark.parametrize("door, protocol", [("sip-udp", "sip/udp"), ("sip-tcp", "sip/tcp")])
def test_call_places_a_call_and_prints_the_exchange(gateway, door, protocol):
    done = run("call", "--to", FRONT_DESK, "--door", door, "--server",
               "%s:%d" % gateway.address(protocol))
    assert done.returncode == 0, done.stderr
    assert f"INVITE sip:{FRONT_DESK}@" in done.stdout and "302 Moved Temporarily" in done.stdout
    refused = run("call", "--to", NOBODYS, "--door", door, "--server",
                  "%s:%d" % gateway.address(protocol))
    assert refused.returncode == 1 and "unknown_number" in refused.stdout
    told = json.loads(run("call", "--to", NOBODYS, "--door", door, "--json", "--server",
                          "%s:%d" % gateway.address(protocol)).stdout)
    assert told["answered"] is False
    assert [text.split(" ")[0] for text in told["exchange"]] == ["INVITE", "SIP/2.0", "ACK"]


def test_call_escapes_what_a_user_part_cannot_hold(gateway):
    port = gateway.address("sip/udp")[1]
    done = run("call", "--to", "(415) 555-0100", "--server", f"localhost:{port}")
    assert "INVITE sip:(415)%20555-0100@127.0.0.1:" in done.stdout
    assert done.returncode == 0 and "302 Moved Temporarily" in done.stdout, done.stdout + done.stderr
    done = run("call", "--to", 'x@h" <é>', "--from", "a b", "--server", f"127.0.0.1:{port}")
    assert "INVITE sip:x%40h%22%20%3C%C3%A9%3E@127.0.0.1:" in done.stdout and "From: <sip:a%20b@" in done.stdout
    assert done.returncode == 1 and "SIP/2.0 404" in done.stdout


@pytest.mark.parametrize("door", ["sip-udp", "twilio"])
@pytest.mark.parametrize("words", [
    ["--to", "x@h SIP/2.0\r\nX-Evil: 1\r\nY: "], ["--to", "a\nb"], ["--to", FRONT_DESK, "--from", "\x7f"],
    ["--to", "1" * 257],
], ids=["lines", "line end", "from", "long"])
def test_call_sends_no_control_character(words, door):
    done = run("call", *words, "--door", door, "--server", "127.0.0.1:1", "--account", "a", "--token", "b")
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds a control character" in done.stderr or "more than 256 octets" in done.stderr


class Answering(socketserver.BaseRequestHandler):
    """Answers whatever comes with one text, and closes."""

    def handle(self):
        self.request.recv(65536)
        self.request.sendall(self.server.text)


@pytest.mark.parametrize("door, text, told", [
    ("sip-tcp", b"HTTP/1.1 400 Bad Request\r\n\r\n", '"HTTP/1.1 400 Bad Request" is no SIP answer'),
    ("sip-tcp", b"", "there is no answer: is 127.0.0.1:"),
    ("twilio", b"SIP/2.0 400 Bad\r\n\r\n", '"SIP/2.0 400 Bad" is no HTTP answer'),
    ("twilio", b"\x1b[2J", '"\\u001b[2J" is no HTTP answer'),
    ("twilio", b"", "there is no answer: is 127.0.0.1:"),
])
def test_call_says_that_something_else_listens_there(door, text, told):
    with socketserver.TCPServer(("127.0.0.1", 0), Answering) as server:
        server.text = text
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run("call", "--to", FRONT_DESK, "--door", door, "--server", "127.0.0.1:%d" % server.server_address[1],
                   "--account", "a", "--token", "b")
        server.shutdown()
    assert done.returncode == 1 and told in done.stderr, done.stderr
    assert "is 127.0.0.1:" in done.stderr and "ACK sip:" not in done.stdout and "400 Bad" not in done.stdout


@pytest.mark.parametrize("door, transport", [("sip-udp", "UDP"), ("sip-tcp", "TCP"), ("twilio", "TCP")])
def test_call_says_that_nobody_listens(door, transport):
    done = run("call", "--to", FRONT_DESK, "--door", door, "--server", "127.0.0.1:1", "--account", "a", "--token", "b")
    assert done.returncode == 1
    assert f"nobody listens at 127.0.0.1:1 by {transport}: is the gateway running" in done.stderr


def test_contact_tells_whether_a_carrier_follows_a_redirect(start_gateway):
    waiting = subprocess.Popen([binary(), "contact", "--listen", "127.0.0.1:0", "--seconds", "30"], text=True,
                               stdout=subprocess.PIPE, env=clean_environment())
    target = waiting.stdout.readline().split()[-1]
    gateway = start_gateway(directory=sample_directory([{"uri": target}]))
    with DatagramCarrier(gateway) as carrier:
        contact = carrier.call()["contact"]
        assert contact.startswith(f"<{target}>")
        host, port = target.split("@")[1].split(":")
        carrier.target = (host, int(port))
        # What else may come there tells nothing.
        carrier.send(b"\r\n\r\n")
        carrier.send(carrier.request("OPTIONS", uri=target))
        assert carrier.ask(carrier.request(uri=target)).status == 486
    told = waiting.stdout.read()
    assert waiting.wait(10) == 0
    assert f"INVITE {target} SIP/2.0" in told and f"follows: this INVITE came from 127.0.0.1:{carrier.port}" in told


def test_contact_says_that_no_call_came_and_what_to_do():
    done = run("contact", "--listen", "127.0.0.1:0", "--seconds", "1")
    assert done.returncode == 1 and "No INVITE came" in done.stdout and "answer_mode" in done.stdout
    told = run("contact", "--listen", "127.0.0.1:0", "--seconds", "1", "--json")
    assert (json.loads(told.stdout), told.returncode) == ({"followed": False}, 1)


def test_call_signs_a_webhook_as_twilio_would(gateway):
    words = ["call", "--to", FRONT_DESK, "--door", "twilio", "--server", "%s:%d" % gateway.http,
             "--account", ACCOUNT, "--url", PUBLIC_URL]
    done = run(*words, "--token", TOKEN)
    assert done.returncode == 0 and "<Dial" in done.stdout, done.stdout + done.stderr
    assert run(*words, "--token", "wrong").returncode == 1


def test_route_says_the_same_as_the_wire_does(gateway):
    for number, status in ((FRONT_DESK, 302), (NOBODYS, 404), (SUSPENDED, 603)):
        done = gateway.command("route", "--to", number, "--trunk", "acme/carrier-a", "--json",
                               check=False)
        explanation = json.loads(done.stdout)
        assert (done.returncode == 0) == (status == 302)
        with DatagramCarrier(gateway) as carrier:
            answer = carrier.call(number)
        assert answer.status == status
        assert explanation["doors"]["sip"]["outcome"] == (
            "answered" if status == 302 else "refused")
        text = gateway.command("route", "--to", number, "--trunk", "carrier-a", check=False).stdout
        assert ("sales@agents.example.com" if status == 302 else str(status)) in text
        if reason := answer.get("reason"):
            assert reason.split('"')[1] in text


def test_route_says_what_a_webhook_for_a_number_of_nobody_gets(gateway):
    done = gateway.command("route", "--to", NOBODYS, "--door", "twilio", check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1] == f"read as     {NOBODYS}  (Twilio, E.164 alone)"
    assert "refused   unknown_number" in done.stdout and '<Reject reason="rejected"/>' in done.stdout


def test_route_leaves_no_record(gateway):
    before = len(gateway.calls())
    gateway.command("route", "--to", FRONT_DESK, check=False)
    assert len(gateway.calls()) == before


def test_signature_finds_the_signature_of_twilios_library_and_the_mistake_in_another():
    url = "https://gw.example.com/telephony/inbound/twilio?x=1"
    form = {"CallSid": "CA1", "To": FRONT_DESK, "From": "+14155550111", "City": ""}
    right = RequestValidator(TOKEN).compute_signature(url, form)
    words = ["signature", "--url", url, "--token", TOKEN]
    words += [word for key, value in form.items() for word in ("--param", f"{key}={value}")]
    assert right in run(*words).stdout
    assert run(*words, "--signature", right).returncode == 0
    wrong = RequestValidator(TOKEN).compute_signature(url.replace("https", "http"), form)
    done = run(*words, "--signature", wrong)
    assert done.returncode == 1 and "http:" in done.stdout
    explained = json.loads(run(*words, "--signature", wrong, "--json").stdout)
    assert explained["matches"] is False
    assert json.loads(run(*words, "--signature", right, "--json").stdout)["matches"] is True
    assert json.loads(run(*words, "--json").stdout)["matches"] is None


def test_signature_says_at_once_that_the_url_has_to_name_a_body_that_is_no_form(tmp_path):
    body = tmp_path / "body.json"
    body.write_text('{"a": 1}')
    digest = hashlib.sha256(body.read_bytes()).hexdigest()
    words = ["signature", "--token", TOKEN, "--body", str(body), "--url", "https://gw.example.com/x"]
    done = run(*words)
    assert done.returncode == 1 and "Accepted" not in done.stdout
    assert digest in done.stdout and "the query has to name it" in done.stdout
    told = json.loads(run(*words, "--json").stdout)
    assert (told["matches"], told["accepted"], told["body_sha256"]) == (None, [], digest)
    url = f"https://gw.example.com/x?bodySHA256={digest}"
    done = run(*words[:-1], url)
    assert done.returncode == 0 and RequestValidator(TOKEN).compute_signature(url, {}) in done.stdout
    done = run(*words[:-1], url, "--param", "To=1")
    assert done.returncode == 2 and "no --param" in done.stderr


def test_calls_filters_by_number_reason_and_time(start_gateway):
    gateway = start_gateway()
    ids = [unique() for _ in range(3)]
    with DatagramCarrier(gateway) as carrier:
        for call_id, number in zip(ids, (FRONT_DESK, NOBODYS, SUSPENDED)):
            carrier.call(number, call_id=call_id)

    def listed(*words):
        return [row["call_id"] for row in gateway.calls(*words)]
    assert listed() == ids
    assert listed("--to", FRONT_DESK) == ids[:1]
    assert listed("--reason", "suspended") == ids[2:]
    assert listed("--from", "+14155550111") == ids
    assert listed("--since", "1h") == ids
    assert listed("--since", "2099-01-01") == []
    assert NOBODYS in gateway.command("calls").stdout


@pytest.mark.parametrize("words, hint", [
    (["--reason", "suspnded"], "did you mean suspended?"), (["--reason", "foo"], '"unknown_number"'),
    (["--call", "zz"], "16 digits"), (["--call", "0123456789abcdef.x"], "16 digits"),
    (["--from", "x y"], "write +14155550100"), (["--to", ""], "write +14155550100"),
])
def test_calls_refuses_a_filter_that_can_match_nothing(gateway, words, hint):
    done = gateway.command("calls", *words, check=False)
    assert (done.returncode, done.stdout) == (2, "") and hint in done.stderr


@pytest.mark.parametrize("words", [["export"], ["key create", "--operator"], ["calls"], ["key list", "--json"]])
def test_an_answer_that_cannot_be_written_is_no_success(start_gateway, words):
    gateway = start_gateway()
    gateway.command("key create", "--operator")
    command = [binary(), *words[0].split(), "--config", str(gateway.config_file), *words[1:]]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert (done.returncode, done.stderr) == (1, "standard output: No space left on device\n")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, env=clean_environment())
    os.close(writer)
    assert done.stderr == ""


def test_apply_prints_its_plan_and_a_dry_run_changes_nothing(start_gateway):
    gateway = start_gateway()
    directory = sample_directory()
    directory["organizations"][0]["numbers"][0]["label"] = "Reception"
    directory["organizations"][0]["numbers"].append({"e164": "+14155550188"})
    dry = gateway.apply(directory, "--dry-run").stdout
    assert "+14155550188" in dry and "~" in dry and "+ " in dry
    assert gateway.apply(directory).stdout.startswith(dry.rstrip()[:20])
    assert "nothing to change" in gateway.apply(directory).stdout


def test_apply_and_export_talk_to_programs_too(start_gateway):
    gateway = start_gateway()
    directory = sample_directory()
    directory["organizations"][0]["numbers"][0]["label"] = "Reception"
    directory["organizations"][0]["numbers"].append({"e164": "+14155550188"})
    for words, is_applied in ((["--dry-run"], False), ([], True)):
        plan = json.loads(gateway.apply(directory, "--json", *words).stdout)
        assert plan["applied"] is is_applied
        assert (plan["create"], plan["update"], plan["delete"]) == (1, 1, 0)
        changed, created = sorted(plan["changes"], key=lambda change: change["id"])
        assert (changed["action"], changed["kind"], changed["organization"]) == ("update", "number", "acme")
        assert changed["fields"] == [{"name": "label", "before": '"Front desk"', "after": '"Reception"'}]
        assert (created["action"], created["id"]) == ("create", "+14155550188")
    assert json.loads(gateway.apply(directory, "--json").stdout)["changes"] == []
    acme = json.loads(gateway.command("export", "--json").stdout)["organizations"][0]
    assert {number["e164"]: number.get("label") for number in acme["numbers"]}[FRONT_DESK] == "Reception"


def test_apply_keeps_what_the_file_does_not_name_until_it_is_told_to_prune(start_gateway):
    gateway = start_gateway()
    directory = sample_directory()
    removed = directory["organizations"][0]["numbers"].pop()
    gateway.apply(directory)
    assert removed["e164"] in gateway.command("export").stdout
    pruned = gateway.apply(directory, "--prune").stdout
    assert removed["e164"] in pruned and "-" in pruned
    assert removed["e164"] not in gateway.command("export").stdout


@pytest.mark.parametrize("change, word", [
    (lambda acme: acme["numbers"].append({"e164": "+1 (415) 555-0100"}), "already"),
    (lambda acme: acme["numbers"].append({"e164": "4155550100"}), "E.164"),
    (lambda acme: acme["numbers"].append({"e164": "+14155550190", "inbound_agent": "sale"}), "sales"),
    (lambda acme: acme["agents"].append({"id": "x", "targets": [{"uri": "sip:a@b.pstn.twilio.com"}]}), "wilio"),
    (lambda acme: acme["agents"].append({"id": "x", "targets": [{"uri": "javascript:alert(1)"}]}), "scheme"),
    (lambda acme: acme["agents"].append({"id": "x", "targets": [{"uri": "sip:a@b.example.com\r\nX: 1"}]}), "x"),
    (lambda acme: acme["trunks"].append({"id": "x", "inbound": {"allowed_addresses": ["0.0.0.0/0"]}}), "everybody"),
    (lambda acme: acme["trunks"].append({"id": "x", "inbound": {"alowed_addresses": []}}), "allowed_addresses"),
], ids=["twice", "national", "unknown agent", "twilio", "scheme", "line end", "everybody", "typo"])
def test_a_directory_with_a_mistake_changes_nothing_and_names_its_line(start_gateway, change, word):
    gateway = start_gateway()
    before = gateway.command("export").stdout
    directory = sample_directory()
    change(directory["organizations"][0])
    file = gateway.folder / "mistaken.json5"
    # Without the secrets, because everything in this folder is searched for them.
    for organization in directory["organizations"]:
        for credential in organization.get("credentials", []):
            credential["auth_tokens"], credential["shared_keys"] = ["x"], []
    file.write_text(json.dumps(directory, indent=1))
    done = gateway.command("apply", "-f", str(file), check=False)
    assert done.returncode == 1
    assert f"{file}:" in done.stderr and word in done.stderr, done.stderr
    assert gateway.command("export").stdout == before


def test_the_configuration_that_is_shipped_is_valid(tmp_path):
    text = (REPOSITORY / "config" / "trunkline.json5").read_text()
    file = tmp_path / "trunkline.json5"
    file.write_text(text.replace("/var/lib/trunkline", str(tmp_path / "state")))
    done = run("check", "--config", str(file))
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr


def test_a_listener_for_datagrams_alone_is_pointed_out_and_fails_nothing(tmp_path):
    file = tmp_path / "trunkline.json5"
    udp = '{ protocol: "sip", transport: "udp", address: "127.0.0.1:5060" }'
    file.write_text(f'{{ state_directory: "{tmp_path}", listeners: [{udp}] }}')
    done = run("check", "--config", str(file))
    assert (done.returncode, done.stdout) == (0, "ok\n")
    assert done.stderr.startswith(f"warning: {file}:1:") and 'transport: "tcp"' in done.stderr
    told = json.loads(run("check", "--config", str(file), "--json").stdout)
    assert told["ok"] and [problem["severity"] for problem in told["problems"]] == ["warning"]
    assert "warning: {file}:{line}:{column}: {path}: {message}\n".format(**told["problems"][0]) == done.stderr
    file.write_text('{ listeners: 7, lops: 1 }')
    done = run("check", "--config", str(file), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1 and not told["ok"] and done.stderr == ""
    assert {problem["severity"] for problem in told["problems"]} == {"error"}


def test_two_hundred_broken_configurations_are_refused_with_their_line_or_are_fine(tmp_path):
    dice = random.Random(200)
    text = (REPOSITORY / "config" / "trunkline.json5").read_text()
    text = text.replace("/var/lib/trunkline", str(tmp_path / "state"))
    file = tmp_path / "broken.json5"
    refused = 0
    for _ in range(200):
        at = dice.randrange(len(text))
        end = at + dice.choice((0, 1, 1, 5))
        file.write_text(text[:at] + dice.choice(["", "{", "}", ",", ":", "7", '"', "\x00", "\u202e", "-1"])
                        + text[end:])
        done = run("check", "--config", str(file))
        assert done.returncode in (0, 1), done
        if done.returncode == 1:
            refused += 1
            assert all(re.match(re.escape(str(file)) + r":\d+:\d+: .", line) for line in done.stderr.splitlines()), done.stderr
            assert len(done.stderr) < 20_000
    assert refused > 20


@pytest.mark.parametrize("words, hint", [
    ("route --to 1 --trunk carier-a", "did you mean carrier-a?"), ("key list --organization acmee", "did you mean acme?"),
    ("key revoke 0000", "key list"), ("apply -f /nowhere.json5", "/nowhere.json5"), ("backup /dev/null", "/dev/null"),
    ("replay --definition /nowhere.json5", "--organization acme"),
])
def test_what_the_files_and_the_directory_do_not_have_is_named_with_code_1(gateway, words, hint):
    name = words.split()[:2] if words.startswith("key") else words.split()[:1]
    done = gateway.command(" ".join(name), *words.split()[len(name):], check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert hint in done.stderr


@pytest.mark.parametrize("words", [
    [], ["serv"], ["call"], ["route"], ["apply"], ["calls", "--since", "yesterday"], ["check", "--konfig", "x"],
    ["signature", "--url", "ftp://x", "--token", "x"], ["call", "--to", "1", "--server", "nowhere"],
    ["check", "extra"], ["route", "--to"], ["workflow"], ["workflow", "chek", "x"], ["workflow", "draw"],
    ["jsonata"], ["replay"], ["replay", "--definition", "x", "--last", "0"], ["contact"],
    ["contact", "--listen", "nowhere"], ["contact", "--listen", "0.0.0.0:5070"], ["contact", "--listen", "[::]:5070"],
    ["contact", "--listen", "127.0.0.1:0", "--seconds", "0"],
    ["signature", "--url", "https://x.example.com", "--token", ""],
], ids=lambda words: " ".join(words) or "nothing")
def test_what_makes_no_sense_is_answered_with_a_hint_and_code_2(words):
    done = run(*words)
    assert done.returncode == 2
    assert done.stdout + done.stderr


def test_a_configuration_file_that_is_not_there_is_named(tmp_path):
    done = run("serve", "--config", str(tmp_path / "missing.json5"))
    assert done.returncode == 1 and "missing.json5" in done.stderr


@pytest.mark.parametrize("name", ["canary-with-crm", "follow-the-sun", "office-hours", "vip-and-spam"])
def test_the_workflows_that_are_shipped_are_right_and_can_be_drawn(name):
    file = str(REPOSITORY / "config" / "workflows" / f"{name}.json5")
    assert run("workflow", "check", file).stdout == "ok\n"
    assert json.loads(run("workflow", "check", file, "--json").stdout) == {"ok": True, "problems": []}
    drawn = run("workflow", "draw", file)
    assert drawn.returncode == 0 and drawn.stdout.startswith("flowchart TD\n")


def test_a_workflow_with_mistakes_is_told_with_all_their_lines(tmp_path):
    file = tmp_path / "flow.json5"
    file.write_text("""{ steps: [
      { id: "call", type: "trigger", next: "who" },
      { id: "out", type: "output", config: { fields: [
        { name: "agent_id", type: "string", value: "{{ input. }}" } ] } },
    ] }""")
    done = run("workflow", "check", str(file))
    assert done.returncode == 1
    assert f"{file}:2:44: steps[0].next: no step has the id" in done.stderr
    assert f"{file}:4:52: steps[1].config.fields[0].value: the expression does not parse" in done.stderr
    told = json.loads(run("workflow", "check", str(file), "--json").stdout)
    assert not told["ok"] and {2, 4} <= {problem["line"] for problem in told["problems"]}
    drawn = run("workflow", "draw", str(file))
    assert drawn.returncode == 1 and not drawn.stdout


def test_an_expression_is_tried_over_standard_input_and_an_error_has_a_caret():
    done = run("jsonata", "$sum(calls.seconds)", "--data", "-", "--compact",
               text='{"calls": [{"seconds": 40}, {"seconds": 2}]}')
    assert (done.returncode, done.stdout) == (0, "42\n")
    wrong = run("jsonata", "calls[seconds > ]")
    assert wrong.returncode == 1
    code, place, expression, caret = wrong.stderr.splitlines()
    assert code.startswith("S0211: ") and "position 17" in place
    assert caret.index("^") == expression.index("]")


def test_every_command_explains_itself():
    listed = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", run("--help").stdout, re.MULTILINE)
    assert len(listed) >= 19 and {"serve", "demo", "contact", "key create"} <= set(listed)
    for command in [*listed, "workflow", "key"]:
        done = run(*command.split(), "--help")
        assert done.returncode == 0 and f"trunkline {command}" in done.stdout, command
        assert not done.stderr and max(map(len, done.stdout.splitlines())) <= 110, command
