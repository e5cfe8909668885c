import HTTP
import Primitives
import Testing

@Suite("Reading a request (RFC 9112 §3 and §5)")
struct RequestTests {
    /// A connection that has just read `text` and not answered it.
    private func read(_ text: String) -> Wire {
        var wire = Wire()
        wire.suspends = true
        wire.send(text)
        return wire
    }

    @Test("a webhook is read as it stands on the wire")
    func webhook() {
        let wire = read(
            """
            POST /telephony/inbound/twilio?a=1&b=%20?c HTTP/1.1\r
            Host: gw.example.com:8080\r
            Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r
            X-Twilio-Signature:\t RSOYDt4T1cUTdK1PDd93/VVr8B8= \t\r
            I-Twilio-Idempotency-Token: 5f\r
            X-Forwarded-Host:\r
            x-other: a: b\r
            Content-Length: 7\r
            \r
            To=%2B1
            """
        )
        let request = wire.connection.request
        #expect(wire.last == .request)
        #expect(request.method == .post)
        #expect(wire.text(request.methodName) == "POST")
        #expect(wire.text(request.target) == "/telephony/inbound/twilio?a=1&b=%20?c")
        #expect(wire.text(request.path) == "/telephony/inbound/twilio")
        #expect(wire.text(request.query) == "a=1&b=%20?c")
        #expect(wire.text(request.authority) == "gw.example.com:8080")
        #expect(request.version == .http11)
        #expect(wire.text(request.body) == "To=%2B1")
        #expect(request.framing == .length(7))
        #expect(request.keepsConnection)

        let ids = request.fields.map(\.id)
        #expect(
            ids == [
                .host, .contentType, .xTwilioSignature, .other, .xForwardedHost, .other,
                .contentLength,
            ]
        )
        #expect(request.first(.xTwilioSignature).map(wire.text) == "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        #expect(request.only(.xForwardedHost).map(wire.text) == "")
        #expect(wire.text(request.fields[5].name) == "x-other")
        #expect(wire.text(request.fields[5].value) == "a: b")
        #expect(request.first(.authorization) == nil)
        let input = wire.connection.input
        let isForm = request.hasContentType("application/x-www-form-urlencoded", in: input.span)
        let isJSON = request.hasContentType("application/json", in: input.span)
        #expect(isForm)
        #expect(!isJSON)
    }

    @Test(
        "a target keeps its text and gives up its parts",
        arguments: [
            ("GET /", "/", "", "gw.example.com"),
            ("GET //a//b/", "//a//b/", "", "gw.example.com"),
            ("GET /a?", "/a", "", "gw.example.com"),
            ("GET /?a?b", "/", "a?b", "gw.example.com"),
            ("GET /%2F%zz", "/%2F%zz", "", "gw.example.com"),
            ("GET /{a}|\\^`\"<>", "/{a}|\\^`\"<>", "", "gw.example.com"),
            ("GET http://other.example.com/a?b", "/a", "b", "other.example.com"),
            ("GET HTTPS://Other:8443/a", "/a", "", "Other:8443"),
            ("GET http://[2001:db8::1]:80", "", "", "[2001:db8::1]:80"),
            ("GET http://a?b", "", "b", "a"),
            ("OPTIONS *", "*", "", "gw.example.com"),
            ("OPTIONS /a", "/a", "", "gw.example.com"),
        ]
    )
    func target(line: String, path: String, query: String, authority: String) {
        let wire = read("\(line) HTTP/1.1\r\nHost: gw.example.com\r\n\r\n")
        let request = wire.connection.request
        #expect(wire.last == .request, "\(String(describing: wire.connection.refusal))")
        #expect(wire.text(request.target) == line.split(separator: " ")[1])
        #expect(wire.text(request.path) == path)
        #expect(wire.text(request.query) == query)
        #expect(wire.text(request.authority) == authority)
    }

    @Test(
        "hosts that are hosts are accepted",
        arguments: [
            "a", "A.B-c_d~e", "a:", "a:0", "a:65535", "127.0.0.1:80", "[::1]",
            "[::ffff:1.2.3.4]:80",
            "a%20b", "a!$&'()*+;=",
        ]
    )
    func host(value: String) {
        let wire = read("GET / HTTP/1.1\r\nHost: \(value)\r\n\r\n")
        #expect(wire.last == .request)
        #expect(wire.text(wire.connection.request.authority) == value)
    }

    @Test("each method is known by its exact name", arguments: HTTPMethod.allCases)
    func method(method: HTTPMethod) {
        guard method != .other, method != .connect else { return }
        let name = "\(method.name)"
        let wire = read("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(wire.connection.request.method == method)
        for changed in [name.lowercased(), name + "S", String(name.dropLast())] {
            let other = read("\(changed) / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(other.connection.request.method == .other)
            #expect(other.text(other.connection.request.methodName) == changed)
        }
    }

    @Test("each field name is known without case", arguments: HTTPFieldName.allCases)
    func fieldName(id: HTTPFieldName) {
        guard id != .other else { return }
        let name = "\(id.text)"
        for text in [name, name.uppercased()] {
            #expect(HTTPFieldName(Array(text.utf8).span) == id)
        }
        for text in [name + "x", String(name.dropLast()), "y" + name.dropFirst()] {
            #expect(HTTPFieldName(Array(text.utf8).span) != id)
        }
        #expect(HTTPFieldName([UInt8]().span) == .other)
    }

    @Test("one empty line in front of a request is passed over (§2.2)")
    func emptyLine() {
        for cutting in Cutting.allCases {
            var wire = Wire()
            wire.send("\r\n" + get("/a") + "\r\n" + get("/b"), cutting)
            #expect(wire.served == ["GET /a", "GET /b"])
        }
    }

    @Test("HTTP/1.0 needs no Host, and a request of 1.1 must have one")
    func oldVersion() {
        #expect(read("GET / HTTP/1.0\r\n\r\n").last == .request)
        #expect(read("GET / HTTP/1.0\r\n\r\n").connection.request.version == .http10)
        #expect(read("GET / HTTP/1.1\r\n\r\n").connection.refusal == .host)
    }

    @Test("a value that is given twice has no single value")
    func repeatedField() {
        let wire = read(get("/", "X-Twilio-Signature: a\r\nX-Twilio-Signature: b\r\n"))
        let request = wire.connection.request
        #expect(request.only(.xTwilioSignature) == nil)
        #expect(request.count(of: .xTwilioSignature) == 2)
        #expect(request.first(.xTwilioSignature).map(wire.text) == "a")
    }

    @Test("octets above 0x7F in a value are kept as they are (RFC 9110 §5.5)")
    func obsoleteText() {
        let wire = read(get("/", "Authorization: é\r\n"))
        #expect(wire.connection.request.first(.authorization).map(wire.text) == "é")
    }
}
