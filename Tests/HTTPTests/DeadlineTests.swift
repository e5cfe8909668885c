import HTTP
import Primitives
import Testing

@Suite("Time (simulated)")
struct DeadlineTests {
    private let post = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"

    @Test("a connection that says nothing for 10 s is told so and closed")
    func silence() {
        var wire = Wire()
        #expect(wire.connection.nextDeadline == wire.now + .seconds(10))
        wire.pass(.milliseconds(9_999))
        #expect(wire.received == "")
        wire.pass(.milliseconds(1))
        #expect(wire.statuses == [408])
        #expect(wire.connection.refusal == .timeout)
        wire.pass(.seconds(2))
        #expect(wire.isClosed)
    }

    @Test("a head that trickles has 10 s in all from its first octet (slowloris)")
    func slowHead() {
        var wire = Wire()
        wire.pass(.seconds(9))
        for line in ["G", "ET / HTTP/1.1\r\n", "Host: a\r\n", "X: y\r\n"] {
            wire.send(line)
            wire.pass(.seconds(2))
            #expect(wire.received == "")
        }
        wire.send("Z: z\r\n")
        wire.pass(.milliseconds(1_999))
        #expect(wire.received == "")
        wire.pass(.milliseconds(1))
        #expect(wire.statuses == [408])
    }

    @Test("between two requests the connection closes in silence after 75 s")
    func idle() {
        var wire = Wire()
        wire.send(get("/a"))
        wire.received = ""
        #expect(wire.connection.nextDeadline == wire.now + .seconds(75))
        wire.pass(.milliseconds(74_999))
        #expect(!wire.isClosed)
        wire.pass(.milliseconds(1))
        #expect(wire.isClosed)
        #expect(wire.received == "")
    }

    @Test("the second head has its own 10 s")
    func secondHead() {
        var wire = Wire()
        wire.send(get("/a"))
        wire.pass(.seconds(60))
        wire.send("GET /b")
        #expect(wire.connection.nextDeadline == wire.now + .seconds(10))
        wire.pass(.seconds(10))
        #expect(wire.statuses == [200, 408])
    }

    @Test("a head that arrived in part behind a slow answer has its 10 s from the answer")
    func pipelinedHead() {
        var wire = Wire()
        wire.suspends = true
        wire.send(get("/a") + "GET /b")
        wire.pass(.seconds(30))
        wire.answer()
        #expect(wire.connection.nextDeadline == wire.now + .seconds(10))
        wire.pass(.seconds(10))
        #expect(wire.statuses == [200, 408])
    }

    @Test("a body may pause for 10 s and no longer")
    func bodyGap() {
        var wire = Wire()
        wire.send(post)
        wire.pass(.milliseconds(9_999))
        wire.send("x")
        wire.pass(.milliseconds(9_999))
        #expect(wire.received == "")
        wire.pass(.milliseconds(1))
        #expect(wire.statuses == [408])
        #expect(wire.served == [])
    }

    @Test("a body that trickles has 60 s in all")
    func slowBody() {
        var wire = Wire()
        wire.send(post)
        for _ in 0..<7 {
            wire.pass(.seconds(8))
            wire.send("x")
        }
        #expect(wire.connection.nextDeadline == wire.now + .seconds(4))
        wire.pass(.seconds(4))
        #expect(wire.statuses == [408])
    }

    @Test("a chunked body has the same gaps")
    func chunkedGap() {
        var wire = Wire()
        wire.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
        wire.pass(.seconds(10))
        #expect(wire.statuses == [408])
    }

    @Test("a peer that does not read for 30 s is dropped; any progress starts the wait again")
    func slowReader() {
        var wire = Wire()
        let octets = Array(get("/a").utf8)
        wire.connection.receive(octets.span, at: wire.now)
        wire.settle(sending: false)
        #expect(wire.connection.nextDeadline == wire.now + .seconds(30))
        wire.now = wire.now + .seconds(29)
        wire.connection.advance(to: wire.now)
        wire.connection.handle(.sent(1), at: wire.now)
        wire.settle(sending: false)
        wire.now = wire.now + .seconds(29)
        wire.connection.advance(to: wire.now)
        #expect(!wire.connection.pendingOutput.isEmpty)
        wire.now = wire.now + .seconds(1)
        wire.connection.advance(to: wire.now)
        wire.settle(sending: false)
        #expect(wire.isClosed)
        #expect(wire.connection.pendingOutput.isEmpty)
    }

    @Test("time that passes early or twice changes nothing")
    func advanceIsIdempotent() {
        var wire = Wire()
        wire.send("GET /")
        wire.pass(.zero)
        wire.pass(.seconds(9))
        wire.pass(.zero)
        #expect(wire.received == "")
        wire.pass(.seconds(1))
        wire.pass(.zero)
        #expect(wire.statuses == [408])
    }
}
