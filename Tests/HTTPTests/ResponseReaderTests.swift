import HTTP
import Testing

@Suite("Answers of a server, as a client reads them")
struct ResponseReaderTests {

    /// Reads `text` in pieces of `size` octets, and the end of the connection behind them.
    private func read(
        _ text: String,
        size: Int = .max,
        answersHEAD: Bool = false,
        ends: Bool = true
    ) throws(HTTPResponseDefect) -> HTTPResponseReader {
        var reader = HTTPResponseReader(answersHEAD: answersHEAD)
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + min(size, bytes.count))
            if try reader.receive(bytes.span.extracting(start..<end)) { return reader }
            start = end
        }
        if ends { try reader.end() }
        return reader
    }

    @Test(
        "every form of body, however the stream is cut",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true),
            ("HTTP/1.1 200\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "hello", true),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
                "hello", true
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
                "hello", true
            ),
            ("HTTP/1.1 200 OK\r\n\r\nhello", "hello", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", false),
            (
                "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 5\r\n\r\nhello",
                "hello", false
            ),
            ("HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n", "", true),
            ("HTTP/1.1 304 Same\r\n\r\n", "", true),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "hello", true
            ),
        ]
    )
    func bodies(text: String, body: String, persists: Bool) throws {
        for size in [1, 2, 3, 7, 64, .max] {
            let reader = try read(text, size: size)
            #expect(String(decoding: reader.body, as: UTF8.self) == body)
            #expect(reader.persists == persists)
        }
    }

    @Test("a server that goes on behind its answer is not asked again")
    func unasked() throws {
        var reader = try read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        #expect(reader.persists)
        let more = Array("HTTP/1.1 200 OK\r\n".utf8)
        #expect(try reader.receive(more.span))
        #expect(!reader.persists)
        #expect(String(decoding: reader.body, as: UTF8.self) == "hello")
    }

    @Test("status and fields, in their order and with their case")
    func head() throws {
        let reader = try read(
            "HTTP/1.1 404 Not Found\r\nX-A:  1 \r\nx-a: 2\r\nContent-Length: 0\r\n\r\n"
        )
        #expect(reader.status == 404)
        #expect(reader.fields.map(\.name) == ["X-A", "x-a", "Content-Length"])
        #expect(reader.fields.map(\.value) == ["1", "2", "0"])
    }

    @Test("an answer to HEAD ends with its head")
    func headMethod() throws {
        let reader = try read(
            "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n",
            answersHEAD: true,
            ends: false
        )
        #expect(reader.status == 200 && reader.body.isEmpty && reader.persists)
    }

    @Test("what comes behind an answer makes its connection useless")
    func surplus() throws {
        let reader = try read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n")
        #expect(String(decoding: reader.body, as: UTF8.self) == "x")
        #expect(!reader.persists)
    }

    @Test(
        "an answer that cannot be trusted is an error, however the stream is cut",
        arguments: [
            ("hello world", HTTPResponseDefect.truncated), ("hello world\r\n", .malformed),
            ("HTTP/2 200 OK\r\n\r\n", .malformed), ("HTTP/1.1 099 x\r\n\r\n", .malformed),
            ("HTTP/1.1 20x OK\r\n\r\n", .malformed), ("HTTP/1.1 2000 OK\r\n\r\n", .malformed),
            ("HTTP/1.1 101 Switching\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\nContent-Length: 0\n\n", .malformed),
            ("HTTP/1.1 200 OK\r\nX: a\u{0}b\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nfoo\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\n: b\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", .malformed),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                .malformed
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .malformed),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                .malformed
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nx", .tooLarge),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nx", .tooLarge),
            ("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", .tooLarge),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n", .tooLarge),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", .truncated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .truncated),
            ("HTTP/1.1 200 OK\r\nContent-Le", .truncated), ("", .nothing),
        ]
    )
    func defects(text: String, defect: HTTPResponseDefect) {
        for size in [1, 5, .max] {
            #expect(throws: defect) { try read(text, size: size) }
        }
    }

    @Test(
        "what does not end is cut off at its limit",
        arguments: [
            ("HTTP/1.1 200 OK\r\n\r\n", "x"), ("HTTP/1.1 200 OK\r\n", "X: aaaaaaaa\r\n"),
            ("HTTP/1.1 200 OK\r\nX: ", "a"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: aaaaaaaa\r\n"),
        ]
    )
    func endless(start: String, more: String) throws {
        var reader = HTTPResponseReader(answersHEAD: false)
        let head = Array(start.utf8)
        _ = try reader.receive(head.span)
        let piece = Array(String(repeating: more, count: 512).utf8)
        #expect(throws: HTTPResponseDefect.tooLarge) {
            for _ in 0..<1_000 { _ = try reader.receive(piece.span) }
        }
    }

    @Test("interim answers are bounded")
    func interim() {
        let text = String(repeating: "HTTP/1.1 103 Early\r\n\r\n", count: 9)
        #expect(throws: HTTPResponseDefect.malformed) { try read(text) }
    }

    @Test("a damaged answer is read or refused, and never ends the process", arguments: 0..<50)
    func mutation(seed: Int) {
        let texts = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0\r\nT: u\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 302 Found\r\nLocation: /\r\n\r\nhello",
        ]
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        for _ in 0..<200 {
            var bytes = Array(texts[random(texts.count)].utf8)
            for _ in 0...random(4) where !bytes.isEmpty {
                let place = random(bytes.count)
                switch random(4) {
                case 0: bytes[place] = UInt8(random(256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(bytes[random(bytes.count)], at: place)
                default: bytes.append(contentsOf: bytes[place...])
                }
            }
            var reader = HTTPResponseReader(answersHEAD: random(4) == 0)
            let cut = random(bytes.count + 1)
            do throws(HTTPResponseDefect) {
                guard try !reader.receive(bytes.span.extracting(0..<cut)),
                    try !reader.receive(bytes.span.extracting(cut..<bytes.count))
                else {
                    #expect(200...999 ~= reader.status && reader.body.count <= bytes.count)
                    continue
                }
                try reader.end()
            } catch {
                #expect(HTTPResponseDefect.allCases.contains(error))
            }
        }
    }
}
