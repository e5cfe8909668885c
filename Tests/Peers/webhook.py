"""Webhooks as Twilio sends them, signed by Twilio's own library."""

import http.client
import os
import subprocess
import tempfile
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from directory import ACCOUNT, FRONT_DESK, PUBLIC_URL, TOKEN
from gateway import PATIENCE, tool

VOICE = "/telephony/inbound/twilio"
STATUS = "/telephony/status/twilio"
FALLBACK = "/telephony/fallback/twilio"


def new_call_sid():
    return "CA" + os.urandom(16).hex()


def parameters(**over):
    """What the first webhook of an inbound call brings; None takes a parameter out."""
    base = {
        "CallSid": new_call_sid(),
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": "+14155550111",
        "Caller": "+14155550111",
        "To": FRONT_DESK,
        "Called": over.get("To", FRONT_DESK),
        "CallStatus": "ringing",
        "Direction": "inbound",
        "FromCity": "",
        "FromCountry": "US",
    }
    base.update(over)
    return {key: value for key, value in base.items() if value is not None}


class Twilio:
    """Sends webhooks over one kept connection."""

    def __init__(self, gateway, token=TOKEN):
        self.gateway = gateway
        self.token = token
        self.connection = http.client.HTTPConnection(*gateway.http, timeout=PATIENCE)

    def signature(self, target, form=None, token=None):
        validator = RequestValidator(token or self.token)
        return validator.compute_signature(PUBLIC_URL + target, form or {})

    def post(self, target, form, signature=None, headers=None):
        sent = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature or self.signature(target, form),
            **(headers or {}),
        }
        return self.send("POST", target, urlencode(form), sent)

    def get(self, target):
        return self.send("GET", target, None, {"X-Twilio-Signature": self.signature(target)})

    def send(self, method, target, body, headers):
        headers = {key: value for key, value in headers.items() if value is not None}
        self.connection.request(method, target, body=body, headers=headers)
        response = self.connection.getresponse()
        response.content = response.read()
        return response

    def voice(self, **over):
        """The first webhook of a call."""
        return self.post(VOICE, parameters(**over))


def post_webhooks(gateway, seconds):
    """The same signed webhook over 16 kept connections; what wrk says of it."""
    form = parameters()
    signature = Twilio(gateway).signature(VOICE, form)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f'wrk.method = "POST"\nwrk.body = {urlencode(form)!r}\n'
                     'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'
                     f'wrk.headers["X-Twilio-Signature"] = {signature!r}\n')
        script.flush()
        done = subprocess.run(
            [tool("wrk"), "-t1", "-c16", f"-d{seconds}s", "--latency", "-s", script.name,
             "http://%s:%d%s" % (*gateway.http, VOICE)], capture_output=True, text=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout
    return done.stdout
