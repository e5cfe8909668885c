import Primitives
import SIP
import Testing

@Suite("messages")
struct MessageTests {
    @Test("a request line is a method, a URI and a version")
    func requestLine() {
        let treatment = Treatment(plainInvite)
        #expect(treatment.message.kind == .request)
        #expect(treatment.message.method == .invite)
        #expect(treatment.text(treatment.message.requestURI) == "sip:+14155550100@gw.example.com")
        #expect(treatment.message.defect == nil)
    }

    @Test("a status line is a version, a code and a reason")
    func statusLine() {
        let message = Treatment("SIP/2.0 302 Moved Temporarily\nl: 0\n\n").message
        #expect(message.kind == .response)
        #expect(message.statusCode == 302)
    }

    @Test("an unknown method keeps its name")
    func unknownMethod() {
        let treatment = Treatment(plainInvite.changing("INVITE sip", to: "JUMP sip"))
        #expect(treatment.message.method == .unknown)
        #expect(treatment.text(treatment.message.methodName) == "JUMP")
    }

    @Test(
        "first lines that are not SIP",
        arguments: [
            "", "\n", "GET / HTTP/1.1\n", "\u{16}\u{03}\u{01}\n", "INVITE\n", "INVITE sip:a@b\n",
            "INVITE sip:a@b HTTP/1.1\n", "hello\n", " \n", "SIP\n", "INVITESIP/2.0\n",
        ]
    )
    func notSIP(_ text: String) {
        #expect(Treatment(text).message.defect == .notSIP)
        #expect(Treatment(text).outcome == .silence)
    }

    @Test("versions: 2.0 in any case is served, another one gets 505, nonsense 400")
    func versions() {
        func defect(_ version: String) -> SIPDefect? {
            Treatment(plainInvite.changing("SIP/2.0", to: version)).message.defect
        }
        #expect(defect("sip/2.0") == nil)
        #expect(defect("SIP/3.0") == .unsupportedVersion)
        #expect(defect("SIP/2.1") == .unsupportedVersion)
        #expect(defect("SIP/two") == .badStartLine)
    }

    @Test("values lose the white space around them, and folds inside stay in their slice")
    func folding() {
        let treatment = Treatment(plainInvite.adding("Subject:\n  one\n\ttwo \t"))
        let field = treatment.message.first(.subject)
        #expect(treatment.value(.subject) == "one\r\n\ttwo")
        #expect(field?.isFolded == true)
        #expect(treatment.message.first(.callID)?.isFolded == false)
    }

    @Test("an empty field is there and empty")
    func emptyField() {
        let treatment = Treatment(plainInvite.adding("Subject:"))
        #expect(treatment.value(.subject) == "")
        #expect(treatment.message.defect == nil)
    }

    @Test("lists are one over several lines and several on one line (RFC 3261 §7.3.1)")
    func lists() {
        let treatment = Treatment(
            plainInvite
                .adding(#"Contact: "a, b" <sip:a@b;x="1,2">, , <sip:c,d@e>;q=1 ,sip:f@g"#)
                .adding("m: <sip:last@h>")
        )
        var found: [String] = []
        var values = treatment.message.values(of: .contact)
        while let value = values.next(of: treatment.message, in: treatment.bytes.span) {
            found.append(treatment.text(value))
        }
        #expect(
            found == [
                #""a, b" <sip:a@b;x="1,2">"#, "<sip:c,d@e>;q=1", "sip:f@g", "<sip:last@h>",
            ]
        )
        #expect(treatment.message.count(of: .contact) == 2)
        #expect(treatment.message.count(of: .via) == 1)
        #expect(treatment.message.count(of: .route) == 0)
    }

    @Test("a name that only a configuration knows is found in any case")
    func namedField() {
        let treatment = Treatment(plainInvite.adding("X-Dialled: 1").adding("x-dialled: 2"))
        func value(_ name: String) -> String? {
            treatment.message.field(named: Array(name.utf8).span, in: treatment.bytes.span)
                .map { treatment.text($0.value) }
        }
        #expect(value("x-DIALLED") == "1")
        #expect(value("call-id") == "call-1@192.0.2.1")
        #expect(value("x-other") == nil)
    }

    @Test("a datagram without Content-Length has a body to its end")
    func bodyToTheEnd() {
        let treatment = Treatment(
            plainInvite.changing("Content-Length: 0\n", to: "") + "v=0\n"
        )
        #expect(treatment.text(treatment.message.body) == "v=0\r\n")
        #expect(treatment.message.defect == nil)
    }

    @Test("octets behind the body are ignored in a datagram (RFC 3261 §18.3)")
    func surplus() {
        let treatment = Treatment(
            plainInvite.changing("Length: 0", to: "Length: 3") + "v=0INVITE"
        )
        #expect(treatment.text(treatment.message.body) == "v=0")
        #expect(treatment.message.length == treatment.bytes.count - 6)
    }

    @Test(
        "Content-Length is one to ten digits, and two of them agree",
        arguments: [
            ("0", nil), ("4", nil), ("0000000004", nil),
            ("00000000004", SIPDefect.badContentLength),
            ("", .badContentLength), ("+4", .badContentLength), ("-4", .badContentLength),
            ("4 4", .badContentLength), ("0x4", .badContentLength), ("4,4", .badContentLength),
            ("5", .truncatedBody), ("4294967300", .bodyTooLarge), ("9999999999", .bodyTooLarge),
            ("99999999999999999999", .badContentLength), ("4\nl: 4", nil),
            ("4\nl: 3", .conflictingContentLength),
        ] as [(String, SIPDefect?)]
    )
    func contentLength(_ value: String, _ defect: SIPDefect?) {
        let text = plainInvite.changing("Length: 0", to: "Length: \(value)") + "v=0\n"
        let bytes = Array(wire(text).dropLast())
        #expect(Treatment(bytes).message.defect == defect)
    }

    @Test("lines that end with CR or LF alone are refused, and the sender is told")
    func bareLineBreaks() {
        let bareLF = Array(plainInvite.utf8)
        #expect(Treatment(bareLF).message.defect == .bareLineBreak)
        #expect(Treatment(bareLF).outcome == .answer(400))
        let bareCR = wire(plainInvite.adding("Subject: a\rX-Evil: b"))
        #expect(Treatment(bareCR).message.defect == .bareLineBreak)
        #expect(Treatment(bareCR).message.fields.count == 8)
    }

    @Test("the parser is used again for a message that has less")
    func reuse() {
        var message = SIPMessage()
        message.parse(
            wire(plainInvite.adding("Subject: a").adding("Subject: b")).span,
            framing: .datagram
        )
        #expect(message.hasRepeated(.subject))
        message.parse(wire("SIP/2.0 200 OK\n\n").span, framing: .datagram)
        #expect(message.fields.isEmpty)
        #expect(!message.has(.subject))
        #expect(message.first(.via)?.id == nil)
        #expect(message.contentLength == nil)
        message.parse([UInt8]().span, framing: .datagram)
        #expect(message.defect == .notSIP)
    }
}
