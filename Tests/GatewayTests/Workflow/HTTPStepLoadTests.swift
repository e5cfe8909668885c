import Dispatch
import Gateway
import Primitives
import Routing
import Synchronization
import Testing
import Transport

@Suite("Many requests of workflow steps at once")
struct HTTPStepLoadTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"

    @Test("1,000 requests wait on a slow host, and another host answers past them")
    func slowHost() throws {
        let mayAnswer = DispatchSemaphore(value: 0)
        let slow = try LoopbackServer { connection in
            _ = connection.readRequest()
            _ = mayAnswer.wait(timeout: .now() + 30)
            connection.send(Self.answer)
        }
        let fast = try LoopbackServer(answering: Self.answer)
        let client = try HTTPStepClient(
            allowedHosts: ["127.0.0.1:\(slow.port)", "127.0.0.1:\(fast.port)"]
        )
        let waiting = Deliveries()
        for id in 0..<1_000 {
            try client.ask("http://127.0.0.1:\(slow.port)/", id: id, timeout: .seconds(60), waiting)
        }
        #expect(slow.waitForRequests(1_000))
        for _ in 0..<50 {
            #expect(try client.answer("http://127.0.0.1:\(fast.port)/").status == 200)
        }
        #expect(waiting.count == 0)
        for _ in 0..<1_000 { mayAnswer.signal() }
        #expect(waiting.wait(for: 1_000))
        #expect(Set(waiting.all.map(\.id)) == Set(0..<1_000))
        #expect(waiting.all.allSatisfy { $0.status == 200 })
        // Another exchange is behind whatever could still be delivered twice.
        #expect(try client.answer("http://127.0.0.1:\(fast.port)/").status == 200)
        #expect(waiting.count == 1_000)
        #expect(fast.connectionCount == 1)
    }

    @Test("requests beyond the connections of a host wait for their turn, in their order")
    func connectionLimit() throws {
        let mayAnswer = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil {
                _ = mayAnswer.wait(timeout: .now() + 20)
                connection.send(Self.answer)
            }
        }
        let client = try HTTPStepClient(
            allowedHosts: ["127.0.0.1:\(server.port)"],
            connectionsPerHost: 2
        )
        let deliveries = Deliveries()
        for id in 0..<10 {
            try client.ask("http://127.0.0.1:\(server.port)/\(id)", id: id, deliveries)
        }
        #expect(server.waitForRequests(2))
        for _ in 0..<8 {
            mayAnswer.signal()
            #expect(server.waitForRequests())
        }
        mayAnswer.signal()
        mayAnswer.signal()
        #expect(deliveries.wait(for: 10))
        #expect(server.connectionCount == 2)
        let targets = server.requests.compactMap { $0.split(separator: " ").dropFirst().first }
        #expect(Set(targets.prefix(2)) == ["/0", "/1"])
        #expect(targets.dropFirst(2) == ["/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9"])
    }

    @Test("requests that wait for a connection run out of time like any other")
    func timeoutInLine() throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            _ = connection.seesEnd()
        }
        let client = try HTTPStepClient(
            allowedHosts: ["127.0.0.1:\(server.port)"],
            connectionsPerHost: 1
        )
        let deliveries = Deliveries()
        for id in 0..<100 {
            try client.ask(
                "http://127.0.0.1:\(server.port)/",
                id: id,
                timeout: .milliseconds(100),
                deliveries
            )
        }
        #expect(deliveries.wait(for: 100))
        #expect(deliveries.all.allSatisfy { $0.reason == .timedOut })
        #expect(Set(deliveries.all.map(\.id)) == Set(0..<100))
    }

    @Test("a resolver that hangs holds up the names it is asked for, and no others")
    func hangingResolver() throws {
        let server = try LoopbackServer(answering: Self.answer)
        let mayReturn = DispatchSemaphore(value: 0)
        let asked = DispatchSemaphore(value: 0)
        let client = try HTTPStepClient(
            allowedHosts: [
                "private:*.hang.test:\(server.port)", "private:good.test:\(server.port)",
            ],
            resolver: NameResolver { name in
                if name.hasSuffix("hang.test") {
                    asked.signal()
                    _ = mayReturn.wait(timeout: .now() + 30)
                }
                return .addresses([.loopbackIPv4])
            }
        )
        let hanging = Deliveries()
        for host in 0..<10 {
            for id in 0..<20 {
                try client.ask(
                    "http://h\(host).hang.test:\(server.port)/",
                    id: host * 20 + id,
                    timeout: .seconds(60),
                    hanging
                )
            }
        }
        for _ in 0..<10 { #expect(asked.wait(timeout: .now() + 20) == .success) }
        #expect(try client.answer("http://good.test:\(server.port)/").status == 200)
        // Each name was asked for once, however many requests wait for it.
        #expect(asked.wait(timeout: .now()) == .timedOut)
        let late = try client.answer(
            "http://h0.hang.test:\(server.port)/",
            timeout: .milliseconds(20)
        )
        #expect(late.reason == .timedOut)
        #expect(hanging.count == 0)
        for _ in 0..<10 { mayReturn.signal() }
        #expect(hanging.wait(for: 200))
        #expect(hanging.all.allSatisfy { $0.status == 200 })
    }
}
