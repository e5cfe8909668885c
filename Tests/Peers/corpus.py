"""All messages that the tests have, as octets: RFC 4475, RFC 5118, the incidents, and good requests."""

import re
import textwrap
from pathlib import Path

from sip import request

TORTURE = Path(__file__).resolve().parents[1] / "SIPTests" / "Torture"
METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "SUBSCRIBE", "NOTIFY",
           "PUBLISH", "INFO", "REFER", "MESSAGE", "UPDATE", "JUMP")
# The body that most messages of RFC 4475 carry.
SESSION = """
v=0
o=mhandley 29739 7272939 IN IP4 ADDRESS
s=-
c=IN IP4 ADDRESS
t=0 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
"""


def torture():
    """The wire text of the torture messages, as it stands in the Swift tests; interpolations stay as they are."""
    for file in sorted(TORTURE.glob("RFC*.swift")):
        found = re.findall(r'"""\n(.*?)\n *"""(?: \+ session\("(.*?)"\)([^\n]*))?', file.read_text(), re.DOTALL)
        for text, address, changes in found:
            text = re.sub(r"\\+#?u\{(\w+)\}", lambda found: chr(int(found.group(1), 16)), textwrap.dedent(text))
            text = text.replace("\\\n", "")
            if address:
                session = SESSION[1:].replace("ADDRESS", address)
                for old, new in re.findall(r'changing\("(.*?)", to: "(.*?)"\)', changes):
                    session = session.replace(old.replace("\\n", "\n"), new)
                text += session
            if not address or changes.endswith('"\\n"'):
                text += "\n"
            yield text.replace("\n", "\r\n").encode()


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
