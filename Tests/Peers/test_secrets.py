"""No secret leaves the process: canary tokens are planted, and then everything is searched for them.

Every daemon of this suite is searched when it ends; here one is made to say as much as it can.
"""

import subprocess

from directory import ACCOUNT, CANARY, FRONT_DESK, NEXT_TOKEN, SHARED_KEY, TOKEN, sample_directory
from gateway import binary, clean_environment
from sip import DatagramCarrier
from webhook import VOICE, Twilio, parameters


def talkative(start_gateway):
    """A daemon at its most verbose that has seen good, forged, broken and refused calls."""
    gateway = start_gateway(configuration={"log": {"level": "debug", "calls": True}})
    twilio = Twilio(gateway)
    form = parameters()
    twilio.post(VOICE, form)
    twilio.post(VOICE, form, "forged")
    twilio.post(VOICE, form, twilio.signature(VOICE, form, token=NEXT_TOKEN))
    twilio.post(VOICE, parameters(AccountSid="AC" + "f" * 32))
    twilio.voice(To="+19998887777")
    with DatagramCarrier(gateway) as carrier:
        carrier.call()
        carrier.call("+19998887777")
    return gateway, form


def test_no_token_stands_in_log_records_store_metrics_exports_or_lists(start_gateway):
    gateway, _ = talkative(start_gateway)
    directory = sample_directory()
    directory["organizations"][0]["credentials"][0]["auth_tokens"] = [TOKEN, NEXT_TOKEN]
    said = gateway.apply(directory, "--dry-run").stdout + gateway.apply(directory).stdout
    said += gateway.command("export").stdout
    said += gateway.command("check").stdout
    said += gateway.command("calls").stdout + "".join(str(row) for row in gateway.calls())
    said += gateway.command("route", "--to", FRONT_DESK, check=False).stdout
    said += gateway.get("/metrics").content.decode()
    said += gateway.log()
    assert CANARY.decode() not in said
    gateway.settle()
    gateway.assert_no_secret_leaked()


def test_no_signature_that_would_be_right_stands_in_the_log(start_gateway):
    gateway, form = talkative(start_gateway)
    right = Twilio(gateway).signature(VOICE, form)
    gateway.settle()
    assert right not in gateway.log()
    assert all(right not in str(row) for row in gateway.records())


def test_the_export_is_the_directory_without_its_secrets_and_can_be_applied_again(start_gateway):
    gateway, _ = talkative(start_gateway)
    export = gateway.command("export").stdout
    assert ACCOUNT in export and FRONT_DESK in export
    file = gateway.folder / "export.json5"
    file.write_text(export)
    again = gateway.command("apply", "-f", str(file), check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert Twilio(gateway).voice().status == 200


def test_a_mistake_beside_a_secret_is_told_without_the_secret(start_gateway, tmp_path):
    gateway = start_gateway()
    for text in (
        '{ organizations: [{ id: "a", credentials: [{ id: "t", provider: "twilio", account_sid: "AC1", '
        f'auth_tokens: ["{TOKEN}", " {NEXT_TOKEN}", 7] }}] }}] }}',
        f'{{ organizations: [{{ id: "a", credentials: [{{ auth_tokens: "{TOKEN}" }}] }}] }}',
        f'{{ organizations: [{{ id: "a", auth_token: "{TOKEN}", shared: "{SHARED_KEY}" }}] }}',
        f'{{ organizations: "{TOKEN}" ',
    ):
        file = tmp_path / "mistaken.json5"
        file.write_text(text)
        for words in (["apply", "-f"], ["check", "-f"]):
            done = gateway.command(*words, str(file), check=False)
            assert done.returncode == 1, done
            assert CANARY.decode() not in done.stdout + done.stderr


def test_the_signature_command_does_not_repeat_the_token():
    done = subprocess.run(
        [binary(), "signature", "--url", "https://gw.example.com/x", "--token", TOKEN,
         "--signature", "AAAA"],
        capture_output=True, text=True, timeout=10, env=clean_environment())
    assert CANARY.decode() not in done.stdout + done.stderr
