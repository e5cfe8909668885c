import Gateway
import Primitives
import Routing
import Testing

@Suite("Problems of a directory file")
struct DirectoryFileProblemTests {
    /// What stands in one organization, with a mark before each place, and what is said of them.
    static let problems: [(String, [String])] = [
        (#"id: ▸5"#, ["organizations[0].id: this is a number; write text in quotes"]),
        (#"name: "x""#, [#"organizations[0]: "id" is missing; write id: "sales""#]),
        (
            #"id: ▸"a b""#,
            ["organizations[0].id: an id is 1 to 64 letters, digits, -, _ and ."]
        ),
        (
            #"id: "a", ▸agnets: []"#,
            [#"organizations[0].agnets: unknown key "agnets"; did you mean "agents"?"#]
        ),
        (
            #"id: "a", numbers: [{ e164: "+14155550100" }, { e164: ▸"+1-415-555-0100" }]"#,
            [
                "organizations[0].numbers[1].e164: this number is in line 1 already; "
                    + "a number has one row"
            ]
        ),
        (
            #"id: "a", numbers: [{ e164: ▸"4155550100" }, { e164: ▸"+1 nope" }, { e164: ▸"+12" }]"#,
            [
                "organizations[0].numbers[0].e164: this is no E.164 number; write + and the "
                    + "country code first",
                "organizations[0].numbers[1].e164: this is no E.164 number; write such as "
                    + "\"+14155550100\"",
                "organizations[0].numbers[2].e164: this is no E.164 number; write such as "
                    + "\"+14155550100\"",
            ]
        ),
        (
            #"id: "a", trunks: [{ id: "carrier" }], numbers: [{ e164: "+14155550100", trunk: ▸"carier" }]"#,
            [
                #"organizations[0].numbers[0].trunk: this organization has no "carier"; "#
                    + #"did you mean "carrier"?"#
            ]
        ),
        (
            #"id: "a", numbers: [{ e164: "+14155550100", credential: ▸"x", inbound_agent: ▸"y" }]"#,
            [
                #"organizations[0].numbers[0].credential: this organization has no "x"; "#
                    + "it has none yet",
                #"organizations[0].numbers[0].inbound_agent: this organization has no "y"; "#
                    + "it has none yet",
            ]
        ),
        (
            #"id: "a", agents: [{ id: "s", targets: [] }], inbound_routing: { fallback_agent: ▸"t" }"#,
            [
                #"organizations[0].inbound_routing.fallback_agent: this organization has no "#
                    + #""t"; did you mean "s"?"#
            ]
        ),
        (
            #"id: "a", inbound_routing: { ▸enabled: true }"#,
            [
                "organizations[0].inbound_routing.enabled: enabled routing needs a "
                    + "workflow_definition"
            ]
        ),
        (
            #"id: "a", inbound_routing: { timeout_ms: ▸99 }"#,
            [
                "organizations[0].inbound_routing.timeout_ms: 99 is out of range; "
                    + "write 100 to 10000"
            ]
        ),
        (
            #"id: "a", trunks: [{ id: "t" }, { id: ▸"t" }]"#,
            [
                #"organizations[0].trunks[1].id: "t" is taken by another row of this list; "#
                    + "name it anew"
            ]
        ),
        (
            #"id: "a", trunks: [{ id: "t", inbound: { allowed_addresses: [▸"10.0.0.1/8", ▸"x", ▸"::/0"] } }]"#,
            [
                #"organizations[0].trunks[0].inbound.allowed_addresses[0]: "10.0.0.1/8": "#
                    + "the address has bits beyond the length; write 10.0.0.0/8",
                #"organizations[0].trunks[0].inbound.allowed_addresses[1]: "x": "#
                    + "not an IPv4 or IPv6 address; write 203.0.113.0/24 or 2001:db8::/32",
                "organizations[0].trunks[0].inbound.allowed_addresses[2]: this would let "
                    + "everybody send calls as this trunk; write its networks",
            ]
        ),
        (
            #"id: "a", trunks: [{ id: "t", inbound: { number_source: ▸"from", default_country: ▸"us" } }]"#,
            [
                #"organizations[0].trunks[0].inbound.number_source: "from" is no place; "#
                    + #"write "ruri", "to", "p-called-party-id", "diversion" or "header:X-Name""#,
                #"organizations[0].trunks[0].inbound.default_country: "us" is no country; "#
                    + #"write "US""#,
            ]
        ),
        (
            #"id: "a", trunks: [{ id: "t", inbound: { answer_mode: ▸"rediret", refusals: { ▸suspendd: 480, suspended: ▸200 } } }]"#,
            [
                "organizations[0].trunks[0].inbound.answer_mode: write \"redirect\" or "
                    + "{ reject: 480 }",
                #"organizations[0].trunks[0].inbound.refusals.suspendd: "suspendd" is no "#
                    + #"reason; did you mean "suspended"?"#,
                "organizations[0].trunks[0].inbound.refusals.suspended: 200 is out of range; "
                    + "write 400 to 699",
            ]
        ),
        (
            #"id: "a", trunks: [{ id: "t", inbound: { refusals: { ▸unknown_trunk: 480 } } }]"#,
            [
                "organizations[0].trunks[0].inbound.refusals.unknown_trunk: a call from a source that "
                    + "no trunk has is no trunk's to refuse; take this out, and set "
                    + "sip.unknown_source in the configuration"
            ]
        ),
        (
            #"id: "a", agents: [{ id: "s", targets: [▸"sip:a@10.0.0.1", { uri: ▸"sip:x@sip.twilio.com" }] }]"#,
            [
                "organizations[0].agents[0].targets[0]: carriers cannot reach a private "
                    + "address; where this one can, set allow_private_targets: true on a trunk",
                "organizations[0].agents[0].targets[1].uri: Twilio refuses to be sent back to "
                    + "its own domains; write the agent's own address",
            ]
        ),
        (
            #"id: "a", agents: [▸{ id: "s" }, { id: "t", ▸targets: [], versions: [{ number: 1, targets: [] }, ▸{ number: 1, targets: [] }] }]"#,
            [
                #"organizations[0].agents[0]: "targets" is missing; write "#
                    + #"targets: [{ uri: "sip:…" }]"#,
                "organizations[0].agents[1].targets: write targets or versions, not both",
                "organizations[0].agents[1].versions[1]: version 1 is there already; "
                    + "number it anew",
            ]
        ),
        (
            #"id: "a", agents: [{ id: "s", targets: [] }], numbers: [{ e164: "+14155550100", inbound_agent: "s", inbound_version: ▸2 }]"#,
            [
                #"organizations[0].numbers[0].inbound_version: agent "s" has no version 2"#
            ]
        ),
        (
            #"id: "a", credentials: [{ id: "c", provider: ▸"twillio", account_sid: "AC1" }, { id: "d", provider: "twilio", account_sid: ▸"AC1" }]"#,
            [
                #"organizations[0].credentials[0].provider: "twillio" is not known here; "#
                    + #"did you mean "twilio"?"#,
                "organizations[0].credentials[1].account_sid: an account SID is AC and 32 "
                    + "hexadecimal digits",
            ]
        ),
        (
            #"id: "a", numbers: [{ e164: "+14155550100", status: ▸"on", trial_ends: ▸"tomorrow" }]"#,
            [
                #"organizations[0].numbers[0].status: "on" is not known here; write "#
                    + #""active", "pending", "suspended" or "error""#,
                "organizations[0].numbers[0].trial_ends: this is no time; write such as "
                    + "\"2027-01-31T00:00:00Z\"",
            ]
        ),
    ]

    @Test("each is told with its place, its path and what to write", arguments: problems)
    func explainsProblems(organization: String, expected: [String]) {
        // Without a mark it is the organization itself.
        let brace = organization.contains("▸") ? "{" : "▸{"
        let places = "{ organizations: [\(brace) \(organization) }] }"
        let columns = places.split(separator: "▸").dropLast().reduce(into: [1]) { columns, part in
            columns.append((columns.last ?? 1) + part.count)
        }
        let (contents, problems) = SampleFile.read(places.replacing("▸", with: ""))
        #expect(contents == nil)
        #expect(
            problems.lines
                == zip(columns.dropFirst(), expected).map { "d.json5:1:\($0): \($1)" }
        )
        #expect(columns.count == expected.count + 1)
    }

    @Test("one error leaves nothing: the good rows are not returned either")
    func appliesNothingByHalves() {
        let text = SampleFile.text.replacing("timeout_ms: 750", with: "timeout_ms: 75000")
        #expect(SampleFile.read(text).contents == nil)
        #expect(SampleFile.read(text).problems.list.count == 1)
    }

    @Test("the same number in two organizations is one too many")
    func refusesSharedNumbers() {
        let (contents, problems) = SampleFile.read(
            """
            { organizations: [
              { id: "a", numbers: [{ e164: "+14155550100" }] },
              { id: "b", numbers: [{ e164: "+14155550100" }] },
            ] }
            """
        )
        #expect(contents == nil)
        #expect(problems.lines.map { $0.prefix(14) } == ["d.json5:3:32: "])
        #expect(problems.lines.first?.contains("in line 2 already") == true)
    }

    @Test(
        "no message ever repeats a secret, however wrongly it is written",
        arguments: [
            #"auth_tokens: [canary0123456789]"#, #"auth_tokens: [0123456789012345canary]"#,
            #"auth_tokens: "canary0123456789""#, #"auth_tokens: [" canary0123456789"]"#,
            #"auth_tokens: ["canary0123456789"#, #"auth_tokens: ["canary\u0007"]"#,
            #"auth_tokens: [{ secret: "canary0123456789" }]"#,
            #"auth_tokens: [12345678901234567890]"#,
            #"auth_token: "canary0123456789""#, #"shared_keys: ["canary0123456789"]"#,
            #"shared_keys: [{ id: "k", secret: ["canary0123456789"] }]"#,
            #"auth_tokens: ['canary0123456789\q']"#,
        ]
    )
    func hidesSecrets(member: String) {
        let (contents, problems) = SampleFile.read(
            #"{ organizations: [{ id: "a", credentials: [{ id: "c", provider: "twilio", "# + member
                + " }] }] }"
        )
        #expect(contents == nil)
        #expect(!problems.isEmpty)
        let said = problems.lines.joined()
        #expect(said.contains("canary") == false)
        #expect(said.contains("0123456789") == false)
        #expect(said.contains("1234567890") == false)
    }
}
