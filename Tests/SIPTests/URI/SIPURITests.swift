import Primitives
import SIP
import Testing

@Suite("URIs")
struct SIPURITests {
    @Test("every part of a SIP URI (RFC 3261 §19.1.1)")
    func everyPart() throws {
        let piece = Piece(
            "sips:+1555;npdi;rn=+1666:pw@[2001:db8::1]:5071;transport=tcp;lr?Subject=a&X=b"
        )
        let uri = try #require(piece.uri)
        #expect(uri.scheme == .sips)
        #expect(piece.text(uri.user) == "+1555")
        #expect(piece.text(uri.userParameters) == ";npdi;rn=+1666")
        #expect(piece.text(uri.password) == "pw")
        #expect(piece.text(uri.host) == "[2001:db8::1]")
        #expect(uri.port == 5_071)
        #expect(piece.text(uri.parameters) == ";transport=tcp;lr")
        #expect(piece.text(uri.headers) == "Subject=a&X=b")
        let transport = uri.parameter("Transport", in: piece.bytes.span)
        #expect(transport.map { piece.text($0.value) } == "tcp")
    }

    @Test("users may hold what looks like parameters, headers and paths")
    func oddUsers() throws {
        let piece = Piece("sip:a?b/c;d=e&f,g$h@host")
        let uri = try #require(piece.uri)
        #expect(piece.text(uri.user) == "a?b/c")
        #expect(piece.text(uri.userParameters) == ";d=e&f,g$h")
        #expect(piece.text(uri.host) == "host")
    }

    @Test(
        "schemes",
        arguments: [
            ("sip:h", SIPURI.Scheme.sip), ("SIPS:h", .sips), ("Tel:1", .tel),
            ("soap.beep://h", .other),
            ("a+b-c.1:x", .other), ("urn:service:sos", .other),
        ]
    )
    func schemes(_ text: String, _ scheme: SIPURI.Scheme) {
        #expect(Piece(text).uri?.scheme == scheme)
    }

    @Test(
        "what is no URI",
        arguments: [
            "", "sip", ":h", "1sip:h", "s ip:h", "sip:", "sip:@h", "sip:a@", "sip:a@@h", "sip:a@h:",
            "sip:a@h:x",
            "sip:a@h:65536", "sip:a b@h", "sip:a@h x", "<sip:a@h>", "sip:a\"@h", "sip:a@[::1",
            "sip:2001:db8::10",
            "sip:a@h/path", "sip:%zz@h", "sip:%4", "sip:a%@h", "sip:a\u{7F}@h", "sip:[192.0.2.1]",
        ]
    )
    func bad(_ text: String) {
        #expect(Piece(text).uri?.scheme == nil)
    }
}
