import Primitives
import SIP
import Testing

@Suite("limits, each one below, at and above its bound")
struct LimitTests {
    @Test(
        "256 header fields",
        arguments: [(255, nil), (256, nil), (257, SIPDefect.tooManyHeaders)]
    )
    func headerFields(_ count: Int, _ defect: SIPDefect?) {
        var text = plainInvite
        let own = Treatment(text).message.fields.count
        text = text.adding(Array(repeating: "X: 1", count: count - own).joined(separator: "\n"))
        let treatment = Treatment(text)
        #expect(treatment.message.defect == defect)
        #expect(treatment.outcome == (defect == nil ? .route : .answer(513)))
    }

    @Test(
        "8,192 octets of one field with its line break",
        arguments: [(8_191, nil), (8_192, nil), (8_193, SIPDefect.headerLineTooLong)]
    )
    func headerLine(_ octets: Int, _ defect: SIPDefect?) {
        let value = String(repeating: "x", count: octets - "Subject: ".utf8.count - 2)
        let treatment = Treatment(plainInvite.adding("Subject: \(value)"))
        #expect(treatment.message.defect == defect)
        #expect(treatment.outcome == (defect == nil ? .route : .answer(513)))
    }

    @Test("70 Via values, in lines or in a list", arguments: [69, 70, 71])
    func vias(_ count: Int) {
        let value = "SIP/2.0/UDP h"
        let lines = Array(repeating: "Via: \(value)", count: count - 1).joined(separator: "\n")
        let list = "Via: " + Array(repeating: value, count: count - 1).joined(separator: ",")
        for more in [lines, list] {
            let outcome = Treatment(plainInvite.adding(more)).outcome
            #expect(outcome == (count > 70 ? .answer(483) : .route))
        }
    }

    @Test("1,024 octets of Request-URI", arguments: [1_023, 1_024, 1_025])
    func requestURI(_ octets: Int) {
        let host = "@gw.example.com"
        let user = String(repeating: "1", count: octets - 4 - host.utf8.count)
        let text = plainInvite.changing("sip:+14155550100@gw.example.com", to: "sip:\(user)\(host)")
        #expect(Treatment(text).outcome == (octets > 1_024 ? .answer(414) : .route))
    }

    @Test(
        "ten digits of CSeq below 2³¹",
        arguments: [
            ("2147483646", nil), ("2147483647", nil), ("2147483648", SIPDefect.badCSeq),
            ("0000000001", nil), ("00000000001", .badCSeq), ("", .badCSeq), ("-1", .badCSeq),
        ] as [(String, SIPDefect?)]
    )
    func cseq(_ number: String, _ defect: SIPDefect?) {
        let treatment = Treatment(plainInvite.changing("CSeq: 1 ", to: "CSeq: \(number) "))
        #expect(treatment.envelope?.defect == defect)
    }

    @Test(
        "Max-Forwards 0 to 255 (RFC 3261 §20.22)",
        arguments: [
            ("0", Outcome.answer(483)), ("1", .route), ("0070", .route), ("255", .route),
            ("256", .answer(400)), ("-1", .answer(400)), ("", .answer(400)),
            ("70 70", .answer(400)),
        ]
    )
    func maxForwards(_ value: String, _ outcome: Outcome) {
        #expect(Treatment(plainInvite.changing("70", to: value)).outcome == outcome)
    }

    @Test("a request without Max-Forwards is served")
    func noMaxForwards() {
        #expect(Treatment(plainInvite.changing("Max-Forwards: 70\n", to: "")).outcome == .route)
    }

    @Test("64 KiB of message on a stream", arguments: [65_535, 65_536, 65_537])
    func messageOnStream(_ octets: Int) {
        let head = wire(plainInvite.changing("Length: 0", to: "Length: 65000"))
        let missing = octets - head.count - 65_000
        var bytes = wire(
            plainInvite.changing("Length: 0", to: "Length: 65000")
                .adding("X: " + String(repeating: "x", count: missing - 5))
        )
        bytes += Array(repeating: 0x76, count: 65_000)
        #expect(bytes.count == octets)
        let run = StreamRun(bytes, piece: 4_096)
        #expect(run.treatments.map(\.outcome) == [octets > 65_536 ? .answer(413) : .route])
        #expect(run.isClosed == (octets > 65_536))
    }

    @Test("a head that never ends is refused at 64 KiB and the connection closes")
    func endlessHead() {
        var text = plainInvite
        text.removeLast()
        let lines = String(repeating: "X: \(String(repeating: "x", count: 4_000))\n", count: 20)
        let run = StreamRun(wire(text + lines), piece: 1_000)
        #expect(run.treatments.map(\.outcome) == [.answer(513)])
        #expect(run.isClosed)
        #expect(run.mostPending <= 65_536 + 1_000)
    }

    @Test("a start line that never ends is cut off at 8 KiB")
    func endlessStartLine() {
        let bytes = Array("INVITE sip:".utf8) + Array(repeating: 0x61, count: 9_000)
        let run = StreamRun(bytes, piece: 100)
        #expect(run.isNotSIP)
        #expect(run.mostPending <= 8_192 + 100)
    }
}
