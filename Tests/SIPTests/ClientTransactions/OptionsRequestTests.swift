import Primitives
import SIP
import Testing

@Suite("OPTIONS requests (RFC 3261 §11.1)")
struct OptionsRequestTests {
    private func request(
        _ uri: String,
        _ transport: OptionsRequest.Transport = .udp,
        from local: String = "192.0.2.7:40000"
    ) throws -> String? {
        let request = OptionsRequest(
            uri: Array(uri.utf8),
            transport: transport,
            local: try #require(IPEndpoint(local)),
            token: 0x0123_4567_89AB_CDEF
        )
        var out = ByteBuffer()
        guard request.write(into: &out) else {
            #expect(out.isEmpty)
            return nil
        }
        return out.text
    }

    @Test("every field that a request needs (§8.1.1), and what an OPTIONS should have")
    func text() throws {
        let text = try #require(
            try request("sip:sales@agents.example.com:5070;transport=udp?X-A=1")
        )
        #expect(
            Array(text.utf8)
                == wire(
                    """
                    OPTIONS sip:sales@agents.example.com:5070;transport=udp SIP/2.0
                    Via: SIP/2.0/UDP 192.0.2.7:40000;branch=z9hG4bK0123456789abcdef;rport
                    Max-Forwards: 70
                    To: <sip:sales@agents.example.com>
                    From: <sip:trunkline@192.0.2.7>;tag=89abcdef
                    Call-ID: 0123456789abcdef@192.0.2.7
                    CSeq: 1 OPTIONS
                    Accept: application/sdp
                    User-Agent: Trunkline
                    Content-Length: 0


                    """
                )
        )
    }

    @Test("over TCP and IPv6 the Via says so, and addresses stand in brackets")
    func streamAndIPv6() throws {
        let text = try #require(
            try request("sip:[2001:db8::5]", .tcp, from: "[2001:db8::7]:40000")
        )
        #expect(text.hasPrefix("OPTIONS sip:[2001:db8::5] SIP/2.0\r\n"))
        #expect(text.contains("\r\nVia: SIP/2.0/TCP [2001:db8::7]:40000;branch="))
        #expect(text.contains("\r\nTo: <sip:[2001:db8::5]>\r\n"))
        #expect(text.contains("@[2001:db8::7]>;tag="))
    }

    @Test(
        "what it writes is a request that our own server takes",
        arguments: [
            "sip:a@b.example", "sips:a@b.example;x=y", "sip:b.example:5099", "sip:+1555@192.0.2.1",
            "sip:a%20b;p=1@b.example;transport=tcp?X-A=1&X-B=2",
        ]
    )
    func roundTrip(uri: String) throws {
        let text = try #require(try request(uri))
        let treatment = Treatment(Array(text.utf8))
        #expect(treatment.outcome == .answer(200))
        #expect(treatment.envelope?.defect == nil)
        #expect(treatment.message.method == .options)
        #expect(treatment.envelope?.via.responsePort == .requested)
        #expect(!text.contains("?"))
    }

    @Test(
        "what is no SIP URI is not asked, and none can end a line early",
        arguments: [
            "tel:+14155550123", "https://a.example.com", "sip:", "sip:@b", "", "sip:a@b\r\nX: 1",
            "sip:a b@c", "sip:a@b>", "sip:a@[::1",
        ]
    )
    func refused(uri: String) throws {
        #expect(try request(uri) == nil)
    }
}
