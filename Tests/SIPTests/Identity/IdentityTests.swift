import Primitives
import SIP
import Testing

@Suite("who calls")
struct IdentityTests {
    private func identity(
        _ lines: String...,
        from: String? = nil,
        trusted: Bool = true
    ) -> (
        CallerIdentity, Treatment
    )? {
        var text = plainInvite
        if let from { text = text.changing("<sip:+12125550123@carrier.example.com>", to: from) }
        for line in lines { text = text.adding(line) }
        let treatment = Treatment(text)
        return treatment.envelope.map {
            (
                CallerIdentity(
                    of: treatment.message,
                    envelope: $0,
                    trustsAssertions: trusted,
                    in: treatment.bytes.span
                ), treatment
            )
        }
    }

    @Test("without an assertion the caller is From")
    func from() throws {
        let (caller, _) = try #require(identity())
        #expect(caller.source == .from)
        #expect(caller.number?.text == "+12125550123")
        #expect(!caller.isAnonymous)
    }

    @Test("P-Asserted-Identity counts before Remote-Party-ID, and both before From")
    func order() throws {
        let rpid = "Remote-Party-ID: <sip:+13@h>;party=calling"
        let pai = "P-Asserted-Identity: <sip:+14@h>"
        #expect(try #require(identity(rpid)).0.number?.text == "+13")
        #expect(try #require(identity(rpid)).0.source == .remotePartyID)
        #expect(try #require(identity(rpid, pai)).0.number?.text == "+14")
        #expect(try #require(identity(rpid, pai)).0.source == .assertedIdentity)
    }

    @Test("a trunk that is not trusted asserts nothing (RFC 3325 §5)")
    func untrusted() throws {
        let (caller, _) = try #require(
            identity(
                "P-Asserted-Identity: <sip:+14@h>;verstat=TN-Validation-Passed-A",
                trusted: false
            )
        )
        #expect(caller.number?.text == "+12125550123")
        #expect(caller.verification.status == .absent)
    }

    @Test(
        "of a SIP and a tel identity the one with the number is taken (RFC 3325 §9.1)",
        arguments: [
            ["P-Asserted-Identity: \"Alice\" <sip:alice@h>, <tel:+1-555-0100>"],
            ["P-Asserted-Identity: <sip:alice@h>", "P-Asserted-Identity: tel:+15550100"],
            ["P-Asserted-Identity: <tel:+15550100>, <sip:alice@h>"],
        ]
    )
    func twoIdentities(_ lines: [String]) throws {
        let text = lines.reduce(plainInvite) { $0.adding($1) }
        let treatment = Treatment(text)
        let caller = CallerIdentity(
            of: treatment.message,
            envelope: try #require(treatment.envelope),
            trustsAssertions: true,
            in: treatment.bytes.span
        )
        #expect(caller.number?.text == "+15550100")
        #expect(caller.uri?.scheme == .tel)
    }

    @Test("an identity without a number is still an identity")
    func named() throws {
        let (caller, treatment) = try #require(identity("P-Asserted-Identity: <sip:alice@h>"))
        #expect(caller.source == .assertedIdentity)
        #expect(caller.number?.text == nil)
        #expect(treatment.text(caller.address.uri) == "sip:alice@h")
    }

    @Test("a Remote-Party-ID of the called party is not the caller")
    func calledParty() throws {
        let (caller, _) = try #require(
            identity(
                "Remote-Party-ID: <sip:+15550100@h>;party=called;screen=yes",
                "Remote-Party-ID: <sip:+15550111@h>;party=calling;screen=yes"
            )
        )
        #expect(caller.source == .remotePartyID)
        #expect(caller.number?.text == "+15550111")
    }

    @Test("an identity that cannot be read is passed over")
    func unreadable() throws {
        let (caller, _) = try #require(identity("P-Asserted-Identity: <sip:@h>, \"open <sip:+1@h>"))
        #expect(caller.source == .from)
    }

    @Test(
        "anonymous callers",
        arguments: [
            "\"Anonymous\" <sip:anonymous@anonymous.invalid>", "<sip:anonymous@192.0.2.1>",
            "<sip:Unavailable@h>", "<sip:restricted@h>", "<sip:unknown@h>",
            "<sip:x@anonymous.invalid>",
            "<notauri>",
        ]
    )
    func anonymous(_ from: String) throws {
        #expect(try #require(identity(from: from)).0.isAnonymous)
    }

    @Test("an anonymous From with an assertion has a number and stays anonymous")
    func anonymousButAsserted() throws {
        let (caller, _) = try #require(
            identity(
                "P-Asserted-Identity: <tel:+15550100>",
                "Privacy: id",
                from: "\"Anonymous\" <sip:anonymous@anonymous.invalid>"
            )
        )
        #expect(caller.isAnonymous)
        #expect(caller.number?.text == "+15550100")
        #expect(caller.privacy.hidesCaller)
    }

    @Test(
        "Privacy (RFC 3323)",
        arguments: [
            ("Privacy: id", Privacy.id, true), ("Privacy: ID;critical", [.id, .critical], true),
            ("Privacy: header;user", [.header, .user], true), ("Privacy: none", .none, false),
            ("Privacy: id, user", [.id, .user], true), ("Privacy: session", .session, false),
            ("Privacy: history", .history, false), ("Privacy: x;;", [], false),
            ("Privacy:", [], false),
            ("Remote-Party-ID: <sip:+1@h>;privacy=full", .id, true),
            ("Remote-Party-ID: <sip:+1@h>;privacy=off", [], false),
            ("Remote-Party-ID: <sip:+1@h>;privacy=uri-network", .id, true),
            ("Remote-Party-ID: <sip:+1@h>;privacy=\"off;name\"", .id, true),
            ("Remote-Party-ID: <sip:+1@h>;privacy=\"\"", [], false),
            ("Remote-Party-ID: <sip:+1@h>, <sip:+2@h>;privacy=full", .id, true),
            ("Remote-Party-ID: <sip:+1@h>;party=called;privacy=full", [], false),
        ] as [(String, Privacy, Bool)]
    )
    func privacy(_ line: String, _ expected: Privacy, _ hides: Bool) throws {
        let (caller, _) = try #require(identity(line))
        #expect(caller.privacy == expected)
        #expect(caller.privacy.hidesCaller == hides)
    }

    @Test(
        "verdicts on the caller's number, wherever the carrier puts them",
        arguments: [
            (
                "P-Asserted-Identity: <sip:+1@h>;verstat=TN-Validation-Passed",
                CallerVerification.Status.passed, nil
            ),
            ("P-Asserted-Identity: <sip:+1@h>;verstat=TN-Validation-Passed-A", .passed, .full),
            ("P-Asserted-Identity: <sip:+1;verstat=TN-Validation-Passed-B@h>", .passed, .partial),
            ("P-Asserted-Identity: <tel:+1;verstat=TN-Validation-Failed>", .failed, nil),
            ("P-Asserted-Identity: <sip:+1@h;verstat=No-TN-Validation>", .notVerified, nil),
            ("X-Twilio-VerStat: TN-Validation-Passed-C", .passed, .gateway),
            ("X-Twilio-VerStat: TN-Validation-Failed-A", .failed, .full),
            ("P-Attestation-Indicator: B", .absent, .partial),
            ("Attestation-Info: a", .absent, .full),
            ("P-Attestation-Indicator: D", .absent, nil), ("X-Twilio-VerStat: other", .absent, nil),
        ] as [(String, CallerVerification.Status, CallerVerification.Attestation?)]
    )
    func verification(
        _ line: String,
        _ status: CallerVerification.Status,
        _ attestation: CallerVerification.Attestation?
    ) throws {
        let (caller, _) = try #require(identity(line))
        #expect(caller.verification == CallerVerification(status: status, attestation: attestation))
    }

    @Test("verstat of From counts where the assertion has none")
    func verificationOfFrom() throws {
        let (caller, _) = try #require(
            identity(
                "P-Asserted-Identity: <sip:+1@h>",
                from: "<sip:+1@h;verstat=TN-Validation-Passed-A>"
            )
        )
        #expect(caller.verification.status == .passed)
    }

    private func diversions(_ lines: String...) -> [String] {
        let treatment = Treatment(lines.reduce(plainInvite) { $0.adding($1) })
        var found: [String] = []
        var diversions = Diversions(of: treatment.message, in: treatment.bytes.span)
        while let next = diversions.next(of: treatment.message, in: treatment.bytes.span) {
            found.append("\(treatment.text(next.address.uri)) \(treatment.text(next.reason))")
        }
        return found
    }

    @Test("Diversion is listed with the most recent first (RFC 5806 §4)")
    func diversion() {
        #expect(
            diversions(
                "Diversion: <sip:+12@h>;reason=user-busy, <tel:+11>;reason=no-answer",
                "Diversion: \"x\" <sip:+10@h>"
            )
                == ["sip:+12@h user-busy", "tel:+11 no-answer", "sip:+10@h "]
        )
        #expect(diversions() == [])
    }

    @Test("History-Info is read from its end, and only forwardings count (RFC 7544)")
    func history() {
        #expect(
            diversions(
                "History-Info: <sip:+10@h>;index=1, <sip:+11@h;cause=302>;index=1.1",
                "History-Info: <sip:+12@h;cause=486>;index=1.1.1, <sip:+12@gw>;index=1.1.1.1"
            )
                == ["sip:+11@h;cause=302 486", "sip:+10@h 302"]
        )
    }

    @Test(
        "the dialled number can stand in any field",
        arguments: [
            (CalledNumberField.requestURI, "+14155550100"), (.to, "+10"), (.calledPartyID, "+20"),
            (.diversion, "+30"), (.field(named: Array("x-did".utf8)), "+40"),
            (.field(named: Array("X-DID-Address".utf8)), "50"),
            (.field(named: Array("X-Absent".utf8)), nil),
            (.field(named: Array("X-Empty".utf8)), nil),
        ] as [(CalledNumberField, String?)]
    )
    func sources(_ source: CalledNumberField, _ number: String?) throws {
        let treatment = Treatment(
            plainInvite.changing("To: <sip:+14155550100@", to: "To: <sip:+10@")
                .adding("P-Called-Party-ID: \"x\" <sip:+20@h>")
                .adding("Diversion: <tel:+3-0>;reason=x, <sip:+31@h>")
                .adding("X-DID: +4 (0)").adding("X-DID-Address: <sip:50@h>;x=y").adding("X-Empty:")
        )
        let called = CalledNumber(
            from: source,
            of: treatment.message,
            envelope: try #require(treatment.envelope),
            in: treatment.bytes.span
        )
        #expect(called?.number?.text == number)
    }

    @Test("a user that is no number is a URI to route by")
    func namedTarget() throws {
        let treatment = Treatment(plainInvite.changing("+14155550100", to: "sales"))
        let envelope = try #require(treatment.envelope)
        let called = CalledNumber(
            from: .requestURI,
            of: treatment.message,
            envelope: envelope,
            in: treatment.bytes.span
        )
        #expect(called != nil)
        #expect(called?.number?.text == nil)
        #expect(called.map { treatment.text($0.text) } == "sales")
    }
}
