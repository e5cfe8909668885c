import CLinux
import Primitives

/// A blocking socket of the commands that place a test call; never used by the daemon's loops.
package final class ClientSocket {
    private let socket: ConnectedSocket

    package init(
        connecting remote: IPEndpoint,
        kind: BoundSocket.Kind,
        timeoutMilliseconds: Int
    ) throws(SystemError) {
        var address = remote.system
        let constant = kind == .datagram ? CLINUX_DATAGRAM : CLINUX_STREAM
        socket = ConnectedSocket(
            descriptor: try check(
                clinux_connect(
                    &address,
                    Int32(constant),
                    Int32(clamping: timeoutMilliseconds)
                ),
                "connect to \(remote) (\(kind == .datagram ? "UDP" : "TCP"))"
            )
        )
    }

    package var local: IPEndpoint { socket.local }

    /// Sends all of it; waits no longer than the time-out.
    package func send(_ bytes: [UInt8]) throws(SystemError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { room in
                clinux_send(
                    socket.descriptor,
                    room.baseAddress.map { $0 + sent },
                    room.count - sent
                )
            }
            guard count > 0 else { throw SystemError("send", code: Int32(clamping: -count)) }
            sent += count
        }
    }

    /// The next bytes, empty at the end of the stream; an error after the time-out.
    package func receive() throws(SystemError) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: 65_536)
        let count = clinux_receive(socket.descriptor, &room, room.count)
        guard count >= 0 else {
            throw SystemError("wait for an answer", code: Int32(clamping: -count))
        }
        return Array(room[..<count])
    }
}
