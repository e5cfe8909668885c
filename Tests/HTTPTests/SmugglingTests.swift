import HTTP
import Primitives
import Testing

@Suite("Request smuggling (RFC 9112 §11.2)")
struct SmugglingTests {
    @Test(
        "is answered once, closes, and nothing behind it is served, however the stream is cut",
        arguments: smugglingPayloads,
        Cutting.allCases
    )
    func refusesOnce(payload: SmugglingPayload, cutting: Cutting) {
        var wire = Wire()
        wire.send(payload.wire + get("/smuggled"), cutting)
        #expect(wire.finalStatuses == [payload.status], "\(wire.received)")
        #expect(wire.served == [])
        #expect(wire.received.contains("\r\nConnection: close\r\n"))
        #expect(wire.connection.refusal?.status.rawValue == UInt16(payload.status))

        wire.send(get("/smuggled"))
        #expect(wire.served == [])
        wire.endInput()
        #expect(wire.isClosed)
    }

    @Test(
        "a bad request behind a good one does not undo the good one",
        arguments: smugglingPayloads
    )
    func servesWhatCameBefore(payload: SmugglingPayload) {
        var wire = Wire()
        wire.send(get("/good") + payload.wire + get("/smuggled"))
        #expect(wire.served == ["GET /good"])
        #expect(wire.finalStatuses.first == 200)
    }

    @Test("every prefix waits for more or is refused, and asking again changes nothing")
    func prefixes() {
        for payload in smugglingPayloads {
            let octets = Array(payload.wire.utf8)
            for end in 0...octets.count {
                var wire = Wire()
                wire.send(Array(octets[..<end]))
                #expect(wire.served == [])
                let steps = wire.steps
                let received = wire.received
                wire.settle()
                #expect(wire.steps == steps + 1)
                #expect(wire.received == received)
                #expect(wire.connection.nextDeadline < .distantFuture)
            }
        }
    }

    @Test("the answer names no product, no version and nothing that was sent")
    func answerIsPlain() {
        var wire = Wire()
        wire.send("GET /<script> HTTP/1.1\r\nHost: <script>\r\n\r\n")
        #expect(
            wire.received == """
                HTTP/1.1 400 Bad Request\r
                Date: Sat, 21 Nov 2026 07:05:09 GMT\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Length: 16\r
                Connection: close\r
                \r
                400 Bad Request

                """
        )
    }
}
