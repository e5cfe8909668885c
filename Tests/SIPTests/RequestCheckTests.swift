import Primitives
import SIP
import Testing

@Suite("what is answered before routing")
struct RequestCheckTests {
    /// The states in which a request can find us.
    enum Situation: CaseIterable {
        /// No To tag, all in order.
        case new
        /// A To tag: somebody believes that there is a dialog.
        case inDialog
        /// The CSeq names another method.
        case malformed
        /// The gateway is about to stop.
        case draining
    }

    /// One row for each method: new, in a dialog, malformed, while draining.
    static let table: [(SIPMethod, [Outcome])] = [
        (.invite, [.route, .answer(481), .answer(400), .route]),
        (.ack, [.acknowledge, .acknowledge, .silence, .acknowledge]),
        (.bye, [.answer(481), .answer(481), .answer(400), .answer(481)]),
        (.cancel, [.cancel, .cancel, .answer(400), .cancel]),
        (.options, [.answer(200), .answer(481), .answer(400), .answer(503)]),
        (.register, [.answer(405), .answer(481), .answer(400), .answer(405)]),
        (.prack, [.answer(481), .answer(481), .answer(400), .answer(481)]),
        (.subscribe, [.answer(405), .answer(481), .answer(400), .answer(405)]),
        (.notify, [.answer(405), .answer(481), .answer(400), .answer(405)]),
        (.publish, [.answer(405), .answer(481), .answer(400), .answer(405)]),
        (.info, [.answer(481), .answer(481), .answer(400), .answer(481)]),
        (.refer, [.answer(405), .answer(481), .answer(400), .answer(405)]),
        (.message, [.answer(405), .answer(481), .answer(400), .answer(405)]),
        (.update, [.answer(481), .answer(481), .answer(400), .answer(481)]),
        (.unknown, [.answer(501), .answer(501), .answer(400), .answer(501)]),
    ]

    @Test("14 methods and an unknown one in four situations", arguments: table)
    func matrix(_ method: SIPMethod, _ expected: [Outcome]) {
        let name = method == .unknown ? "JUMP" : "\(method.name)"
        let text = plainInvite.changing("INVITE", to: name)
        let good = text.changing("1 INVITE", to: "1 \(name)")
        #expect(Treatment(good).outcome == expected[0])
        let inDialog = good.changing(
            "To: <sip:+14155550100@gw.example.com>",
            to: "To: <sip:a@b>;tag=x"
        )
        #expect(Treatment(inDialog).outcome == expected[1])
        #expect(Treatment(text.changing("1 INVITE", to: "1 OTHER")).outcome == expected[2])
        #expect(Treatment(wire(good), isDraining: true).outcome == expected[3])
    }

    @Test("the table has a row for each method")
    func tableIsComplete() {
        #expect(Set(Self.table.map(\.0)) == Set(SIPMethod.allCases))
        #expect(Self.table.allSatisfy { $0.1.count == Situation.allCases.count })
    }

    @Test(
        "a field that every request needs is missed by name",
        arguments: [
            ("From: <sip:+12125550123@carrier.example.com>;tag=from1\n", "Missing From"),
            ("To: <sip:+14155550100@gw.example.com>\n", "Missing To"),
            ("Call-ID: call-1@192.0.2.1\n", "Missing Call-ID"),
            ("CSeq: 1 INVITE\n", "Missing CSeq"),
        ]
    )
    func missing(_ line: String, _ reason: String) throws {
        let response = try #require(Treatment(plainInvite.changing(line, to: "")).response)
        #expect(response.hasPrefix("SIP/2.0 400 \(reason)\r\n"))
    }

    @Test("without Via there is nobody to answer")
    func noVia() {
        let text = plainInvite.changing(
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\n",
            to: ""
        )
        #expect(Treatment(text).outcome == .silence)
    }

    @Test(
        "a field that may stand once stands twice",
        arguments: [
            "From: <sip:a@b>;tag=1", "f: <sip:a@b>;tag=1", "To: <sip:a@b>", "Call-ID: x", "i: x",
            "CSeq: 1 INVITE", "Max-Forwards: 70",
        ]
    )
    func repeated(_ line: String) throws {
        let response = try #require(Treatment(plainInvite.adding(line)).response)
        #expect(response.hasPrefix("SIP/2.0 400 Repeated "))
    }

    @Test("Call-IDs are one word", arguments: ["a b", "", "a\tb"])
    func callID(_ value: String) {
        #expect(
            Treatment(plainInvite.changing("call-1@192.0.2.1", to: value)).outcome == .answer(400)
        )
    }

    @Test(
        "Request-URIs",
        arguments: [
            ("tel:+14155550100", Outcome.route), ("sips:+14155550100@gw.example.com", .route),
            ("sip:gw.example.com", .route), ("tel:", .answer(484)), ("tel:abc", .answer(484)),
            ("urn:service:sos", .answer(416)), ("http://gw.example.com/", .answer(416)),
            ("sip:@gw", .answer(400)), ("sip:a@gw?Subject=x", .answer(400)),
            ("gw.example.com", .answer(400)),
        ]
    )
    func requestURI(_ uri: String, _ outcome: Outcome) {
        let text = plainInvite.changing("sip:+14155550100@gw.example.com", to: uri)
        #expect(Treatment(text).outcome == outcome)
    }

    @Test(
        "what a redirect server may be required to do (RFC 3261 §8.2.2.3)",
        arguments: [
            ("Require: 100rel", nil),
            ("Require: 100REL, timer\nRequire: histinfo,precondition", nil),
            ("Require:", nil), ("Proxy-Require: nobody", nil), ("Supported: replaces, path", nil),
            ("Require: replaces", "replaces"), ("Require: a, 100rel\nRequire: b", "a, b"),
            ("Require: a b, c", "c"),
        ] as [(String, String?)]
    )
    func require(_ line: String, _ unsupported: String?) throws {
        let treatment = Treatment(plainInvite.adding(line))
        #expect(treatment.outcome == (unsupported == nil ? .route : .answer(420)))
        if let unsupported {
            #expect(
                try #require(treatment.response).contains("\r\nUnsupported: \(unsupported)\r\n")
            )
        }
    }

    @Test("a CANCEL is not refused for what it requires")
    func cancelRequires() {
        let text = plainInvite.changing("INVITE", to: "CANCEL").changing("1 INVITE", to: "1 CANCEL")
        #expect(Treatment(text.adding("Require: a")).outcome == .cancel)
    }

    @Test(
        "bodies that no session uses get 415 (RFC 3261 §8.2.3)",
        arguments: [
            ("Content-Type: application/sdp", Outcome.route), ("c: APPLICATION / SDP;x=y", .route),
            ("Content-Type: multipart/mixed;boundary=x", .route),
            ("c: application/isup;version=x", .route),
            ("Content-Type: text/plain", .answer(415)), ("Content-Type: x", .answer(415)),
            ("Content-Type: text/plain\nContent-Disposition: session;handling=optional", .route),
            (
                "Content-Type: text/plain\nContent-Disposition: session;handling=required",
                .answer(415)
            ),
            ("c: application/sdp\ne: identity", .route),
            ("c: application/sdp\ne: gzip", .answer(415)),
        ]
    )
    func content(_ lines: String, _ outcome: Outcome) {
        let text = plainInvite.adding(lines).changing("Length: 0", to: "Length: 3") + "v=0"
        #expect(Treatment(text).outcome == outcome)
    }

    @Test("a Content-Type without a body is nothing to refuse")
    func noBody() {
        #expect(Treatment(plainInvite.adding("Content-Type: text/plain")).outcome == .route)
    }

    @Test("OPTIONS says what we can do, and to go elsewhere while draining")
    func options() throws {
        let text = plainInvite.changing("INVITE", to: "OPTIONS").changing(
            "1 INVITE",
            to: "1 OPTIONS"
        )
        let response = try #require(Treatment(text).response)
        #expect(response.contains("\r\nAllow: INVITE, ACK, CANCEL, OPTIONS\r\n"))
        #expect(response.contains("\r\nAccept: application/sdp, multipart/mixed\r\n"))
        #expect(response.contains("\r\nAccept-Encoding: identity\r\n"))
        #expect(response.contains("\r\nAccept-Language: *\r\n"))
        #expect(response.contains("\r\nSupported: 100rel, histinfo, precondition, timer\r\n"))
        let draining = try #require(Treatment(wire(text), isDraining: true).response)
        #expect(draining.contains("\r\nRetry-After: 5\r\n"))
    }

    @Test("an ACK is never answered, whatever is wrong with it")
    func badAcknowledgement() {
        let ack = plainInvite.changing("INVITE", to: "ACK").changing("1 INVITE", to: "1 ACK")
        for broken in [
            ack.changing("1 ACK", to: "x ACK"), ack.changing("Length: 0", to: "Length: 9"),
            ack.changing("SIP/2.0", to: "SIP/9.0"), ack.changing("From:", to: "X-From:"),
            ack.adding("no colon"),
        ] {
            #expect(Treatment(broken).outcome == .silence)
        }
    }
}
