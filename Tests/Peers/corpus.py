"""All messages that the tests have, as octets: RFC 4475, RFC 5118, the incidents, and good requests."""

import re
import textwrap
from pathlib import Path

from sip import request

TORTURE = Path(__file__).resolve().parents[1] / "SIPTests" / "Torture"
METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "SUBSCRIBE", "NOTIFY",
           "PUBLISH", "INFO", "REFER", "MESSAGE", "UPDATE", "JUMP")


def torture():
    """The wire text of the torture messages, as it stands in the Swift tests; interpolations stay as they are."""
    for file in sorted(TORTURE.glob("RFC*.swift")):
        for text in re.findall(r'"""\n(.*?)\n *"""', file.read_text(), re.DOTALL):
            text = re.sub(r"\\+#?u\{(\w+)\}", lambda found: chr(int(found.group(1), 16)), textwrap.dedent(text))
            yield text.replace("\\\n", "").replace("\n", "\r\n").encode() + b"\r\n"


def incidents(over):
    from test_incidents import INCIDENTS

    for makers in INCIDENTS.values():
        for make in makers:
            yield make(dict(over))


def good(over):
    for method in METHODS:
        yield request(method, **over)


def messages(**over):
    """Every message once, as if it came from `host` and `port`."""
    return [*good(over), *torture(), *incidents(over)]
