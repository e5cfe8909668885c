import Primitives
import SIP
import Testing

@Suite("torture messages")
struct TortureTests {
    @Test("RFC 4475 has 49 messages, and all of them are here")
    func corpusIsComplete() {
        #expect(RFC4475.valid.count == 13)
        #expect(RFC4475.invalid.count == 19)
        #expect(RFC4475.application.count == 17)
        #expect(Set(RFC4475.all.map(\.section)).count == 49)
        #expect(RFC5118.all.count == 12)
    }

    @Test("each message gets its treatment in a datagram", arguments: RFC4475.all + RFC5118.all)
    func datagram(_ torture: TortureMessage) {
        #expect(Treatment(torture.bytes).outcome == torture.expected)
    }

    @Test("none of the 13 valid messages is called bad", arguments: RFC4475.valid)
    func validIsNotBad(_ torture: TortureMessage) {
        #expect(Treatment(torture.bytes).message.defect == nil)
    }

    /// Announces 9,999 octets and brings 154: a stream has to wait for the rest.
    static let unfinishedOnStreams = "clerr"

    @Test(
        "each message gets the same treatment on a stream, whole and byte by byte",
        arguments: RFC4475.all + RFC5118.all
    )
    func stream(_ torture: TortureMessage) {
        let expected = torture.name == Self.unfinishedOnStreams ? nil : torture.expected
        #expect(outcomeOnStream(torture.bytes, piece: torture.bytes.count) == expected)
        #expect(outcomeOnStream(torture.bytes, piece: 1) == expected)
    }

    @Test(
        "each answer over IPv6 is that over IPv4 but for the address (RFC 5118 §4.5)",
        arguments: RFC4475.all + RFC5118.all
    )
    func overIPv6(_ torture: TortureMessage) throws {
        let treatment = Treatment(torture.bytes)
        guard let answer = treatment.response else { return }
        let source = try #require(IPEndpoint("[2001:db8::9]:40000"))
        let other = try #require(treatment.response(to: source))
        #expect(other == answer.changing("received=192.0.2.99", to: "received=2001:db8::9"))
    }

    private func outcomeOnStream(_ bytes: [UInt8], piece: Int) -> Outcome? {
        let events = StreamRun(bytes, piece: piece).treatments
        return events.first?.outcome
    }

    @Test("a folded Via is taken apart like one on a single line")
    func foldedVia() throws {
        let treatment = Treatment(RFC4475.valid[0].bytes)
        let via = try #require(treatment.envelope).via
        #expect(via.transport == .udp)
        #expect(treatment.text(via.host) == "192.0.2.2")
        #expect(treatment.text(via.branch) == "390skdjuw")
        var hosts: [String] = []
        var values = treatment.message.values(of: .via)
        while let value = values.next(of: treatment.message, in: treatment.bytes.span) {
            hosts.append(treatment.text(try Via(value, in: treatment.bytes.span).host))
        }
        #expect(hosts == ["192.0.2.2", "spindle.example.com", "192.168.255.111"])
    }

    @Test("the answer to the tortuous INVITE has one line for each field")
    func foldedEcho() throws {
        let response = try #require(Treatment(RFC4475.valid[0].bytes).response)
        #expect(
            response == """
                SIP/2.0 481 Call/Transaction Does Not Exist\r
                Via: SIP  /   2.0 /UDP 192.0.2.2;branch=390skdjuw;received=192.0.2.99\r
                v: SIP  / 2.0  / TCP     spindle.example.com   ; branch  =   z9hG4bK9ikj8  , \
                SIP  /    2.0   / UDP  192.168.255.111   ; branch= z9hG4bK30239\r
                from: "J Rosenberg \\\\\\"\"       <sip:jdrosen@example.com> ; tag = 98asjd8\r
                TO: sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r
                Call-ID: wsinv.ndaksdj@192.0.2.1\r
                cseq: 0009 INVITE\r
                Content-Length: 0\r
                \r

                """
        )
    }
}
