import CLinux
import Glibc
import Primitives

/// A non-blocking socket with one peer: a TCP connection, or a datagram socket that hears its peer alone
/// and is told when nobody listens there.
///
/// Reads into a caller's buffer, writes at once what the kernel takes.
package struct ConnectedSocket: ~Copyable {
    package let descriptor: Int32

    /// Takes over the descriptor of an accepted connection.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// A socket on its way to `remote`; a stream is writable once it is there or has failed, and
    /// `takeError` says which.
    package init(
        connectingTo remote: IPEndpoint,
        kind: BoundSocket.Kind = .stream
    ) throws(SystemError) {
        var address = remote.system
        let constant = kind == .datagram ? CLINUX_DATAGRAM : CLINUX_STREAM
        self.init(
            descriptor: try check(
                clinux_connect_begin(&address, Int32(constant)),
                "connect to \(remote) (\(kind == .datagram ? "UDP" : "TCP"))"
            )
        )
    }

    deinit {
        close(descriptor)
    }

    /// The address that this host speaks from.
    package var local: IPEndpoint {
        var address = clinux_endpoint()
        _ = clinux_local_endpoint(descriptor, &address)
        return IPEndpoint(address)
    }

    /// What went wrong since the last time, as a positive `errno`; nil when nothing did.
    package func takeError() -> Int32? {
        let error = -clinux_socket_error(descriptor)
        return error == 0 ? nil : error
    }

    package enum Reading {
        case bytes(Int)
        /// Nothing now.
        case blocked
        /// The peer has sent all it will send; of datagrams an empty one.
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

    package enum Writing {
        /// So many bytes were taken, perhaps fewer than given.
        case bytes(Int)
        /// A positive `errno`.
        case failed(Int32)
    }

    /// Sends as much as the kernel takes now.
    package func send(_ bytes: Span<UInt8>) -> Writing {
        bytes.withUnsafeBufferPointer { room in
            let count = clinux_send(descriptor, room.baseAddress, room.count)
            if count >= 0 { return .bytes(count) }
            return count == -Int(EAGAIN) ? .bytes(0) : .failed(Int32(clamping: -count))
        }
    }

    /// Tells the peer that nothing more comes, and goes on reading.
    package func shutdownWriting() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }
}
