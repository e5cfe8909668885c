import HTTP
import Primitives
import Testing

@Suite("Connections that persist, and how they end (RFC 9112 §9)")
struct PersistenceTests {
    @Test(
        "1.1 persists unless told otherwise, 1.0 only when asked",
        arguments: [
            ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
            ("HTTP/1.1", "Connection: keep-alive, Close\r\n", false),
            ("HTTP/1.1", "Connection: x\r\nConnection: close\r\n", false),
            ("HTTP/1.1", "Connection: closed\r\n", true),
            ("HTTP/1.0", "", false), ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
            ("HTTP/1.0", "Connection: keep-alive, close\r\n", false),
        ]
    )
    func persistence(version: String, fields: String, persists: Bool) {
        var wire = Wire()
        wire.send("GET /a \(version)\r\nHost: a\r\n\(fields)\r\n" + get("/b"))
        #expect(wire.served == (persists ? ["GET /a", "GET /b"] : ["GET /a"]))
        #expect(wire.received.contains("Connection: close\r\n") == !persists)
        let saysKeepAlive = wire.received.contains("Connection: keep-alive\r\n")
        #expect(saysKeepAlive == (persists && version == "HTTP/1.0"))
    }

    @Test("a close that was asked for needs no lingering, unless more was sent")
    func closing() {
        var wire = Wire()
        wire.send(get("/a", "Connection: close\r\n"))
        #expect(wire.last == .close)

        wire = Wire()
        wire.send(get("/a", "Connection: close\r\n") + "more")
        #expect(wire.last == .wait)
        #expect(wire.connection.nextDeadline == wire.now + wire.connection.limits.lingerTimeout)
        wire.endInput()
        #expect(wire.last == .close)
    }

    @Test("after a refusal our side is shut down only when the answer is sent")
    func lingering() {
        var wire = Wire()
        let octets = Array("GET /\n\n".utf8)
        wire.connection.receive(octets.span, at: wire.now)
        #expect(wire.connection.next(date: wire.date) == .wait)
        let count = wire.connection.pendingOutput.count
        wire.connection.handle(.sent(count - 1), at: wire.now)
        #expect(wire.connection.next(date: wire.date) == .wait)
        #expect(wire.connection.pendingOutput.count == 1)
        wire.connection.handle(.sent(1), at: wire.now)
        #expect(wire.connection.next(date: wire.date) == .shutdown)
        #expect(wire.connection.next(date: wire.date) == .wait)
        wire.send("what still arrives is discarded")
        #expect(wire.connection.input.isEmpty)
        wire.pass(.seconds(2))
        #expect(wire.last == .close)
    }

    @Test("pipelined requests are answered in their order", arguments: Cutting.allCases)
    func pipelining(cutting: Cutting) {
        var wire = Wire()
        wire.send((0..<1_000).map { get("/\($0)") }.joined(), cutting)
        #expect(wire.served == (0..<1_000).map { "GET /\($0)" })
        #expect(wire.statuses.count == 1_000)
    }

    @Test("requests behind one that is not answered wait for it")
    func suspension() {
        var wire = Wire()
        wire.suspends = true
        wire.send(get("/a") + get("/b"))
        wire.send(get("/c"))
        #expect(wire.served == ["GET /a"])
        #expect(wire.connection.requestNumber == 1)
        #expect(wire.connection.nextDeadline == .distantFuture)
        wire.pass(.seconds(600))
        wire.answer()
        #expect(wire.served == ["GET /a", "GET /b"])
        #expect(wire.connection.requestNumber == 2)
        wire.answer()
        wire.answer()
        #expect(wire.served == ["GET /a", "GET /b", "GET /c"])
        #expect(wire.statuses == [200, 200, 200])
        #expect(wire.connection.isIdle)
    }

    @Test("octets stay in the socket while enough of them wait behind a request")
    func backPressure() {
        var wire = Wire()
        wire.suspends = true
        wire.send(get("/a"))
        #expect(wire.connection.wantsInput)
        wire.send(String(repeating: "x", count: 65_535))
        #expect(wire.connection.wantsInput)
        wire.send("x")
        #expect(!wire.connection.wantsInput)
    }

    @Test("no more than 32 answers wait before the peer has to collect them")
    func blockedOutput() {
        var wire = Wire()
        let octets = Array((0..<80).map { get("/\($0)") }.joined().utf8)
        wire.connection.receive(octets.span, at: wire.now)
        wire.settle(sending: false)
        #expect(wire.served.count == 32)
        let count = wire.connection.pendingOutput.count
        wire.connection.handle(.sent(count - 1), at: wire.now)
        wire.settle(sending: false)
        #expect(wire.served.count == 32)
        wire.connection.handle(.sent(1), at: wire.now)
        wire.settle(sending: false)
        #expect(wire.served.count == 64)
        wire.settle()
        #expect(wire.served.count == 80)
    }

    @Test("a peer that closed its side is still answered")
    func halfClose() {
        var wire = Wire()
        wire.suspends = true
        wire.send(get("/a") + get("/b"))
        wire.endInput()
        #expect(!wire.isClosed)
        wire.answer()
        wire.answer()
        #expect(wire.statuses == [200, 200])
        #expect(wire.served == ["GET /a", "GET /b"])
        #expect(wire.received.hasSuffix("Connection: close\r\n\r\nhello"))
        #expect(wire.isClosed)
    }

    @Test("a peer that leaves between two requests gets no answer", arguments: ["", "\r\n"])
    func leaving(text: String) {
        var wire = Wire()
        wire.send(get("/a") + text)
        wire.received = ""
        wire.endInput()
        #expect(wire.received == "")
        #expect(wire.isClosed)
    }

    @Test("a server that stops answers the current request and closes")
    func stopping() {
        var wire = Wire()
        wire.connection.handle(.stopping, at: wire.now)
        wire.settle()
        #expect(wire.isClosed, "nothing was asked yet")

        wire = Wire()
        wire.suspends = true
        wire.send(get("/a") + get("/b"))
        wire.connection.handle(.stopping, at: wire.now)
        wire.answer()
        #expect(wire.served == ["GET /a"])
        #expect(wire.received.contains("Connection: close\r\n"))
    }

    @Test("a broken socket ends everything, and a late answer is dropped")
    func failure() {
        var wire = Wire()
        wire.suspends = true
        wire.send(get("/a"))
        wire.connection.handle(.failed, at: wire.now)
        wire.settle()
        #expect(wire.isClosed)
        wire.answer()
        #expect(wire.received == "")
        #expect(wire.connection.pendingOutput.isEmpty)
        #expect(wire.connection.nextDeadline == .distantFuture)
    }

    @Test("an answer without a request is dropped")
    func answerWithoutRequest() {
        var wire = Wire()
        wire.answer()
        wire.send("GET / HT")
        wire.answer()
        #expect(wire.received == "")
        wire.send("TP/1.1\r\nHost: a\r\n\r\n")
        #expect(wire.statuses == [200])
    }

    @Test("HEAD has the fields of GET and no content, and does not disturb what follows")
    func head() {
        var wire = Wire()
        wire.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b"))
        #expect(
            wire.received == """
                HTTP/1.1 200 OK\r
                Date: Sat, 21 Nov 2026 07:05:09 GMT\r
                Content-Type: text/plain\r
                Content-Length: 5\r
                \r
                HTTP/1.1 200 OK\r
                Date: Sat, 21 Nov 2026 07:05:09 GMT\r
                Content-Type: text/plain\r
                Content-Length: 5\r
                \r
                hello
                """
        )
    }

    @Test("a refused HEAD has no content either")
    func refusedHead() {
        var wire = Wire()
        wire.send("HEAD /a HTTP/1.1\r\n\r\n")
        #expect(wire.statuses == [400])
        #expect(wire.received.hasSuffix("Connection: close\r\n\r\n"))
    }
}
