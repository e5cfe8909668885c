import CLinux
import Glibc
import Primitives

/// A listening TCP socket of one event loop.
package final class TCPListener {
    package let descriptor: Int32
    package let local: IPEndpoint

    package init(_ socket: BoundSocket) {
        descriptor = socket.descriptor
        local = socket.local
    }

    deinit {
        close(descriptor)
    }

    package enum Acceptance {
        case accepted(descriptor: Int32, remote: IPEndpoint)
        /// Nobody waits.
        case none
        /// Out of descriptors or memory: stop accepting for a while instead of spinning.
        case exhausted
    }

    /// Takes in whoever waits longest.
    package func accept() -> Acceptance {
        var remote = clinux_endpoint()
        while true {
            let fd = clinux_accept(descriptor, &remote)
            if fd >= 0 { return .accepted(descriptor: fd, remote: IPEndpoint(remote)) }
            switch -fd {
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            case EINTR, ECONNABORTED, EPROTO, EPERM: continue
            default: return .none
            }
        }
    }
}

/// One TCP connection: reads into a caller's buffer, writes at once what the kernel takes.
package struct TCPStream: ~Copyable {
    package let descriptor: Int32

    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    package enum Reading {
        case bytes(Int)
        /// Nothing now.
        case blocked
        /// The peer has sent all it will send.
        case ended
        case failed
    }

    /// Reads what has come, as much as fits.
    package func receive(into room: UnsafeMutableRawBufferPointer) -> Reading {
        let count = clinux_receive(descriptor, room.baseAddress, room.count)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        return count == -Int(EAGAIN) ? .blocked : .failed
    }

    package enum Writing {
        /// So many bytes were taken, perhaps fewer than given.
        case bytes(Int)
        case failed
    }

    /// Sends as much as the kernel takes now.
    package func send(_ bytes: Span<UInt8>) -> Writing {
        bytes.withUnsafeBufferPointer { room in
            let count = clinux_send(descriptor, room.baseAddress, room.count)
            if count >= 0 { return .bytes(count) }
            return count == -Int(EAGAIN) ? .bytes(0) : .failed
        }
    }

    /// Tells the peer that nothing more comes, and goes on reading.
    package func shutdownWriting() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }
}
