import Dispatch
import Foundation
import Glibc
import Primitives
import Synchronization
import Transport

/// A server on loopback that does what a test tells it: one blocking thread for each connection.
final class LoopbackServer: Sendable {
    let port: Int
    private let listener: Int32
    private let counts = Mutex(Counts())
    private let arrived = DispatchSemaphore(value: 0)

    private struct Counts {
        var connections = 0
        var requests: [String] = []
    }

    /// Runs `serve` on a thread of its own for each connection, which is closed after it.
    init(
        _ address: String = "127.0.0.1",
        serve: @escaping @Sendable (ServerConnection) -> Void
    ) throws {
        let endpoint = IPEndpoint(address: IPAddress(address) ?? .loopback, port: 0)
        let socket = try BoundSocket(binding: endpoint, kind: .stream, backlog: 4_096)
        listener = socket.descriptor
        port = Int(socket.local.port)
        try Threads.start("test-accept") { [weak self] in
            var ready = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&ready, 1, 30_000) > 0 {
                let descriptor = accept(socket.descriptor, nil, nil)
                guard descriptor >= 0 else { break }
                guard let server = self else {
                    close(descriptor)
                    break
                }
                server.counts.withLock { $0.connections += 1 }
                let connection = ServerConnection(descriptor) { [weak server] request in
                    server?.counts.withLock { $0.requests.append(request) }
                    server?.arrived.signal()
                }
                try? Threads.start("test-serve") { serve(connection) }
            }
            close(socket.descriptor)
        }
    }

    /// Answers every request of a connection with the same text.
    convenience init(_ address: String = "127.0.0.1", answering text: String) throws {
        try self.init(address) { connection in
            while connection.readRequest() != nil { connection.send(text) }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var connectionCount: Int { counts.withLock(\.connections) }
    var requests: [String] { counts.withLock(\.requests) }

    /// Waits until `count` more requests have arrived; false when they have not after 20 seconds.
    func waitForRequests(_ count: Int = 1) -> Bool {
        (0..<count).allSatisfy { _ in arrived.wait(timeout: .now() + 20) == .success }
    }
}

/// One accepted connection; reads give up after 20 seconds.
final class ServerConnection: Sendable {
    private let descriptor: Int32
    private let arrived: @Sendable (String) -> Void

    init(_ descriptor: Int32, arrived: @escaping @Sendable (String) -> Void) {
        self.descriptor = descriptor
        self.arrived = arrived
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &limit,
            socklen_t(MemoryLayout<timeval>.size)
        )
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_SNDTIMEO,
            &limit,
            socklen_t(MemoryLayout<timeval>.size)
        )
    }

    deinit {
        close(descriptor)
    }

    /// Head and body of the next request, or nil at the end of the connection.
    func readRequest() -> String? {
        var bytes: [UInt8] = []
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound].lowercased()
                let length =
                    head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
                    .flatMap { Int($0.dropFirst(16)) } ?? 0
                if text[end.upperBound...].utf8.count >= length {
                    arrived(text)
                    return text
                }
            }
            guard let more = receive() else { return nil }
            bytes += more
        }
    }

    /// Whether the client closes its side without sending more.
    func seesEnd() -> Bool { receive() == nil }

    private func receive() -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &room, room.count, 0)
        return count > 0 ? Array(room[..<count]) : nil
    }

    /// False when the client is gone.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { room in
                Glibc.send(
                    descriptor,
                    room.baseAddress.map { $0 + sent },
                    room.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Makes the close a reset.
    func reset() {
        var atOnce = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
    }
}

extension IPAddress {
    fileprivate static let loopback = IPAddress(ipv4: 0x7F00_0001)
}

/// What a client delivers, in the order it comes.
final class Deliveries: Sendable {
    private let events = Mutex<[Delivery]>([])
    private let arrived = DispatchSemaphore(value: 0)

    var count: Int { events.withLock(\.count) }
    var all: [Delivery] { events.withLock { $0 } }

    func append(_ event: Delivery) {
        events.withLock { $0.append(event) }
        arrived.signal()
    }

    /// Waits for so many events; false when they have not come after 20 seconds.
    func wait(for count: Int = 1) -> Bool {
        (0..<count).allSatisfy { _ in arrived.wait(timeout: .now() + 20) == .success }
    }
}
