import Foundation
import Glibc
import Testing
import Transport

@Suite("The service manager's socket")
struct ServiceNotifierTests {
    @Test("each state is one datagram in the words of sd_notify(3)")
    func states() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).sock"
        defer { unlink(path) }
        let socket = try #require(listen(path))
        defer { close(socket) }
        let notifier = ServiceNotifier(socketPath: path, watchdogInterval: "30000000")
        #expect(notifier.watchdogMicroseconds == 15_000_000)
        notifier.send(.ready)
        notifier.send(.reloading(monotonicMicroseconds: 42))
        notifier.send(.watchdog)
        notifier.send(.stopping)
        let expected = [
            "READY=1", "RELOADING=1\nMONOTONIC_USEC=42", "WATCHDOG=1", "STOPPING=1",
        ]
        for text in expected { #expect(try receive(socket) == text) }
    }

    @Test("without a socket nothing is sent, and no watchdog is fed", arguments: [nil, ""])
    func unwatched(path: String?) {
        let notifier = ServiceNotifier(socketPath: path, watchdogInterval: nil)
        notifier.send(.ready)
        #expect(notifier.watchdogMicroseconds == nil)
    }

    @Test("an interval that is no positive number is no watchdog", arguments: ["", "0", "-5", "x"])
    func badInterval(text: String) {
        let notifier = ServiceNotifier(socketPath: "/nowhere", watchdogInterval: text)
        #expect(notifier.watchdogMicroseconds == nil)
    }

    /// A UNIX datagram socket at `path`, as systemd has one.
    private func listen(_ path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard descriptor >= 0, bytes.count < room else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, size)
            }
        }
        return result == 0 ? descriptor : nil
    }

    private func receive(_ socket: Int32) throws -> String {
        #expect(try becomesReady(socket))
        var room = [UInt8](repeating: 0, count: 1_024)
        let count = recv(socket, &room, room.count, 0)
        return String(decoding: room[..<max(count, 0)], as: UTF8.self)
    }
}
