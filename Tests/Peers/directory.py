"""The directory that the tests call into, as plain data for `trunkline apply`."""

PUBLIC_URL = "https://gw.example.com"

ACCOUNT = "AC" + "0a1b2c3d" * 4
# Secrets that nobody else has: wherever this word turns up, something has leaked.
CANARY = b"canary-"
TOKEN = "canary-token-4f1d7c0b9e8a"
NEXT_TOKEN = "canary-next-token-b7e2a91c"
SHARED_KEY_ID = "SK-rotating"
SHARED_KEY = "canary-shared-key-55d0c3"

FRONT_DESK = "+14155550100"
SUSPENDED = "+14155550101"
STREAMED = "+14155550102"
REDIRECTED = "+14155550103"
UNASSIGNED = "+14155550104"
OTHER_ORGANIZATION = "+14155550200"
NOBODYS = "+14155559999"

TENANTS = 10

# Loopback addresses by who sends from them.
CARRIER = "127.0.0.1"
OTHER_CARRIER = "127.0.0.2"
TO_CARRIER = "127.0.0.3"
NEXT_ROUTE_CARRIER = "127.0.0.4"
STRANGER = "127.0.0.9"


def tenant_account(index):
    return "AC%032x" % (0xFEED0000 + index)


def tenant_token(index):
    return f"canary-tenant-{index}-{(index + 1) * 7919:x}"


def tenant_number(index):
    return f"+1415555{3000 + index}"


def sample_directory(sales_targets=None):
    acme = {
        "id": "acme",
        "name": "Acme",
        "agents": [
            {
                "id": "sales",
                "name": "Sales",
                "targets": sales_targets
                or [
                    {"uri": "sip:sales@agents.example.com;transport=tcp", "priority": 1},
                    {"uri": "sip:overflow@agents.example.com", "priority": 2},
                    {"uri": "sip:last@agents.example.net", "priority": 3},
                ],
            },
            {"id": "voice", "targets": [{"uri": "wss://media.example.com/stream?a=1&b=2"}]},
            {"id": "remote", "targets": [{"uri": "https://twiml.example.com/answer"},
                                         {"uri": "sip:after@agents.example.com", "priority": 2}]},
        ],
        "trunks": [
            {
                "id": "carrier-a",
                "name": "Carrier A",
                "inbound": {
                    "allowed_addresses": [CARRIER, "::1"],
                    "default_country": "US",
                    "allow_private_targets": True,
                },
            },
            {
                "id": "carrier-to",
                "inbound": {"allowed_addresses": [TO_CARRIER], "number_source": "to"},
            },
            {
                "id": "carrier-next",
                "inbound": {
                    "allowed_addresses": [NEXT_ROUTE_CARRIER],
                    "answer_mode": {"reject": 480},
                    "refusals": {"unknown_number": 503},
                },
            },
        ],
        "credentials": [
            {
                "id": "twilio-main",
                "provider": "twilio",
                "account_sid": ACCOUNT,
                "auth_tokens": [TOKEN],
                "shared_keys": [{"id": SHARED_KEY_ID, "secret": SHARED_KEY}],
            }
        ],
        "numbers": [
            {"e164": FRONT_DESK, "inbound_agent": "sales", "label": "Front desk"},
            {"e164": SUSPENDED, "inbound_agent": "sales", "status": "suspended"},
            {"e164": STREAMED, "inbound_agent": "voice"},
            {"e164": REDIRECTED, "inbound_agent": "remote"},
            {"e164": UNASSIGNED},
        ],
    }
    globex = {
        "id": "globex",
        "agents": [{"id": "globex-sales", "targets": [{"uri": "sip:sales@globex.example.org"}]}],
        "trunks": [{"id": "carrier-b", "inbound": {"allowed_addresses": [OTHER_CARRIER]}}],
        "numbers": [
            {"e164": OTHER_ORGANIZATION, "trunk": "carrier-b", "inbound_agent": "globex-sales"}
        ],
    }
    return {"organizations": [acme, globex] + [tenant(index) for index in range(TENANTS)]}


def tenant(index):
    return {
        "id": f"tenant-{index}",
        "agents": [{"id": "desk", "targets": [{"uri": f"sip:desk@tenant{index}.example.org"}]}],
        "credentials": [
            {
                "id": "twilio",
                "provider": "twilio",
                "account_sid": tenant_account(index),
                "auth_tokens": [tenant_token(index)],
            }
        ],
        "numbers": [
            {"e164": tenant_number(index), "credential": "twilio", "inbound_agent": "desk"}
        ],
    }
