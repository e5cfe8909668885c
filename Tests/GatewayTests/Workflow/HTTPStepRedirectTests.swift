import Gateway
import Routing
import Testing

@Suite("Redirects of workflow requests")
struct HTTPStepRedirectTests {
    /// Answers `/` with a redirect and everything else with its request line.
    private func server(_ status: Int, _ location: String) throws -> LoopbackServer {
        try LoopbackServer { connection in
            while let request = connection.readRequest() {
                let line = String(request.prefix { $0 != "\r\n" })
                if line.contains(" /a/start ") {
                    connection.send(
                        "HTTP/1.1 \(status) X\r\nLocation: \(location)\r\n"
                            + "Content-Length: 5\r\n\r\nmoved"
                    )
                } else {
                    let body = line + (request.hasSuffix("{}") ? " {}" : "")
                    connection.send(
                        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                }
            }
        }
    }

    @Test(
        "a redirect to the same origin is followed",
        arguments: [
            (301, "/b?c", "GET /b?c HTTP/1.1"), (302, "/b#d", "GET /b HTTP/1.1"),
            (303, "b", "GET /a/b HTTP/1.1"), (307, "/b", "POST /b HTTP/1.1 {}"),
            (308, "?q=1", "POST /a/start?q=1 HTTP/1.1 {}"),
        ]
    )
    func sameOrigin(status: Int, location: String, seen: String) throws {
        let server = try server(status, location)
        let client = try HTTPStepClient(allowedHosts: ["127.0.0.1:\(server.port)"])
        let answer = try client.answer(
            "http://127.0.0.1:\(server.port)/a/start",
            method: .post,
            body: "{}"
        )
        #expect(answer.status == 200)
        #expect(answer.body == seen)
    }

    @Test("an absolute URL of the same origin is followed, one of another origin is not")
    func otherOrigin() throws {
        let other = try LoopbackServer(answering: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let target = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                let host = request.split(separator: "\r\n").first { $0.hasPrefix("Host: ") }
                let isMoved = request.hasPrefix("GET /moved")
                connection.send(
                    isMoved
                        ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                        : "HTTP/1.1 302 X\r\nLocation: http://\(host?.dropFirst(6) ?? "")/moved\r\n"
                            + "Content-Length: 0\r\n\r\n"
                )
            }
        }
        let client = try HTTPStepClient(
            allowedHosts: ["127.0.0.1:\(target.port)", "127.0.0.1:\(other.port)"]
        )
        #expect(try client.answer("http://127.0.0.1:\(target.port)/").body == "ok")
        // The other one is on the list, and still it is another origin.
        for location in [
            "http://127.0.0.1:\(other.port)/", "//127.0.0.1:\(other.port)/",
            "https://127.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "mailto:a@b",
            "http://user@127.0.0.1/", "///x", "../x", "",
        ] {
            let server = try server(302, location)
            let client = try HTTPStepClient(
                allowedHosts: ["127.0.0.1:\(server.port)", "127.0.0.1:\(other.port)"]
            )
            let answer = try client.answer("http://127.0.0.1:\(server.port)/a/start")
            #expect(answer.status == 302, "\(location)")
            #expect(answer.body == "moved")
            #expect(server.requests.count == 1)
        }
        #expect(other.connectionCount == 0)
    }

    @Test("a redirect in circles ends after three, with the last answer")
    func loop() throws {
        let server = try LoopbackServer(
            answering: "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
        )
        let client = try HTTPStepClient(allowedHosts: ["127.0.0.1:\(server.port)"])
        #expect(try client.answer("http://127.0.0.1:\(server.port)/").status == 302)
        #expect(server.requests.count == 4)
        #expect(server.connectionCount == 1)
    }
}
