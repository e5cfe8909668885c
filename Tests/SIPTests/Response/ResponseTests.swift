import Primitives
import SIP
import Testing

@Suite("answers")
struct ResponseTests {
    @Test("a 302 repeats what it must, and says where it came from")
    func redirect() throws {
        let response = try #require(Treatment(plainInvite).response)
        let tag = try #require(response.split(separator: ";tag=").last?.prefix(16))
        #expect(
            response == """
                SIP/2.0 302 Moved Temporarily\r
                Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport=40000;received=192.0.2.99\r
                From: <sip:+12125550123@carrier.example.com>;tag=from1\r
                To: <sip:+14155550100@gw.example.com>;tag=\(tag)\r
                Call-ID: call-1@192.0.2.1\r
                CSeq: 1 INVITE\r
                Contact: <sip:sales@agents.example.com>;q=1.0\r
                Content-Length: 0\r
                \r

                """
        )
    }

    @Test(
        "rport and received are filled where they stand (RFC 3581 §4)",
        arguments: [
            ("h;branch=1", "h;branch=1;received=192.0.2.99"),
            ("h;rport;branch=1", "h;rport=40000;branch=1;received=192.0.2.99"),
            ("h;rport=1;branch=1", "h;rport=40000;branch=1;received=192.0.2.99"),
            ("h;received=10.0.0.1;x", "h;received=192.0.2.99;x"),
            ("h;received=10.0.0.1;rport", "h;received=192.0.2.99;rport=40000"),
            ("h;rport;received=10.0.0.1;x", "h;rport=40000;received=192.0.2.99;x"),
            (
                "h;branch=1, SIP/2.0/TCP other;rport",
                "h;branch=1;received=192.0.2.99, SIP/2.0/TCP other;rport"
            ),
            (
                "h ; branch = 1 , SIP/2.0/TCP other",
                "h ; branch = 1;received=192.0.2.99 , SIP/2.0/TCP other"
            ),
        ]
    )
    func topVia(_ sent: String, _ echoed: String) throws {
        let text = plainInvite.changing("192.0.2.1:5060;branch=z9hG4bK1;rport", to: sent)
        let response = try #require(Treatment(text).response)
        #expect(response.contains("\r\nVia: SIP/2.0/UDP \(echoed)\r\n"))
    }

    @Test("received of an IPv6 peer has no brackets (RFC 5118 §4.5)")
    func receivedIPv6() throws {
        let treatment = Treatment(plainInvite)
        let source = try #require(IPEndpoint("[2001:db8::9]:5070"))
        var out = ByteBuffer()
        SIPResponse(.notFound, tag: ToTag(value: 1), to: source).begin(
            answering: treatment.message,
            envelope: try #require(treatment.envelope),
            in: treatment.bytes.span,
            into: &out
        )
        #expect(out.text.contains(";rport=5070;received=2001:db8::9\r\n"))
    }

    @Test("a 100 repeats Timestamp and adds no tag (RFC 3261 §8.2.6.1)")
    func trying() throws {
        let treatment = Treatment(plainInvite.adding("Timestamp: 54.21"))
        var out = ByteBuffer()
        SIPResponse(.trying, tag: ToTag(value: 1), to: Treatment.source).begin(
            answering: treatment.message,
            envelope: try #require(treatment.envelope),
            in: treatment.bytes.span,
            into: &out
        )
        #expect(out.text.contains("\r\nTo: <sip:+14155550100@gw.example.com>\r\n"))
        #expect(out.text.hasSuffix("\r\nTimestamp: 54.21\r\n"))
        #expect(treatment.response?.contains("Timestamp") == false)
    }

    @Test("a To tag that is there stays as it is")
    func toTag() throws {
        let text = plainInvite.changing("gw.example.com>\n", to: "gw.example.com>;tag=theirs\n")
        #expect(try #require(Treatment(text).response).contains("gw.example.com>;tag=theirs\r\n"))
    }

    @Test(
        "q has at most three decimals",
        arguments: [
            (1_000, "1.0"), (900, "0.9"), (0, "0.0"), (125, "0.125"), (50, "0.05"), (7, "0.007"),
            (2_000, "1.0"), (-1, "0.0"),
        ]
    )
    func preference(_ thousandths: Int, _ text: String) {
        var out = ByteBuffer()
        out.appendContact(Array("sip:a@b".utf8).span, preference: thousandths)
        #expect(out.text == "Contact: <sip:a@b>;q=\(text)\r\n")
    }

    static let hostile: [[UInt8]] = [
        Array("a\r\nX-Evil: 1".utf8), Array("a\nb".utf8), Array("a\rb".utf8), [0x61, 0, 0x62],
        Array("a>;q=0\"b\\".utf8), [0x1B, 0x5B, 0x41], [0x7F, 0xFF, 0x80], Array("é".utf8), [],
    ]

    @Test("no configured value can begin a line of its own (acceptance K1)", arguments: hostile)
    func injection(_ value: [UInt8]) {
        var out = ByteBuffer()
        out.appendContact(value.span, preference: 500)
        out.appendReason(cause: 404, text: value.span)
        #expect(out.bytes.count { $0 == 0x0A } == 2)
        #expect(isClean(out.bytes))
        let contact = out.text.split(separator: "\r\n")[0]
        #expect(contact.hasSuffix(">;q=0.5"))
        #expect(contact.count { $0 == ">" } == 1)
    }

    @Test("every answer to 20,000 damaged requests has only lines of ours (acceptance K1)")
    func echoIsClean() throws {
        var dice = SeededRandom(seed: 7)
        let names: Set<String> = [
            "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "contact", "allow",
            "accept",
            "supported", "unsupported", "retry-after", "accept-encoding", "content-length",
        ]
        for _ in 0..<20_000 {
            var bytes = wire(plainInvite.adding("Require: a"))
            for _ in 0...dice.roll(3) {
                bytes[dice.roll(bytes.count)] =
                    [13, 10, 0, 9, 32, 58, 59, 34, 60, 127][dice.roll(10)]
            }
            guard let response = Treatment(bytes).response else { continue }
            let text = Array(response.utf8)
            #expect(text.suffix(4) == [13, 10, 13, 10])
            var lines = response.unicodeScalars.split(separator: "\n").map { String($0) }
            #expect(lines.removeFirst().hasPrefix("SIP/2.0 "))
            #expect(lines.removeLast() == "\r")
            for line in lines {
                let name = line.prefix { $0 != ":" }.lowercased()
                    .filter { $0 != " " && $0 != "\t" }
                #expect(names.contains(name), "\(line)")
                #expect(line.unicodeScalars.count { $0 == "\r" } == 1)
            }
        }
    }

    @Test(
        "Via, From, Call-ID and CSeq come back octet for octet",
        arguments: RFC4475.all + RFC5118.all
    )
    func echoIsEqual(_ torture: TortureMessage) throws {
        let treatment = Treatment(torture.bytes)
        guard let response = treatment.response else { return }
        let answer = Treatment(Array(response.utf8))
        for id in [HeaderName.from, .callID, .cseq] {
            guard let sent = treatment.value(id), !sent.utf8.contains(10) else { continue }
            #expect(answer.value(id) == sent)
        }
        let count = treatment.message.count(of: .via)
        #expect(answer.message.count(of: .via) == count)
        var sent = treatment.message.fields.filter { $0.id == .via }.dropFirst()
        for field in answer.message.fields.filter({ $0.id == .via }).dropFirst() {
            let other = sent.removeFirst()
            guard !other.isFolded else { continue }
            #expect(answer.text(field.value) == treatment.text(other.value))
        }
    }

    @Test("the shortest answer is not longer than the usual request (acceptance F6)")
    func minimal() throws {
        let treatment = Treatment(plainInvite)
        var out = ByteBuffer()
        SIPResponse(.forbidden, tag: ToTag(value: 1), to: Treatment.source).writeMinimal(
            answering: treatment.message,
            envelope: try #require(treatment.envelope),
            in: treatment.bytes.span,
            into: &out
        )
        #expect(out.count <= treatment.bytes.count)
        let answer = Treatment(out.bytes)
        #expect(answer.message.statusCode == 403)
        #expect(answer.message.defect == nil)
        #expect(answer.message.fields.map(\.id) == [.via, .from, .to, .callID, .cseq])
    }
}

private func isClean(_ bytes: [UInt8]) -> Bool {
    var index = 0
    while index < bytes.count {
        if bytes[index] == 13, index + 1 < bytes.count, bytes[index + 1] == 10 {
            index += 2
            continue
        }
        if bytes[index] < 0x20 || bytes[index] == 0x7F { return false }
        index += 1
    }
    return true
}
