import HTTP
import Primitives
import Testing

@Suite("Bodies (RFC 9112 §6 and §7)")
struct BodyTests {
    private func post(_ fields: String, _ body: String) -> String {
        "POST /a HTTP/1.1\r\nHost: gw.example.com\r\n\(fields)\r\n\(body)"
    }

    @Test(
        "a body of a known length ends there, and the next request begins",
        arguments: Cutting.allCases
    )
    func knownLength(cutting: Cutting) {
        var wire = Wire()
        wire.send(
            post("Content-Length: 3\r\n", "abc") + post("Content-Length: 000\r\n", "")
                + post("Content-Length: 05\r\n", "G\r\n T") + get("/b"),
            cutting
        )
        #expect(wire.served == ["POST /a abc", "POST /a", "POST /a G\r\n T", "GET /b"])
        #expect(wire.statuses == [200, 200, 200, 200])
    }

    @Test(
        "a chunked body is one run of octets without its framing",
        arguments: [
            "3\r\nabc\r\n0\r\n\r\n",
            "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n",
            "003\r\nabc\r\n000\r\n\r\n",
            "2;a=b;c=\"d;e\"\r\nab\r\n1 ; x\r\nc\r\n0;last\r\n\r\n",
            "3\r\nabc\r\n0\r\nX-Checksum: 1\r\nContent-Length: 9\r\nHost: evil\r\n\r\n",
        ],
        Cutting.allCases
    )
    func chunks(body: String, cutting: Cutting) {
        var wire = Wire()
        wire.send(post("Transfer-Encoding: Chunked\r\n", body) + get("/b"), cutting)
        #expect(wire.served == ["POST /a abc", "GET /b"])
        #expect(wire.statuses == [200, 200])
    }

    @Test("chunks of all sizes come out as they went in", arguments: Cutting.allCases)
    func manyChunks(cutting: Cutting) {
        var numbers = SeededNumbers(seed: 11)
        var body = ""
        var chunks = ""
        for _ in 0..<120 {
            let size = 1 + numbers.next(below: 40)
            let text = String((0..<size).map { _ in "\r\n0;aA:".randomElement(using: &numbers) })
            body += text
            chunks += String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n"
        }
        var wire = Wire()
        let request = post("Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n")
        wire.send(request + request, cutting)
        #expect(wire.served == ["POST /a \(body)", "POST /a \(body)"])
    }

    @Test("chunk headers do not pile up in the buffer while a body arrives")
    func boundedBuffer() {
        var wire = Wire()
        wire.send(post("Transfer-Encoding: chunked\r\n", ""))
        var largest = 0
        for _ in 0..<60_000 {
            wire.send("1\r\nx\r\n")
            largest = max(largest, wire.connection.input.count)
        }
        wire.send("0\r\n\r\n")
        #expect(wire.served.first?.count == "POST /a ".count + 60_000)
        #expect(largest < 60_000 + 200)
    }

    @Test("a request without a length has no body (§6.3 rule 7)")
    func noLength() {
        var wire = Wire()
        wire.send(post("", "") + get("/b"))
        #expect(wire.served == ["POST /a", "GET /b"])
    }

    @Test("a route that wants a body gets 411 without a length, and takes an empty one")
    func lengthRequired() {
        var wire = Wire()
        wire.rule = HTTPBodyRule(bytesMax: 10, isRequired: true)
        wire.send(post("Content-Length: 0\r\n", "") + post("", "") + get("/b"))
        #expect(wire.served == ["POST /a"])
        #expect(wire.statuses == [200, 411])
        #expect(wire.connection.refusal == .lengthRequired)
    }

    @Test("a client that waits is told to continue, once and before the body")
    func expectContinue() {
        var wire = Wire()
        wire.send(post("Content-Length: 3\r\nExpect: 100-Continue\r\n", ""))
        #expect(wire.received == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(wire.served == [])
        wire.send("abc", .octets)
        #expect(wire.served == ["POST /a abc"])
        #expect(wire.statuses == [100, 200])
    }

    @Test("a client that did not wait is not told to (RFC 9110 §10.1.1)")
    func expectContinueWithBody() {
        var wire = Wire()
        wire.send(post("Content-Length: 3\r\nExpect: 100-continue\r\n", "abc"))
        wire.send(post("Content-Length: 0\r\nExpect: 100-continue\r\n", ""))
        wire.send("POST /c HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
        #expect(wire.statuses == [200, 200])
    }

    @Test("what is too large is refused instead of continued")
    func expectContinueTooLarge() {
        var wire = Wire()
        wire.send(post("Content-Length: 65537\r\nExpect: 100-continue\r\n", ""))
        #expect(wire.statuses == [413])
    }

    @Test("another expectation is 417")
    func otherExpectation() {
        var wire = Wire()
        wire.send(post("Content-Length: 3\r\nExpect: 200-ok\r\n", "abc") + get("/b"))
        #expect(wire.statuses == [417])
        #expect(wire.served == [])
    }

    @Test("an answer before the body leaves the body unread and closes")
    func earlyAnswer() {
        var wire = Wire()
        let octets = Array((post("Content-Length: 30\r\n", "") + get("/b")).utf8)
        wire.connection.receive(octets.span, at: wire.now)
        #expect(wire.connection.next(date: wire.date) == .head)
        wire.response.reset(.forbidden)
        wire.answer()
        #expect(wire.statuses == [403])
        #expect(wire.received.contains("Connection: close\r\n"))
        #expect(wire.served == [])
    }

    @Test("an answer after the head of a request without body keeps the connection")
    func earlyAnswerWithoutBody() {
        var wire = Wire()
        let octets = Array((get("/a") + get("/b")).utf8)
        wire.connection.receive(octets.span, at: wire.now)
        #expect(wire.connection.next(date: wire.date) == .head)
        wire.response.reset(.notFound)
        wire.answer()
        #expect(wire.statuses == [404, 404])
        #expect(wire.served == ["GET /b"])
    }

    @Test(
        "the peer's end within a request is 400, and the part is not served",
        arguments: [
            "G", "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
        ]
    )
    func truncated(text: String) {
        var wire = Wire()
        wire.send(text)
        wire.endInput()
        #expect(wire.statuses == [400])
        #expect(wire.served == [])
        #expect(wire.connection.refusal == .truncated)
        #expect(wire.isClosed)
    }
}

extension String {
    /// A character chosen by seeded numbers.
    fileprivate func randomElement(using numbers: inout SeededNumbers) -> Character {
        let all = Array(unicodeScalars)
        return Character(all[numbers.next(below: all.count)])
    }
}
