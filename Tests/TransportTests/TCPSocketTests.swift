import Primitives
import Testing
import Transport

@Suite("TCP sockets")
struct TCPSocketTests {
    /// The next connection of a listener.
    private func accept(_ listener: TCPListener) throws -> (descriptor: Int32, remote: IPEndpoint) {
        #expect(try becomesReady(listener.descriptor))
        guard case .accepted(let descriptor, let remote) = listener.accept() else {
            throw SystemError("accept", code: 0)
        }
        return (descriptor, remote)
    }

    private func read(_ stream: borrowing ConnectedSocket) throws -> [UInt8]? {
        #expect(try becomesReady(stream.descriptor))
        var room = [UInt8](repeating: 0, count: 1_024)
        let reading = room.withUnsafeMutableBytes { stream.receive(into: $0) }
        guard case .bytes(let count) = reading else { return nil }
        return Array(room[..<count])
    }

    @Test("octets go both ways", arguments: ["127.0.0.1", "::1"])
    func exchange(address: String) throws {
        let listener = TCPListener(try bind(address, .stream))
        let client = try connect(listener.local, .stream)
        let accepted = try accept(listener)
        let stream = ConnectedSocket(descriptor: accepted.descriptor)
        #expect(accepted.remote == client.local)
        try client.send(Array("INVITE".utf8))
        #expect(try read(stream) == Array("INVITE".utf8))
        let answer = Array("SIP/2.0 302".utf8)
        guard case .bytes(let count) = stream.send(answer.span) else {
            Issue.record("nothing was sent")
            return
        }
        #expect(count == answer.count)
        #expect(try client.receive() == answer)
    }

    @Test("nobody waits at first, and a stream without octets blocks")
    func nothingYet() throws {
        let listener = TCPListener(try bind("127.0.0.1", .stream))
        if case .none = listener.accept() {
        } else {
            Issue.record("a connection from nowhere")
        }
        let client = try connect(listener.local, .stream)
        let stream = ConnectedSocket(descriptor: try accept(listener).descriptor)
        var room: [UInt8] = [0]
        let reading = room.withUnsafeMutableBytes { stream.receive(into: $0) }
        if case .blocked = reading {
        } else {
            Issue.record("\(reading)")
        }
        try client.send([1])
        #expect(try read(stream) == [1])
    }

    @Test("after the end of what we say, we still hear")
    func halfClose() throws {
        let listener = TCPListener(try bind("127.0.0.1", .stream))
        let client = try connect(listener.local, .stream)
        let stream = ConnectedSocket(descriptor: try accept(listener).descriptor)
        stream.shutdownWriting()
        #expect(try client.receive().isEmpty)
        try client.send(Array("late".utf8))
        #expect(try read(stream) == Array("late".utf8))
    }

    @Test("a peer that closes is the end of the stream")
    func peerCloses() throws {
        let listener = TCPListener(try bind("127.0.0.1", .stream))
        var client: ClientSocket? = try connect(listener.local, .stream)
        let stream = ConnectedSocket(descriptor: try accept(listener).descriptor)
        #expect(client != nil)
        client = nil
        #expect(try becomesReady(stream.descriptor))
        var room: [UInt8] = [0]
        let reading = room.withUnsafeMutableBytes { stream.receive(into: $0) }
        if case .ended = reading {
        } else {
            Issue.record("\(reading)")
        }
    }

    @Test("a peer that does not read is told apart from one that is gone")
    func fullBuffer() throws {
        let listener = TCPListener(try bind("127.0.0.1", .stream))
        let client = try connect(listener.local, .stream)
        let stream = ConnectedSocket(descriptor: try accept(listener).descriptor)
        let block = [UInt8](repeating: 0x55, count: 1 << 20)
        var isBlocked = false
        for _ in 0..<1_000 where !isBlocked {
            guard case .bytes(let count) = stream.send(block.span) else {
                Issue.record("the peer is there")
                return
            }
            isBlocked = count == 0
        }
        #expect(isBlocked)
        #expect(try !client.receive().isEmpty)
    }
}
