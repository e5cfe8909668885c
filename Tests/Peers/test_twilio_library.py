"""Webhooks signed by Twilio's own library: it is the judge of what is authentic."""

import hashlib
import json
import os
import random
import string
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from twilio.request_validator import RequestValidator

from directory import ACCOUNT, FRONT_DESK, NEXT_TOKEN, OTHER_ORGANIZATION, PUBLIC_URL, SHARED_KEY
from directory import SHARED_KEY_ID, TENANTS, TOKEN, sample_directory, tenant_account
from directory import tenant_number, tenant_token
from gateway import wait_until
from webhook import FALLBACK, STATUS, VOICE, Twilio, new_call_sid, parameters

ORACLE_REQUESTS = int(os.environ.get("TRUNKLINE_ORACLE_REQUESTS", "10000"))
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


@pytest.fixture
def twilio(gateway):
    return Twilio(gateway)


class Form(dict):
    """What a web framework hands to Twilio's validator: every value of a name."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name):
        return self[name]


# The oracle


def random_text(dice):
    letters = string.ascii_letters + string.digits + " +&=%;/?:@'\"<>*-_.~()!$,#\t\u00e9\u00df\u4e2d\U0001f600"
    return "".join(dice.choice(letters) for _ in range(dice.randrange(0, 24)))


def random_request(dice):
    """A request as Twilio might make it: method, target, body, headers; not signed yet."""
    query = [(f"q{index}", random_text(dice)) for index in range(dice.randrange(0, 3))]
    pairs = [("CallSid", "CA%032x" % dice.getrandbits(128)), ("AccountSid", ACCOUNT),
             ("To", FRONT_DESK), ("From", random_text(dice))]
    for _ in range(dice.randrange(0, 12)):
        name = dice.choice(["Sid", "SidAccount", "CALLSID", "Digits", "x", random_text(dice)])
        pairs += [(name, random_text(dice))] * dice.choice([1, 1, 1, 2])
        if dice.random() < 0.1:
            pairs.append((name, random_text(dice)))
    dice.shuffle(pairs)
    kind = dice.random()
    if kind < 0.1:
        body = json.dumps({"text": random_text(dice)}).encode()
        query = [("AccountSid", ACCOUNT), ("CallSid", "CA1"), ("To", FRONT_DESK), *query]
        query.append(("bodySHA256", hashlib.sha256(body).hexdigest()))
        return "POST", target_of(query, dice), body, {"Content-Type": "application/json"}
    if kind < 0.25:
        return "GET", target_of(pairs + query, dice), b"", {}
    encode = quote if dice.random() < 0.3 else None
    body = urlencode(pairs, quote_via=encode) if encode else urlencode(pairs)
    return "POST", target_of(query, dice), body.encode(), {"Content-Type": FORM}


def target_of(query, dice):
    if not query:
        return VOICE
    return VOICE + "?" + (urlencode(query) if dice.random() < 0.5 else urlencode(query, quote_via=quote))


def form_of(body, headers):
    if headers.get("Content-Type") == FORM:
        return Form(parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="utf-8",
                              errors="surrogateescape"))
    return body.decode("latin-1") if body else {}


def broken(data, dice, alphabet):
    """One octet of `data` becomes another."""
    index = dice.randrange(len(data))
    octet = dice.choice([value for value in alphabet if value != data[index]])
    return data[:index] + bytes([octet]) + data[index + 1:]


def judge(target, body, headers, signature):
    """What Twilio's validator says of a request as it arrives."""
    try:
        form = form_of(body, headers)
        return RequestValidator(TOKEN).validate(PUBLIC_URL + target, form, signature)
    except (UnicodeError, TypeError):
        # A body that is no form under a URL without bodySHA256 is beyond Twilio's library.
        return False


def test_the_gateway_and_twilios_library_agree_on_every_random_request(gateway):
    """Half of them are broken in one octet of the signature, the body or the query."""
    seed = int(os.environ.get("TRUNKLINE_SEED", "20261121"))
    dice = random.Random(seed)
    twilio = Twilio(gateway)
    octets = (string.ascii_letters + string.digits + "+-_.~%=&").encode()
    accepted = 0
    for index in range(ORACLE_REQUESTS):
        method, target, body, headers = random_request(dice)
        validator = RequestValidator(TOKEN)
        form = form_of(body, headers) if headers.get("Content-Type") == FORM else {}
        signature = validator.compute_signature(PUBLIC_URL + target, form)
        if index % 2:
            part = dice.choice(["signature", "body" if body else "query", "query"])
            if part == "query" and "?" in target:
                path, query = target.split("?", 1)
                target = path + "?" + broken(query.encode(), dice, octets).decode()
            elif part == "body":
                body = broken(body, dice, octets)
            else:
                signature = broken(signature.encode(), dice, octets).decode()
        expected = judge(target, body, headers, signature)
        response = twilio.send(method, target, body or None,
                               {**headers, "X-Twilio-Signature": signature})
        said = f"seed {seed}, request {index}: {method} {target} {body!r} {signature}"
        assert (response.status == 200) == expected, f"{response.status}, {expected}: {said}"
        assert response.status in (200, 403), said
        accepted += response.status == 200
    assert ORACLE_REQUESTS * 0.45 < accepted < ORACLE_REQUESTS * 0.55


# What is not authentic


@pytest.mark.parametrize("signature", [
    None, "", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", " ", "=" * 28,
], ids=["missing", "empty", "short", "wrong", "blank", "padding"])
@pytest.mark.parametrize("path", [VOICE, STATUS, FALLBACK, "/telephony/agents/sales/inbound"])
def test_a_webhook_without_a_valid_signature_gets_an_empty_403_and_leaves_no_record(
    gateway, twilio, path, signature
):
    form = parameters()
    before = gateway.metrics()
    body = urlencode(form)
    response = twilio.send("POST", path, body,
                           {"Content-Type": FORM, "X-Twilio-Signature": signature})
    assert (response.status, response.content) == (403, b"")
    assert gateway.metric("webhooks_refused_total") == before["trunkline_webhooks_refused_total"] + 1
    for name in ("calls_answered_total", "calls_refused_total"):
        assert gateway.metric(name) == before["trunkline_" + name]
    gateway.settle()
    assert not [row for row in gateway.records() if row["call_id"] == form["CallSid"]]


def test_two_signatures_are_refused_even_if_one_is_right(gateway):
    form = parameters()
    good = Twilio(gateway).signature(VOICE, form)
    for pair in ((good, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), ("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", good)):
        import http.client
        connection = http.client.HTTPConnection(*gateway.http, timeout=5)
        connection.putrequest("POST", VOICE)
        body = urlencode(form).encode()
        for value in pair:
            connection.putheader("X-Twilio-Signature", value)
        connection.putheader("Content-Type", FORM)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        assert connection.getresponse().status == 403
        connection.close()


def test_a_token_opens_only_the_account_of_its_own_organization(gateway):
    """Ten accounts, ten tokens: the diagonal is let in, nothing else."""
    for account in range(TENANTS):
        for token in range(TENANTS):
            twilio = Twilio(gateway, tenant_token(token))
            form = parameters(AccountSid=tenant_account(account), To=tenant_number(account))
            response = twilio.post(VOICE, form)
            assert response.status == (200 if account == token else 403), (account, token)


def test_a_number_of_another_organization_is_not_reached_by_a_valid_webhook(gateway, twilio):
    for number in (OTHER_ORGANIZATION, tenant_number(3)):
        response = twilio.voice(To=number)
        assert response.status == 200
        assert b"<Reject" in response.content and b"<Dial" not in response.content


@pytest.mark.parametrize("agent", ["globex-sales", "nobody"], ids=["of another", "of nobody"])
def test_a_pinned_agent_that_is_not_the_organizations_is_refused_and_recorded(gateway, twilio, agent):
    form = parameters()
    response = twilio.post(f"/telephony/agents/{agent}/inbound", form)
    assert response.status == 200
    assert b"<Reject" in response.content and b"<Dial" not in response.content
    (row,) = gateway.records_of(form["CallSid"], 1)
    assert row["reason"] == "agent_unavailable" and row["rule"] == "pinned_agent"


def test_a_new_token_is_valid_beside_the_old_until_the_old_is_taken_out(start_gateway):
    directory = sample_directory()
    gateway = start_gateway(directory=directory)
    old, new = Twilio(gateway, TOKEN), Twilio(gateway, NEXT_TOKEN)
    assert (old.voice().status, new.voice().status) == (200, 403)
    credential = directory["organizations"][0]["credentials"][0]
    credential["auth_tokens"] = [TOKEN, NEXT_TOKEN]
    gateway.apply(directory)
    wait_until(lambda: new.voice().status == 200, "the new token")
    assert old.voice().status == 200
    credential["auth_tokens"] = [NEXT_TOKEN]
    gateway.apply(directory)
    wait_until(lambda: old.voice().status == 403, "the end of the old token")
    assert new.voice().status == 200


def test_a_webhook_signed_with_a_shared_key_under_sha256_is_authentic(gateway, twilio):
    import base64
    import hmac

    form = parameters()
    text = PUBLIC_URL + VOICE + "".join(key + form[key] for key in sorted(form))
    mac = hmac.new(SHARED_KEY.encode(), text.encode(), hashlib.sha256).digest()
    signature = base64.b64encode(mac).decode()
    settings = {SETTINGS: f"key={SHARED_KEY_ID},algorithm=HMAC_SHA256"}
    assert twilio.post(VOICE, form, signature, settings).status == 200
    assert twilio.post(VOICE, form, signature).status == 403
    for wrong in (f"key={SHARED_KEY_ID},algorithm=HMAC_MD5", "key=SK-other,algorithm=HMAC_SHA256"):
        assert twilio.post(VOICE, form, signature, {SETTINGS: wrong}).status == 403


HEADER_VARIANTS = [
    {"Host": "evil.example.com"}, {"Host": "evil.example.com:8443"},
    {"X-Forwarded-Host": "evil.example.com"}, {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Host": "gw.example.com", "X-Forwarded-Proto": "https"},
    {"X-Forwarded-Port": "1234"}, {"X-Forwarded-For": "203.0.113.9"},
    {"Forwarded": "host=evil.example.com;proto=http"}, {"X-Original-URL": "/admin"},
    {"X-Rewrite-URL": "/admin"}, {"X-Forwarded-Prefix": "/api"},
    {"X-HTTP-Method-Override": "GET"},
]


@pytest.mark.parametrize("headers", HEADER_VARIANTS, ids=lambda headers: ", ".join(headers))
def test_no_header_of_a_stranger_changes_what_is_signed(gateway, twilio, headers):
    form = parameters()
    good = twilio.post(VOICE, form, headers=headers)
    assert good.status == 200
    assert b"evil" not in good.content
    for url in ("https://evil.example.com", "http://gw.example.com/api", "http://evil.example.com"):
        forged = RequestValidator("guess").compute_signature(url + VOICE, form)
        assert twilio.post(VOICE, form, forged, headers).status == 403
        other_url = RequestValidator(TOKEN).compute_signature(url + VOICE, form)
        assert twilio.post(VOICE, form, other_url, headers).status == 403
    unsigned = {"Content-Type": FORM, **headers}
    assert twilio.send("POST", VOICE, urlencode(form), unsigned).status == 403


def test_a_trusted_proxy_may_say_under_which_url_it_was_reached(start_gateway):
    gateway = start_gateway(configuration={"http": {"trusted_proxies": ["127.0.0.1"]}})
    twilio = Twilio(gateway)
    form = parameters()
    headers = {"X-Forwarded-Host": "other.example.com", "X-Forwarded-Proto": "https"}
    signature = RequestValidator(TOKEN).compute_signature("https://other.example.com" + VOICE, form)
    assert twilio.post(VOICE, form, signature, headers).status == 200
    assert twilio.post(VOICE, form, signature).status == 403


@pytest.mark.parametrize("url", [
    "https://gw.example.com:443", "https://gw.example.com:8443",
])
def test_a_signature_over_the_url_with_its_port_is_accepted_where_it_is_the_default(
    gateway, twilio, url
):
    form = parameters()
    signature = RequestValidator(TOKEN).compute_signature(url + VOICE, form)
    assert twilio.post(VOICE, form, signature).status == (200 if url.endswith(":443") else 403)


def test_an_absolute_target_of_another_host_does_not_change_what_is_signed(gateway):
    form = parameters()
    twilio = Twilio(gateway)
    target, body = "http://evil.example.com" + VOICE, urlencode(form)
    headers = {"Content-Type": FORM, "Host": "gw.example.com"}
    good = twilio.send("POST", target, body, {**headers, "X-Twilio-Signature": twilio.signature(VOICE, form)})
    assert good.status == 200 and b"<Dial" in good.content and b"evil" not in good.content
    other = RequestValidator(TOKEN).compute_signature(target, form)
    for signature in (other, None):
        refused = twilio.send("POST", target, body, {**headers, "X-Twilio-Signature": signature})
        assert (refused.status, refused.content) == (403, b"")


@pytest.mark.parametrize("form", [
    {"FromCity": ""}, {"Caller'": "O'Neil"}, {"Name": "Jos\u00e9 \u4e2d\u6587 \U0001f600"},
    {"plus": "a+b c%20d"}, {"": "no name"}, {"CALLSID": "1", "callSid": "2"},
], ids=["empty value", "apostrophe", "utf-8", "plus and percent", "empty name", "case of names"])
def test_parameters_of_every_kind_are_signed_as_twilio_signs_them(twilio, form):
    assert twilio.post(VOICE, parameters(**form)).status == 200
    changed = parameters(**form)
    signature = twilio.signature(VOICE, changed)
    changed["Extra"] = "1"
    assert twilio.post(VOICE, changed, signature).status == 403


def test_a_webhook_by_get_is_routed_like_one_by_post(twilio):
    target = VOICE + "?" + urlencode(parameters())
    assert b"<Dial" in twilio.get(target).content


@pytest.mark.parametrize("verdict, attestation", [
    ("TN-Validation-Passed-A", "A"), ("TN-Validation-Failed-B", "failed"),
    ("No-TN-Validation", None), (None, None),
])
def test_what_twilio_found_of_the_callers_number_stands_in_the_record(
        gateway, verdict, attestation):
    sid = new_call_sid()
    assert Twilio(gateway).voice(CallSid=sid, StirVerstat=verdict).status == 200
    assert gateway.records_of(sid)[0].get("attestation") == attestation
