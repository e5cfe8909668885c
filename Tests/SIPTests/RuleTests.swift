import Primitives
import SIP
import Testing

/// Rules of RFC 3261 and its updates that one message shows and no other suite does.
@Suite("rules that one message shows")
struct RuleTests {
    private static let plain = Treatment(plainInvite).response

    private static func request(_ method: SIPMethod) -> String {
        let name = method == .unknown ? "JUMP" : "\(method.name)"
        return plainInvite.changing("INVITE", to: name).changing("1 INVITE", to: "1 \(name)")
    }

    /// Every answer that the gateway gives to one request of each kind, and to some that it refuses.
    private static let answers: [String] =
        SIPMethod.allCases.compactMap { Treatment(request($0)).response }
        + [
            "Require: x", "Max-Forwards: 1", "From: <sip:a@b>;tag=1", "no colon", "CSeq: x",
            "Content-Type: text/plain", "Supported: 100rel, timer, replaces",
        ].compactMap { Treatment(plainInvite.adding($0)).response }

    @Test("an answer says SIP/2.0 in upper case (RFC 3261 §7.1)")
    func version() throws {
        let text = plainInvite.changing("SIP/2.0\n", to: "sip/2.0\n")
        #expect(text != plainInvite)
        #expect(try #require(Treatment(text).response).hasPrefix("SIP/2.0 302 "))
    }

    @Test(
        "a field that belongs into answers changes nothing in a request (RFC 3261 §7.3.2)",
        arguments: [
            "Unsupported: 100rel", "Retry-After: 5", "Server: x", "Warning: 370 x \"y\"",
            "WWW-Authenticate: Digest realm=\"x\"", "Proxy-Authenticate: Digest realm=\"x\"",
            "Error-Info: <sip:x@y>", "Min-Expires: 1", "Authentication-Info: nextnonce=\"x\"",
        ]
    )
    func answerField(_ line: String) {
        #expect(Treatment(plainInvite.adding(line)).response == Self.plain)
    }

    @Test("an answer depends on its request alone (RFC 3261 §8.2)")
    func isAtomic() {
        #expect(Treatment(plainInvite.adding("Require: x")).outcome == .answer(420))
        #expect(Treatment(plainInvite).response == Self.plain)
    }

    @Test("a method that is refused is told which are not (RFC 3261 §8.2.1, §20.5)")
    func allow() throws {
        let listed = Set(
            "\(SIPResponse.allowedMethods)".split(separator: " ").map { $0.filter(\.isLetter) }
        )
        for method in SIPMethod.allCases {
            let treatment = Treatment(Self.request(method))
            let isRefused = [405, 481, 501].contains { treatment.outcome == .answer($0) }
            #expect(listed.contains("\(method.name)") == !isRefused, "\(method)")
            guard treatment.outcome == .answer(405) || treatment.outcome == .answer(501) else {
                continue
            }
            let response = try #require(treatment.response)
            #expect(response.contains("\r\nAllow: INVITE, ACK, CANCEL, OPTIONS\r\n"))
        }
    }

    @Test(
        "a field that nobody knows, or that is bad and not needed, changes nothing (RFC 3261 §8.2.2)",
        arguments: [
            "X-Unknown: \"<>;=", "Zzz:", "q: 1", "Contact: <<<", "Contact: *", "Expires: never",
            "Date: x", "Route: ;;", "Record-Route: <", "Accept: ///", "Allow: ,,,",
            "P-Asserted-Identity: <", "Session-Expires: x", "Timestamp: -", "Priority: odd",
        ]
    )
    func ignored(_ line: String) {
        #expect(Treatment(plainInvite.adding(line)).response == Self.plain)
    }

    @Test(
        "an ACK is taken whatever it requires (RFC 3261 §8.2.2.3)",
        arguments: ["Require: x", "Proxy-Require: x"]
    )
    func acknowledgementRequires(_ line: String) {
        #expect(Treatment(Self.request(.ack).adding(line)).outcome == .acknowledge)
    }

    @Test(
        "a 415 says what would be understood (RFC 3261 §8.2.3)",
        arguments: [
            ("c: text/plain", "Accept: application/sdp, multipart/mixed"),
            ("c: application/sdp\ne: gzip", "Accept-Encoding: identity"),
        ]
    )
    func unsupportedMedia(_ lines: String, _ field: String) throws {
        let text = plainInvite.adding(lines).changing("Length: 0", to: "Length: 3") + "v=0"
        let response = try #require(Treatment(text).response)
        #expect(response.hasPrefix("SIP/2.0 415 "))
        #expect(response.contains("\r\n\(field)\r\n"))
    }

    @Test("a body in any language is served (RFC 3261 §8.2.3)")
    func language() {
        let text = plainInvite.adding("c: application/sdp\nContent-Language: tlh")
        #expect(Treatment(text.changing("Length: 0", to: "Length: 3") + "v=0").outcome == .route)
    }

    @Test("no answer applies or requires an extension (RFC 3261 §8.2.4)")
    func extensions() {
        #expect(Self.answers.count > 18)
        for answer in Self.answers {
            #expect(!answer.contains("\r\nRequire:"))
            #expect(!answer.contains("\r\nRSeq:"))
            #expect(!answer.contains("\r\nSession-Expires:"))
            #expect(!answer.hasPrefix("SIP/2.0 421"))
        }
    }

    @Test("CANCEL and its INVITE get one To tag (RFC 3261 §9.2)")
    func tagOfCancel() {
        func tag(_ text: String) -> ToTag? {
            let treatment = Treatment(text)
            return treatment.envelope.map {
                let bytes = treatment.bytes.span
                return ToTag(
                    for: treatment.message,
                    envelope: $0,
                    in: bytes,
                    key: Treatment.key
                )
            }
        }
        #expect(tag(plainInvite) != nil)
        #expect(tag(Self.request(.cancel)) == tag(plainInvite))
    }

    @Test(
        "a field that does not belong to the method changes nothing (RFC 3261 §20)",
        arguments: [
            (SIPMethod.options, "Expires: 5"), (.options, "Subject: x"), (.options, "Priority: x"),
            (.cancel, "Require: x"), (.cancel, "Accept: x/y"), (.cancel, "Contact: <sip:a@b>"),
            (.register, "Record-Route: <sip:a@b;lr>"), (.ack, "Allow: INVITE"),
        ]
    )
    func misplaced(_ method: SIPMethod, _ line: String) {
        let plain = Treatment(Self.request(method))
        let other = Treatment(Self.request(method).adding(line))
        #expect(other.outcome == plain.outcome)
        #expect(other.response == plain.response)
    }

    @Test("what a request does not say forbids nothing (RFC 3261 §20.5)")
    func silentRequest() {
        #expect(Treatment(plainInvite.adding("Allow: INVITE")).response == Self.plain)
        #expect(Treatment(plainInvite.adding("Allow:\nAccept:")).response == Self.plain)
    }

    @Test("a Call-ID in other case is another call (RFC 3261 §20.8)")
    func callIDCase() {
        let other = plainInvite.changing("Call-ID: call-1", to: "Call-ID: CALL-1")
        let tag = Treatment(other).response?.split(separator: ";tag=").last?.prefix(16)
        #expect(tag != nil)
        #expect(tag != Self.plain?.split(separator: ";tag=").last?.prefix(16))
    }

    @Test("no answer has a body, and each says so (RFC 3261 §20.14)")
    func length() {
        for answer in Self.answers {
            #expect(answer.hasSuffix("\r\nContent-Length: 0\r\n\r\n"))
            #expect(!answer.contains("\r\nContent-Type:"))
            #expect(!answer.contains("\r\nContent-Encoding:"))
        }
    }

    @Test(
        "Max-Breadth changes nothing for a server that does not forward (RFC 5393 §5.3)",
        arguments: ["0", "1", "60", "x"]
    )
    func breadth(_ value: String) {
        #expect(Treatment(plainInvite.adding("Max-Breadth: \(value)")).response == Self.plain)
    }

    @Test(
        "requests other than INVITE get no provisional answer and no 408 (RFC 4320 §4)",
        arguments: SIPMethod.allCases.filter { $0 != .invite && $0 != .ack }
    )
    func nonInvite(_ method: SIPMethod) {
        let text = Self.request(method)
        let lines = ["X: 1", "To: <sip:a@b>", "Require: x", "no colon"]
        for variant in [text] + lines.map({ text.adding($0) }) {
            for isDraining in [false, true] {
                switch Treatment(wire(variant), isDraining: isDraining).outcome {
                case .answer(let status): #expect(status >= 200 && status != 408)
                case .cancel: #expect(method == .cancel)
                case .route, .acknowledge, .silence: Issue.record("\(variant)")
                }
            }
        }
    }
}
