import HTTP
import Primitives
import Testing

@Suite("Limits: one below, at, and one above")
struct LimitTests {
    private func statuses(_ text: String, limits: HTTPLimits = HTTPLimits()) -> [[Int]] {
        Cutting.allCases.map { cutting in
            var wire = Wire(limits: limits)
            wire.send(text, cutting)
            wire.endInput()
            return wire.finalStatuses
        }
    }

    private func fill(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test("request line of 8 KiB, else 414", arguments: zip([-1, 0, 1], [200, 200, 414]))
    func requestLine(difference: Int, status: Int) {
        let frame = "GET / HTTP/1.1".utf8.count
        let line = "GET /\(fill(8_192 + difference - frame)) HTTP/1.1"
        #expect(statuses("\(line)\r\nHost: a\r\n\r\n") == [[status], [status], [status]])
    }

    @Test("a request line without end is 414 as soon as it is too long")
    func endlessRequestLine() {
        #expect(statuses("GET /" + fill(8_187)) == [[400], [400], [400]])
        #expect(statuses("GET /" + fill(8_188)) == [[414], [414], [414]])
    }

    @Test("head of 16 KiB, else 431", arguments: zip([-1, 0, 1], [200, 200, 431]))
    func head(difference: Int, status: Int) {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\nY: \r\n\r\n".utf8.count
        let rest = 16_384 + difference - frame
        let text =
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(fill(9_000))\r\nY: \(fill(rest - 9_000))\r\n\r\n"
        #expect(statuses(text) == [[status], [status], [status]])
    }

    @Test("the empty line in front does not count for the head")
    func emptyLineInFront() {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".utf8.count
        let text = "\r\nGET / HTTP/1.1\r\nHost: a\r\nX: \(fill(16_384 - frame))\r\n\r\n"
        #expect(statuses(text) == [[200], [200], [200]])
    }

    @Test("100 fields, else 431", arguments: zip([-1, 0, 1], [200, 200, 431]))
    func fields(difference: Int, status: Int) {
        let lines = (1..<(100 + difference)).map { "X-\($0): y\r\n" }.joined()
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"
        #expect(statuses(text) == [[status], [status], [status]])
    }

    @Test(
        "body of 64 KiB, else 413 before it is read",
        arguments: zip([-1, 0, 1], [200, 200, 413])
    )
    func body(difference: Int, status: Int) {
        var wire = Wire()
        let count = 65_536 + difference
        wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n")
        #expect(wire.statuses == (status == 413 ? [413] : []))
        wire.send(fill(count))
        #expect(wire.statuses == [status])
    }

    @Test("chunked body of 64 KiB, else 413", arguments: zip([-1, 0, 1], [200, 200, 413]))
    func chunkedBody(difference: Int, status: Int) {
        let last = 65_536 + difference - 60_000
        var wire = Wire()
        wire.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.send(String(60_000, radix: 16) + "\r\n" + fill(60_000) + "\r\n")
        wire.send(String(last, radix: 16) + "\r\n")
        #expect(wire.statuses == (status == 413 ? [413] : []))
        wire.send(fill(last) + "\r\n0\r\n\r\n")
        #expect(wire.statuses == [status])
    }

    @Test("a route can narrow the body and widen it")
    func bodyRule() {
        for (limit, count, status) in [(4, 4, 200), (4, 5, 413), (70_000, 70_000, 200)] {
            var wire = Wire()
            wire.rule = HTTPBodyRule(bytesMax: limit)
            wire.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n" + fill(count)
            )
            #expect(wire.statuses == [status])
        }
    }

    @Test("chunk-size line of 256 octets, else 400", arguments: zip([-1, 0, 1], [200, 200, 400]))
    func chunkLine(difference: Int, status: Int) {
        let line = "1;" + fill(254 + difference)
        let text =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(line)\r\na\r\n0\r\n\r\n"
        #expect(statuses(text) == [[status], [status], [status]])
    }

    @Test("a chunk-size line without end is 400 as soon as it is too long")
    func endlessChunkLine() {
        for line in ["1;" + fill(300), fill(300), String(repeating: "0", count: 300)] {
            var wire = Wire()
            wire.send(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + line,
                .octets
            )
            #expect(wire.statuses == [400])
        }
    }

    @Test(
        "chunk extensions of 4 KiB in all, else 400",
        arguments: zip([-1, 0, 1], [200, 200, 400])
    )
    func chunkExtensions(difference: Int, status: Int) {
        let chunk = "1;" + fill(127) + "\r\na\r\n"
        let chunks =
            String(repeating: chunk, count: 31) + "1;" + fill(127 + difference) + "\r\na\r\n"
        let text =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n"
        #expect(statuses(text) == [[status], [status], [status]])
    }

    @Test("trailers of 4 KiB, else 431", arguments: zip([-1, 0, 1], [200, 200, 431]))
    func trailers(difference: Int, status: Int) {
        let frame = "X: \r\nY: \r\n\r\n".utf8.count
        let fields = "X: \(fill(100))\r\nY: \(fill(4_096 + difference - frame - 100))\r\n\r\n"
        let text =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\(fields)"
        #expect(statuses(text) == [[status], [status], [status]])
    }

    @Test("100 trailer fields, else 431", arguments: zip([-1, 0, 1], [200, 200, 431]))
    func trailerFields(difference: Int, status: Int) {
        let fields = (0..<(100 + difference)).map { "X-\($0): y\r\n" }.joined()
        let text =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\(fields)\r\n"
        #expect(statuses(text) == [[status], [status], [status]])
    }
}
