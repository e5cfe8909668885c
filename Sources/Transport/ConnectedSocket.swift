import CLinux
import Glibc
import Primitives

/// A non-blocking socket that we connect to a peer; it belongs to one event loop.
///
/// A datagram socket hears its peer alone, and is told when nobody listens there. A stream is writable
/// once it is connected or has failed; `takeError` says which.
package final class OutgoingSocket {
    package let descriptor: Int32
    /// The address that this host speaks from.
    package let local: IPEndpoint

    package init(connecting remote: IPEndpoint, kind: BoundSocket.Kind) throws(SystemError) {
        var address = remote.system
        let constant = kind == .datagram ? CLINUX_DATAGRAM : CLINUX_STREAM
        descriptor = try check(
            clinux_connect_begin(&address, Int32(constant)),
            "connect to \(remote) (\(kind == .datagram ? "UDP" : "TCP"))"
        )
        _ = clinux_local_endpoint(descriptor, &address)
        local = IPEndpoint(address)
    }

    deinit {
        close(descriptor)
    }

    /// What went wrong since the last time, as a positive `errno`; nil when nothing did.
    package func takeError() -> Int32? {
        let error = -clinux_socket_error(descriptor)
        return error == 0 ? nil : error
    }

    package enum Sending {
        /// All of it was taken.
        case sent
        /// The kernel has no room; nothing, or only a part of a stream, was taken.
        case blocked
        /// A positive `errno`.
        case failed(Int32)
    }

    /// Sends all of it, or is blocked when the kernel does not take all of it now.
    package func send(_ bytes: Span<UInt8>) -> Sending {
        bytes.withUnsafeBufferPointer { room in
            let count = clinux_send(descriptor, room.baseAddress, room.count)
            if count == room.count { return .sent }
            if count >= 0 || count == -Int(EAGAIN) { return .blocked }
            return .failed(Int32(clamping: -count))
        }
    }

    package enum Reading {
        case bytes(Int)
        /// Nothing now.
        case blocked
        /// The peer has sent all it will send; of a stream only.
        case ended
        /// A positive `errno`; of a datagram socket: nobody listens at the peer's port.
        case failed(Int32)
    }

    /// Reads what has come, as much as fits.
    package func receive(into room: UnsafeMutableRawBufferPointer) -> Reading {
        let count = clinux_receive(descriptor, room.baseAddress, room.count)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        return count == -Int(EAGAIN) ? .blocked : .failed(Int32(clamping: -count))
    }
}
