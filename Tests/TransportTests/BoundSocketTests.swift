import Glibc
import Primitives
import Testing
import Transport

@Suite("Bound sockets")
struct BoundSocketTests {
    @Test("an address is not free while somebody is bound to it", arguments: [true, false])
    func occupied(isStream: Bool) throws {
        let kind: BoundSocket.Kind = isStream ? .stream : .datagram
        let socket = try bind("127.0.0.1", kind)
        #expect(!BoundSocket.isFree(socket.local, kind: kind))
        close(socket.descriptor)
        #expect(BoundSocket.isFree(socket.local, kind: kind))
    }

    @Test("each loop may have a socket of its own on one address")
    func shared() throws {
        let first = try UDPSocket(bind("127.0.0.1", .datagram))
        let second = try UDPSocket(BoundSocket(binding: first.local, kind: .datagram))
        #expect(first.local == second.local)
    }

    @Test("an address of another host cannot be bound, and the error names it")
    func foreign() throws {
        let endpoint = try #require(IPEndpoint("192.0.2.1:5060"))
        let error = #expect(throws: SystemError.self) {
            try BoundSocket(binding: endpoint, kind: .datagram)
        }
        #expect(error?.code == EADDRNOTAVAIL)
        #expect(error?.operation == "listen on 192.0.2.1:5060 (UDP)")
    }
}
