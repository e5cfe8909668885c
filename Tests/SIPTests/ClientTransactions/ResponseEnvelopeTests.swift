import Primitives
import SIP
import Testing

/// An answer to `request`; tests change one thing in it.
private let plainAnswer = """
    SIP/2.0 200 OK
    Via: SIP/2.0/UDP 192.0.2.7:40000;branch=z9hG4bK0123456789abcdef;rport=40000;received=192.0.2.7
    To: <sip:sales@agents.example.com>;tag=t1
    From: <sip:trunkline@192.0.2.7>;tag=89abcdef
    Call-ID: 0123456789abcdef@192.0.2.7
    CSeq: 1 OPTIONS
    Allow: INVITE, ACK, CANCEL, BYE, OPTIONS
    Content-Length: 0


    """

private let request = OptionsRequest(
    uri: Array("sip:sales@agents.example.com".utf8),
    transport: .udp,
    local: IPEndpoint(address: IPAddress(ipv4: 0xC000_0207), port: 40_000),
    token: 0x0123_4567_89AB_CDEF
)

/// Status and reason of an answer that a client takes, or nil; and whether it answers `request`.
private func read(_ bytes: [UInt8]) -> (status: Int, reason: String, isOurs: Bool)? {
    var message = SIPMessage()
    message.parse(bytes.span, framing: .datagram)
    guard let envelope = ResponseEnvelope(of: message, in: bytes.span) else { return nil }
    return (
        envelope.statusCode, bytes.span.text(envelope.reasonPhrase),
        envelope.answers(request, in: bytes.span)
    )
}

@Suite("Responses and the transactions that they belong to (RFC 3261 §17.1.3)")
struct ResponseEnvelopeTests {
    @Test("an answer says its status, its reason, and whose it is")
    func plain() throws {
        let answer = try #require(read(wire(plainAnswer)))
        #expect(answer.status == 200)
        #expect(answer.reason == "OK")
        #expect(answer.isOurs)
    }

    @Test(
        "status lines (RFC 3261 §7.2)",
        arguments: zip(
            [
                "SIP/2.0 404 Not Found", "SIP/2.0 503", "SIP/2.0 480 ",
                "sip/2.0 699 Weg, für immer",
                "SIP/2.0 100 Trying -- \u{20}your call",
            ],
            [
                [404: "Not Found"], [503: ""], [480: ""], [699: "Weg, für immer"],
                [100: "Trying --  your call"],
            ]
        )
    )
    func statusLines(line: String, meaning: [Int: String]) throws {
        let answer = try #require(read(wire(plainAnswer.changing("SIP/2.0 200 OK", to: line))))
        #expect([answer.status: answer.reason] == meaning)
        #expect(answer.isOurs)
    }

    @Test(
        "a status line that is none is no answer",
        arguments: [
            "SIP/2.0 99 OK", "SIP/2.0 700 OK", "SIP/2.0 2000 OK", "SIP/2.0 20x OK", "SIP/2.0",
            "SIP/2.0 ",
            "SIP/2.0  200 OK", "SIP/3.0 200 OK", "SIP/2.0200 OK", "SIP/2.0 200OK",
            "HTTP/1.1 200 OK",
            "OPTIONS sip:a@b SIP/2.0", "", "200 OK", "SIP/2.0 -12 OK",
            "SIP/2.0 18446744073709551816 OK",
        ]
    )
    func badStatusLines(line: String) {
        #expect(read(wire(plainAnswer.changing("SIP/2.0 200 OK", to: line))) == nil)
    }

    @Test(
        "an answer to another request is not ours: branch and method decide",
        arguments: [
            ("z9hG4bK0123456789abcdef", "z9hG4bK0123456789abcdee"),
            ("z9hG4bK0123456789abcdef", "z9hG4bK0123456789abcdef0"),
            ("z9hG4bK0123456789abcdef", "z9hG4bK123456789abcdef"),
            ("z9hG4bK0123456789abcdef", "z9hG4bX0123456789abcdef"),
            ("z9hG4bK0123456789abcdef", "z9hG4bK0123456789abcdeg"),
            (";branch=z9hG4bK0123456789abcdef", ""), ("1 OPTIONS", "1 INVITE"),
            ("1 OPTIONS", "1 options"),
        ]
    )
    func others(part: String, other: String) throws {
        let answer = try #require(read(wire(plainAnswer.changing(part, to: other))))
        #expect(!answer.isOurs)
    }

    @Test("the letters of the branch may come back in any case (RFC 3261 §7.3.1)")
    func branchInAnyCase() throws {
        let text = plainAnswer.changing("z9hG4bK0123456789abcdef", to: "Z9HG4BK0123456789ABCDEF")
        #expect(try #require(read(wire(text))).isOurs)
    }

    @Test(
        "an answer with two Vias, or without one that can be read, is dropped (RFC 3261 §8.1.3.3)",
        arguments: [
            "Via: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bK2\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1",
            "Via: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bK2, SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1",
            "Via: nonsense", "Via:", "X-Via: 1",
        ]
    )
    func vias(line: String) {
        let via = plainAnswer.split(separator: "\n").first { $0.hasPrefix("Via:") } ?? ""
        #expect(read(wire(plainAnswer.changing(String(via), to: line))) == nil)
    }

    @Test(
        "an answer without a CSeq that can be read is dropped",
        arguments: [
            "CSeq: OPTIONS", "CSeq: 1", "CSeq: 99999999999 OPTIONS", "X: 1",
            "CSeq: 1 OPTIONS\nCSeq: 1 OPTIONS",
        ]
    )
    func sequences(line: String) {
        #expect(read(wire(plainAnswer.changing("CSeq: 1 OPTIONS", to: line))) == nil)
    }

    @Test(
        "a peer whose answer has another defect is there all the same",
        arguments: [
            ("To: <sip:sales@agents.example.com>;tag=t1\n", ""),
            ("Content-Length: 0", "Content-Length: 7"),
            ("Content-Length: 0", "Content-Length: x"), ("Call-ID:", "Call ID:"),
        ]
    )
    func lenient(part: String, other: String) throws {
        #expect(try #require(read(wire(plainAnswer.changing(part, to: other)))).isOurs)
    }

    @Test("every prefix of an answer, and 100,000 mutations, are read or dropped")
    func fuzz() {
        let bytes = wire(plainAnswer)
        for end in 0..<bytes.count { _ = read(Array(bytes.prefix(end))) }
        var dice = SeededRandom(seed: 3_261)
        var taken = 0
        for _ in 0..<100_000 {
            var mutated = bytes
            for _ in 0...dice.roll(4) {
                let at = dice.roll(mutated.count)
                switch dice.roll(4) {
                case 0: mutated[at] = UInt8(dice.roll(256))
                case 1: mutated.insert([0, 10, 13, 32, 44, 58, 59][dice.roll(7)], at: at)
                case 2: mutated.removeSubrange(at..<min(mutated.count, at + 1 + dice.roll(20)))
                default:
                    mutated.insert(contentsOf: mutated[at..<min(mutated.count, at + 40)], at: 0)
                }
                if mutated.isEmpty { mutated = bytes }
            }
            guard let answer = read(mutated) else { continue }
            #expect((100...699).contains(answer.status))
            taken += answer.isOurs ? 1 : 0
        }
        #expect(taken > 1_000, "most mutations would leave nothing to find")
    }
}
