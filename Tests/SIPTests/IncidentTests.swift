import Primitives
import SIP
import Testing

/// One test for each class of failure that took down or fooled a server of this kind.
@Suite("incidents of others")
struct IncidentTests {
    private func repeating(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test("1: a CSeq method longer than any buffer (CVE-2017-9372)")
    func longMethod() {
        let method = repeating("M", 6_000)
        let text = plainInvite.changing("INVITE", to: method).changing(
            "1 INVITE",
            to: "1 \(method)"
        )
        #expect(Treatment(text).outcome == .answer(501))
        #expect(
            Treatment(plainInvite.changing("1 INVITE", to: "1 \(method)")).outcome == .answer(400)
        )
    }

    @Test("2: multipart bodies without boundary are never looked into (AST-2017-003)")
    func multipart() {
        for body in ["--", "", "\n--x", repeating("-", 1_000)] {
            let text = plainInvite.adding("Content-Type: multipart/mixed;boundary=")
                .changing("Length: 0", to: "Length: \(wire(body).count)")
            #expect(Treatment(wire(text) + wire(body)).outcome == .route)
        }
    }

    @Test("3: many fields of one kind (CVE-2018-7284)", arguments: HeaderName.allCases)
    func manyFields(_ name: HeaderName) {
        let line = name == .other ? "X-Any: 1" : "\(name.text): 1"
        let thirtyThree = plainInvite.adding(
            Array(repeating: line, count: 33).joined(separator: "\n")
        )
        #expect(Treatment(thirtyThree).message.defect != .tooManyHeaders)
        let outcome = Treatment(
            plainInvite.adding(Array(repeating: line, count: 10_000).joined(separator: "\n"))
        ).outcome
        #expect(outcome != .route)
    }

    @Test("4: a long tag, two To, an empty tag, a Via without host (CVE-2018-8828, -14767, -16657)")
    func addressFields() {
        let long = plainInvite.changing("tag=from1", to: "tag=\(repeating("t", 7_000))")
        #expect(Treatment(long).outcome == .route)
        #expect(Treatment(plainInvite.adding("To: <sip:a@b>;tag=")).outcome == .answer(400))
        #expect(Treatment(plainInvite.changing("tag=from1", to: "tag=")).outcome == .answer(400))
        #expect(Treatment(plainInvite.changing("192.0.2.1:5060", to: "")).outcome == .silence)
        #expect(Treatment(plainInvite.adding("Subject: \(repeating("s", 512))")).outcome == .route)
    }

    @Test(
        "5: Authorization is kept as bytes and not read here (CVE-2023-28098)",
        arguments: [
            "Authorization: Digest", "Authorization: Digest \"",
            "Authorization: Digest username=\"",
            "Authorization: Digest realm=,,,=", "Proxy-Authorization: \\", "Authorization:",
        ]
    )
    func authorization(_ line: String) {
        #expect(Treatment(plainInvite.adding(line)).outcome == .route)
    }

    @Test(
        "6: fields that end where the message ends (OpenSIPS GHSA-c6j5)",
        arguments: [
            "Content-Length", "Content-Length:", "Content-Length: 1", "Via:", "Via: SIP/2.0/UDP",
            "To:",
            "To: <", "To: \"", "To: <sip:a@b>;tag", "From: <sip:%", "CSeq:", "CSeq: 1", "v", "l",
            "",
        ]
    )
    func cutFields(_ end: String) {
        let treatment = Treatment(wire("INVITE sip:1@b SIP/2.0\nVia: SIP/2.0/UDP h\n" + end))
        #expect(treatment.outcome == .answer(400))
    }

    @Test("7: Content-Length 2³²+32 hides no second request (CVE-2026-23457)")
    func wideLength() {
        let text = plainInvite.changing("Length: 0", to: "Length: 4294967328")
        let run = StreamRun(wire(text + repeating("x", 32) + plainInvite), piece: 100_000)
        #expect(run.treatments.map(\.outcome) == [.answer(413)])
        #expect(run.isClosed)
    }

    @Test("8: blanks before the colon hide no field (CVE-2020-28361)", arguments: [0, 1, 40])
    func blanksBeforeColon(_ count: Int) throws {
        let treatment = Treatment(
            plainInvite.adding("P-Asserted-Identity\(repeating(" ", count)): <sip:+19@h>")
        )
        #expect(treatment.message.has(.pAssertedIdentity))
        #expect(treatment.outcome == .route)
    }

    @Test(
        "9: an odd octet before the colon is no name (CVE-2016-9938)",
        arguments: [
            "\u{1}", "\u{B}", "\u{C}", "\u{1F}", "\u{7F}", "\u{A0}", "\"", "(", "/", "@", " x",
        ]
    )
    func oddOctetBeforeColon(_ octet: String) {
        let treatment = Treatment(plainInvite.adding("To\(octet): <sip:evil@h>;tag=1"))
        #expect(treatment.outcome == .answer(400))
        #expect(treatment.message.count(of: .to) == 1)
    }

    @Test(
        "9: a line without a name or without a colon is refused (CVE-2023-25725)",
        arguments: [
            ": value", " : value", "no colon here", "\u{0}: x",
        ]
    )
    func noName(_ line: String) {
        // A line that starts with a blank continues the one before it, which is another matter.
        let expected: Outcome = line.hasPrefix(" ") ? .route : .answer(400)
        #expect(Treatment(plainInvite.adding("Subject: x\n\(line)")).outcome == expected)
    }

    @Test("10: announced lengths reserve no memory (sipgo GHSA-pg59)")
    func announcedLength() {
        var framer = SIPStreamFramer()
        var message = SIPMessage()
        let text = plainInvite.changing("Length: 0", to: "Length: 65000")
        framer.append(wire(text).span)
        #expect(framer.next(into: &message) == .needMore)
        #expect(framer.pendingBytes == wire(text).count)
    }

    @Test(
        "20: what stands around a number never becomes part of it (AST-2010-002)",
        arguments: [
            ("sip:+15550100&SIP/evil@gw", nil), ("sip:+15550100;tgrp=x@gw", "+15550100"),
            ("sip:+15550100%26x@gw", nil), ("sip:+15550100%00@gw", nil), ("sip:$(reboot)@gw", nil),
            ("sip:+15550100'--@gw", nil), ("sip:+15550100%0d%0aVia@gw", nil),
        ] as [(String, String?)]
    )
    func injectedNumber(_ uri: String, _ number: String?) {
        #expect(Piece(uri).number?.text == number)
    }

    @Test("35: an INVITE whose line breaks are gone is no SIP (Kamailio #2044)")
    func withoutLineBreaks() {
        let bytes = wire(plainInvite).filter { $0 != 13 && $0 != 10 }
        #expect(Treatment(bytes).outcome == .silence)
        let spaced = wire(plainInvite).map { $0 == 13 || $0 == 10 ? 32 : $0 }
        #expect(Treatment(spaced).outcome == .silence)
    }
}
