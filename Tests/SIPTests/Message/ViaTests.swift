import Primitives
import SIP
import Testing

@Suite("Via")
struct ViaTests {
    @Test("all that a Via can say")
    func everything() throws {
        let piece = Piece(
            "SIP/2.0/TLS Host.Example.com:5071;branch=z9hG4bKx;received=192.0.2.1;rport=4000"
                + ";maddr=224.2.0.1;ttl=16;unknown;keep=\"a;b\""
        )
        let via = try #require(piece.via)
        #expect(via.transport == .tls)
        #expect(piece.text(via.host) == "Host.Example.com")
        #expect(via.port == 5_071)
        #expect(piece.text(via.branch) == "z9hG4bKx")
        #expect(piece.text(via.received) == "192.0.2.1")
        #expect(via.responsePort == .known(4_000))
        #expect(piece.text(via.maddr) == "224.2.0.1")
        #expect(via.ttl == 16)
        let hasMagicCookie = via.hasMagicCookie(in: piece.bytes.span)
        #expect(hasMagicCookie)
    }

    @Test(
        "rport is absent, requested or known (RFC 3581 §3)",
        arguments: [
            ("", Via.ResponsePort.absent), (";rport", .requested), (";rport=5062", .known(5_062)),
            (";RPORT", .requested), (";rport=x", .requested), (";rport=70000", .requested),
        ]
    )
    func responsePort(_ parameter: String, _ expected: Via.ResponsePort) {
        #expect(Piece("SIP/2.0/UDP h\(parameter)").via?.responsePort == expected)
    }

    @Test(
        "the transports of RFC 3261 and after",
        arguments: [
            ("UDP", Via.Transport.udp), ("tcp", .tcp), ("TLS", .tls), ("SCTP", .sctp), ("WS", .ws),
            ("WSS", .wss), ("TLS-SCTP", .other), ("UNKNOWN", .other),
        ]
    )
    func transports(_ name: String, _ transport: Via.Transport) {
        #expect(Piece("SIP/2.0/\(name) h").via?.transport == transport)
    }

    @Test(
        "hosts: names, IPv4, IPv6 references",
        arguments: [
            ("h", "h", nil), ("a_b-c.d:5060", "a_b-c.d", 5_060), ("192.0.2.1 : 0", "192.0.2.1", 0),
            ("[2001:db8::1]:65535", "[2001:db8::1]", 65_535),
            ("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", nil),
            ("[2001:db8:::192.0.2.1]", "[2001:db8:::192.0.2.1]", nil),
        ] as [(String, String, UInt16?)]
    )
    func hosts(_ sentBy: String, _ host: String, _ port: UInt16?) throws {
        let piece = Piece("SIP/2.0/UDP \(sentBy);branch=1")
        let via = try #require(piece.via)
        #expect(piece.text(via.host) == host)
        #expect(via.port == port)
    }

    @Test(
        "what is no Via",
        arguments: [
            "", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/UDP ;branch=1", "SIP/2.0 h", "SIP/2.0/UDPh",
            "HTTP/1.1/TCP h", "SIP//UDP h", "SIP/2.0/UDP h:", "SIP/2.0/UDP h:65536",
            "SIP/2.0/UDP h:-1",
            "SIP/2.0/UDP h:123456", "SIP/2.0/UDP [2001:db8::1", "SIP/2.0/UDP [::1]x",
            "SIP/2.0/UDP [192.0.2.1]",
            "SIP/2.0/UDP [2001:db8:::1]", "SIP/2.0/UDP [2001:db8::1::::192.0.2.1]",
            "SIP/2.0/UDP h;;", "SIP/2.0/UDP h;branch=", "SIP/2.0/UDP h;x=\"open", "SIP/2.0/UDP h x",
        ]
    )
    func bad(_ text: String) {
        #expect(Piece(text).via?.host == nil)
    }

    @Test("a request whose Via has bad parameters is refused, one without a host is not answered")
    func badInRequest() {
        func outcome(_ via: String) -> Outcome {
            Treatment(
                plainInvite.changing("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport", to: via)
            ).outcome
        }
        #expect(outcome("SIP/2.0/UDP 192.0.2.1;;") == .answer(400))
        #expect(outcome("SIP/2.0/UDP ;branch=z9hG4bK1") == .silence)
        #expect(outcome("") == .silence)
    }
}
