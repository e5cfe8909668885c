import Primitives
import Testing
import Transport

@Suite("UDP sockets")
struct UDPSocketTests {
    /// Receives `count` datagrams and sends each of them back with `prefix` in front.
    private func echo(_ server: UDPSocket, count: Int, prefix: StaticString = "") throws -> Int {
        var served = 0
        while served < count, try becomesReady(server.descriptor) {
            let received = server.receive()
            for index in 0..<received {
                let start = server.outgoing.count
                server.outgoing.append(prefix)
                let bytes = server.withDatagram(index) { $0.array }
                server.outgoing.append(bytes)
                server.queue(
                    from: start,
                    to: server.source(index),
                    speakingFrom: server.hearingAddress(index)
                )
            }
            while !server.flush() { _ = try becomesReady(server.descriptor, for: .writable) }
            served += received
        }
        return served
    }

    @Test("100 datagrams go through in batches and come back", arguments: ["127.0.0.1", "::1"])
    func batches(address: String) throws {
        let server = try UDPSocket(bind(address, .datagram))
        let client = try connect(server.local, .datagram)
        for number in 0..<100 { try client.send(Array("call \(number)".utf8)) }
        #expect(try echo(server, count: 100, prefix: "re: ") == 100)
        for number in 0..<100 {
            let answer = String(decoding: try client.receive(), as: UTF8.self)
            #expect(answer == "re: call \(number)")
        }
        #expect(server.local.port != 0)
        #expect(server.unsent == 0)
    }

    @Test("the source of a datagram is the socket that sent it")
    func source() throws {
        let server = try UDPSocket(bind("127.0.0.1", .datagram))
        let client = try connect(server.local, .datagram)
        try client.send([0x41])
        #expect(try becomesReady(server.descriptor))
        #expect(server.receive() == 1)
        #expect(server.source(0) == client.local)
        #expect(server.receive() == 0)
    }

    @Test("the largest datagram, 65,507 octets, arrives whole in both directions")
    func largest() throws {
        let server = try UDPSocket(bind("127.0.0.1", .datagram))
        let client = try connect(server.local, .datagram)
        let bytes = (0..<65_507).map { UInt8(truncatingIfNeeded: $0) }
        try client.send(bytes)
        #expect(try echo(server, count: 1) == 1)
        #expect(try client.receive() == bytes)
    }

    @Test("a socket on all addresses answers from the one that was called")
    func hearingAddress() throws {
        let server = try UDPSocket(bind("0.0.0.0", .datagram))
        // A connected socket hears nobody but 127.0.0.2, so that an answer from elsewhere is lost.
        let client = try connect(server.local, .datagram, at: "127.0.0.2")
        try client.send(Array("OPTIONS".utf8))
        #expect(try becomesReady(server.descriptor))
        #expect(server.receive() == 1)
        #expect(server.hearingAddress(0) == IPAddress("127.0.0.2"))
        let start = server.outgoing.count
        server.outgoing.append("200")
        server.queue(
            from: start,
            to: server.source(0),
            speakingFrom: server.hearingAddress(0)
        )
        #expect(server.flush())
        #expect(try client.receive() == Array("200".utf8))
    }

    @Test("a destination that cannot be reached does not hold up the others")
    func unreachable() throws {
        let server = try UDPSocket(bind("127.0.0.1", .datagram))
        let client = try connect(server.local, .datagram)
        let nowhere = IPEndpoint(address: try #require(IPAddress("127.0.0.1")), port: 0)
        let unspecified = IPAddress(high: 0, low: 0)
        for remote in [client.local, nowhere, client.local, nowhere, client.local] {
            let start = server.outgoing.count
            server.outgoing.append("302")
            server.queue(from: start, to: remote, speakingFrom: unspecified)
        }
        #expect(server.hasQueued)
        #expect(server.flush())
        #expect(!server.hasQueued)
        #expect(server.unsent == 2)
        for _ in 0..<3 { #expect(try client.receive() == Array("302".utf8)) }
    }

    @Test("nothing is queued when nothing was written")
    func empty() throws {
        let server = try UDPSocket(bind("127.0.0.1", .datagram))
        server.queue(from: 0, to: server.local, speakingFrom: server.local.address)
        #expect(!server.hasQueued)
        #expect(server.flush())
    }
}
