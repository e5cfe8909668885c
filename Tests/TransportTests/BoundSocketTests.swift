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
        #expect(BoundSocket.obstacle(at: socket.local, kind: kind)?.hasPrefix("is in use") == true)
        close(socket.descriptor)
        #expect(BoundSocket.obstacle(at: socket.local, kind: kind) == nil)
    }

    @Test("an address of another host is not said to be in use", arguments: [true, false])
    func elsewhere(isStream: Bool) throws {
        let endpoint = try #require(IPEndpoint("192.0.2.1:5060"))
        let obstacle = BoundSocket.obstacle(at: endpoint, kind: isStream ? .stream : .datagram)
        #expect(obstacle == "is no address of this host; take one that `ip address` shows")
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

    @Test(
        "a socket that somebody else bound is taken over as what it is",
        arguments: [true, false]
    )
    func adopted(isStream: Bool) throws {
        let bound = try bind("127.0.0.1", isStream ? .stream : .datagram)
        let adopted = try BoundSocket(adopting: dup(bound.descriptor))
        #expect(adopted.local == bound.local)
        #expect(adopted.kind == bound.kind)
        close(adopted.descriptor)
        close(bound.descriptor)
    }

    @Test("what is no socket, or does not listen, is not taken over")
    func notAdopted() throws {
        let file = open("/dev/null", O_RDONLY)
        let silent = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        for (descriptor, code) in [(file, ENOTSOCK), (silent, EINVAL), (-1, EBADF)] {
            let error = #expect(throws: SystemError.self) {
                try BoundSocket(adopting: descriptor)
            }
            #expect(error?.code == code)
            #expect(error?.operation == "take over the passed descriptor \(descriptor)")
        }
        close(file)
        close(silent)
    }

    @Test(
        "sockets count only when they were passed to this process",
        arguments: [
            (nil, nil), ("1", nil), ("1", "1"), ("0", "\(getpid())"), ("-1", "\(getpid())"),
            ("99999", "\(getpid())"), ("x", "\(getpid())"),
        ] as [(String?, String?)]
    )
    func notPassed(count: String?, process: String?) throws {
        let passed = try PassedSockets(count: count, process: process, bufferBytes: 0)
        #expect(passed.left.isEmpty)
    }
}
