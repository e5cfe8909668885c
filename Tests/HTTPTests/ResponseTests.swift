import HTTP
import Primitives
import Testing

@Suite("Writing an answer (RFC 9110 §6, RFC 9112 §4)")
struct ResponseTests {
    private let date = HTTPDate(WallTime(seconds: 784_111_777))

    private func text(
        _ response: HTTPResponse,
        _ persistence: HTTPResponse.Persistence = .implied,
        isHead: Bool = false
    ) -> String {
        var output = ByteBuffer()
        response.write(to: &output, date: date, persistence: persistence, isHead: isHead)
        return output.text
    }

    @Test("an answer stands on the wire as it should")
    func answer() {
        var response = HTTPResponse()
        response.reset(.methodNotAllowed, contentType: "application/json")
        response.addAllow(HTTPMethodSet(.post, .get, .options))
        response.addField("Retry-After", 5)
        response.addField("X-Request-ID", "a\tb")
        response.body.append("{}")
        #expect(
            text(response, .keepAlive) == """
                HTTP/1.1 405 Method Not Allowed\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Content-Type: application/json\r
                Content-Length: 2\r
                Allow: GET, POST, OPTIONS\r
                Retry-After: 5\r
                X-Request-ID: a\tb\r
                Connection: keep-alive\r
                \r
                {}
                """
        )
    }

    @Test("an empty answer says that it is empty")
    func empty() {
        #expect(
            text(HTTPResponse(.forbidden), .close)
                == "HTTP/1.1 403 Forbidden\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                + "Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
    }

    @Test("204 has neither content nor length")
    func withoutContent() {
        var response = HTTPResponse(.noContent)
        response.contentType = "text/plain"
        response.body.append("left out")
        #expect(
            text(response)
                == "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
        )
    }

    @Test("every status has its own code in its status line", arguments: HTTPStatus.allCases)
    func statusLine(status: HTTPStatus) {
        let line = text(HTTPResponse(status)).prefix { $0 != "\r\n" }
        #expect(line.hasPrefix("HTTP/1.1 \(status.rawValue) "))
        #expect(line.count > 13)
    }

    @Test("an answer that is used again has nothing of the one before")
    func reset() {
        var response = HTTPResponse()
        response.reset(.ok, contentType: "text/plain")
        response.addField("Cache-Control", "no-store")
        response.body.append("first")
        response.closesConnection = true
        response.reset(.ok)
        #expect(text(response) == text(HTTPResponse(.ok)))
        #expect(!response.closesConnection)
    }

    @Test("Date is rendered again when the second changes, and only then")
    func dateOfSecond() {
        var date = HTTPDate(WallTime(seconds: 784_111_777))
        let answer = HTTPResponse()
        for (time, expected) in [
            (WallTime(microseconds: 784_111_777_999_999), "Sun, 06 Nov 1994 08:49:37 GMT"),
            (WallTime(microseconds: 784_111_778_000_000), "Sun, 06 Nov 1994 08:49:38 GMT"),
            (WallTime(seconds: 951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT"),
        ] {
            date.update(to: time)
            var output = ByteBuffer()
            answer.write(to: &output, date: date, persistence: .implied)
            #expect(output.text.contains("\r\nDate: \(expected)\r\n"))
        }
    }

    @Test("no value can end its line or hide in it (response splitting, CVE-2022-3215)")
    func splitting() {
        var numbers = SeededNumbers(seed: 2_022)
        for _ in 0..<20_000 {
            let value = (0..<numbers.next(below: 12)).map { _ in
                // One in two is from the characters that could do harm.
                numbers.next(below: 2) == 0
                    ? [0, 9, 10, 13, 27, 32, 58, 127, 0x85][numbers.next(below: 9)]
                    : UInt8(truncatingIfNeeded: numbers.next())
            }
            var response = HTTPResponse()
            let isAdded = response.addField("Location", value.span)
            var output = ByteBuffer()
            response.write(to: &output, date: date, persistence: .implied)
            let isHarmless = value.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 9 }
            #expect(isAdded == isHarmless)
            let lines = output.bytes.split(separator: 13, omittingEmptySubsequences: false)
            #expect(lines.count == (isAdded ? 6 : 5))
            let expected = Array("Location: ".utf8) + value
            #expect(lines.contains { $0.dropFirst() == expected[...] } == isAdded)
        }
    }

    @Test("a value that is text is held to the same rule")
    func splittingText() {
        var response = HTTPResponse()
        let isAdded = response.addField("Location", String("/a\r\nSet-Cookie: b=c"))
        #expect(!isAdded)
        #expect(text(response) == text(HTTPResponse()))
        let isPlainAdded = response.addField("Location", String("/é"))
        #expect(isPlainAdded)
        #expect(text(response).contains("\r\nLocation: /é\r\n"))
    }

    @Test("whatever a refused request says, the answer does not repeat it (K2)")
    func noEcho() {
        for payload in smugglingPayloads {
            var wire = Wire()
            wire.send(payload.wire)
            #expect(!wire.received.contains("example.com"))
            #expect(wire.received.split(separator: "\r\n").count == 6)
        }
    }
}
