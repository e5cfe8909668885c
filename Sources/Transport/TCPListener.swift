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
