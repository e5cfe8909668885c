import Dispatch
import Gateway
import Primitives
import Routing
import Synchronization
import Testing

@Suite("Requests of workflow steps")
struct HTTPStepClientTests {
    private func client(
        _ server: LoopbackServer,
        connectionsPerHost: Int = 100
    ) throws -> HTTPStepClient {
        try HTTPStepClient(
            allowedHosts: ["127.0.0.1:\(server.port)"],
            connectionsPerHost: connectionsPerHost
        )
    }

    @Test("a request goes out as the step says it, and the answer comes back whole")
    func exchange() throws {
        let server = try LoopbackServer(
            answering: "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                + "Content-Length: 11\r\n\r\n{\"a\":\"b c\"}"
        )
        let client = try client(server)
        let answer = try client.answer(
            "http://127.0.0.1:\(server.port)/route?x=%2B1",
            method: .post,
            headers: [.init(name: "X-Org", value: "acme"), .init(name: "Host", value: "evil")],
            body: "{}"
        )
        #expect(answer.status == 201)
        #expect(answer.body == "{\"a\":\"b c\"}")
        #expect(answer.headers.map(\.name) == ["Content-Type", "Content-Length"])
        #expect(
            server.requests == [
                "POST /route?x=%2B1 HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
                    + "User-Agent: trunkline\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
                    + "X-Org: acme\r\nContent-Length: 2\r\n\r\n{}"
            ]
        )
    }

    @Test("every method is sent; only a body, or a method that usually has one, has a length")
    func methods() throws {
        let server = try LoopbackServer(answering: "HTTP/1.1 204 No Content\r\n\r\n")
        let client = try client(server)
        for method in HTTPStepRequest.Method.allCases {
            let url = "http://127.0.0.1:\(server.port)/"
            #expect(try client.answer(url, method: method).status == 204)
            let request = try #require(server.requests.last)
            #expect(request.hasPrefix("\(method.rawValue) / HTTP/1.1\r\n"))
            let hasLength = [.post, .put, .patch].contains(method)
            #expect(request.contains("Content-Length: 0") == hasLength)
        }
        #expect(server.connectionCount == 1)
    }

    @Test("a value that would begin another field is never sent")
    func injection() throws {
        let server = try LoopbackServer(answering: "HTTP/1.1 204 No Content\r\n\r\n")
        let client = try client(server)
        let url = "http://127.0.0.1:\(server.port)/"
        let evil = HTTPStepRequest.Header(name: "X", value: "a\r\nX-Evil: 1")
        #expect(try client.answer(url, headers: [evil]).reason == .malformed)
        #expect(try client.answer(url + "a b").reason == .malformed)
        #expect(server.connectionCount == 0)
    }

    @Test("an answer to HEAD has no body, whatever length it tells")
    func headMethod() throws {
        let server = try LoopbackServer(
            answering: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nX-A: 1\r\n\r\n"
        )
        let client = try client(server)
        for _ in 0..<2 {
            let answer = try client.answer("http://127.0.0.1:\(server.port)/", method: .head)
            #expect(answer.status == 200 && answer.body.isEmpty)
            #expect(answer.headers.contains(.init(name: "X-A", value: "1")))
        }
        #expect(server.connectionCount == 1)
    }

    @Test("one connection carries one request after the other until the server closes it")
    func reuse() throws {
        let keeping = try LoopbackServer(answering: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        let closing = try LoopbackServer(
            answering: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"
        )
        for (server, count) in [(keeping, 1), (closing, 5)] {
            let client = try client(server)
            for _ in 0..<5 {
                #expect(try client.answer("http://127.0.0.1:\(server.port)/").body == "x")
            }
            #expect(server.connectionCount == count)
        }
    }

    @Test("a kept connection that the server closed meanwhile costs a GET nothing")
    func staleConnection() throws {
        let isFirst = Atomic(true)
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            if isFirst.exchange(false, ordering: .relaxed) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
                // The next request is read and not answered.
                _ = connection.readRequest()
                return
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb")
            _ = connection.seesEnd()
        }
        let client = try client(server)
        #expect(try client.answer("http://127.0.0.1:\(server.port)/").body == "a")
        #expect(try client.answer("http://127.0.0.1:\(server.port)/").body == "b")
        #expect(server.requests.count == 3)
    }

    @Test("chunks, trailers, interim answers and a body that ends with the connection")
    func bodies() throws {
        for text in [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: 1\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\n\r\nhello",
        ] {
            let server = try LoopbackServer { connection in
                _ = connection.readRequest()
                connection.send(text)
            }
            let answer = try client(server).answer("http://127.0.0.1:\(server.port)/")
            #expect(answer.body == "hello", "\(text)")
        }
    }

    @Test(
        "an answer that is wrong is a failure with its reason",
        arguments: [
            ("hello world\r\n", HTTPStepFailure.malformed), ("\u{0}\u{1}\u{2}", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", .malformed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", .tooLarge),
            ("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", .tooLarge),
            ("", .unreachable),
        ]
    )
    func wrongAnswers(text: String, reason: HTTPStepFailure) throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send(text)
        }
        let answer = try client(server).answer("http://127.0.0.1:\(server.port)/")
        #expect(answer.reason == reason)
    }

    @Test(
        "an answer without an end is cut off, and its connection closed",
        arguments: [
            ("HTTP/1.1 200 OK\r\n\r\n", "x"), ("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "x"),
            ("HTTP/1.1 200 OK\r\n", "X: aaaaaaaaaaaaa\r\n"), ("HTTP/1.1 200 OK\r\nX: ", "a"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: aaaaa\r\n"),
        ]
    )
    func endlessAnswers(start: String, more: String) throws {
        let sawEnd = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send(start)
            let piece = Array(String(repeating: more, count: 1_000).utf8)
            while connection.send(piece) {}
            sawEnd.signal()
        }
        let answer = try client(server).answer("http://127.0.0.1:\(server.port)/")
        #expect(answer.reason == .tooLarge)
        #expect(sawEnd.wait(timeout: .now() + 20) == .success)
    }

    @Test("a body of 64 KiB is taken, one octet more is not")
    func bodyLimit() throws {
        for (count, reason) in [(65_536, nil), (65_537, HTTPStepFailure.tooLarge)] {
            let server = try LoopbackServer { connection in
                _ = connection.readRequest()
                connection.send("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: count))
            }
            let answer = try client(server).answer("http://127.0.0.1:\(server.port)/")
            #expect(answer.reason == reason)
            #expect(answer.body.utf8.count == (reason == nil ? count : 0))
        }
    }

    @Test("a reset before the answer is unreachable, within it malformed")
    func resets() throws {
        for (text, reason) in [("", HTTPStepFailure.unreachable), ("HTTP/1.1 200 O", .malformed)] {
            let server = try LoopbackServer { connection in
                _ = connection.readRequest()
                connection.send(text)
                connection.reset()
            }
            let answer = try client(server).answer("http://127.0.0.1:\(server.port)/")
            #expect(answer.reason == reason)
        }
    }

    @Test("a port where nobody listens is unreachable")
    func refusedConnection() throws {
        let port = try LoopbackServer { _ in }.port
        let client = try HTTPStepClient(allowedHosts: ["127.0.0.2:\(port)"])
        #expect(try client.answer("http://127.0.0.2:\(port)/").reason == .unreachable)
    }

    @Test("a host that never answers runs into the step's time, and its connection is closed")
    func silence() throws {
        let sawEnd = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            if connection.seesEnd() { sawEnd.signal() }
        }
        let client = try client(server)
        let answer = try client.answer(
            "http://127.0.0.1:\(server.port)/",
            timeout: .milliseconds(50)
        )
        #expect(answer.reason == .timedOut)
        #expect(sawEnd.wait(timeout: .now() + 20) == .success)
    }

    @Test("a request is still delivered after its client is gone")
    func clientGone() throws {
        let mayAnswer = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            _ = mayAnswer.wait(timeout: .now() + 20)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        }
        let deliveries = Deliveries()
        do {
            let client = try client(server)
            try client.ask("http://127.0.0.1:\(server.port)/", deliveries)
            #expect(server.waitForRequests())
        }
        mayAnswer.signal()
        #expect(deliveries.wait())
        #expect(deliveries.all.map(\.body) == ["x"])
    }
}
