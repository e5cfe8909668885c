import CLinux
import Glibc
import Primitives

/// A socket that is bound (and listens, if it is a stream) and not yet owned by a loop.
package struct BoundSocket: Sendable {
    package let descriptor: Int32
    /// The address it is really bound to: port 0 has become a port.
    package let local: IPEndpoint
    package let kind: Kind

    /// Whether a socket carries datagrams or streams.
    package enum Kind: Sendable {
        case datagram
        case stream
    }

    /// Binds with SO_REUSEPORT, so that each loop has a socket of its own on the same address.
    ///
    /// `bufferBytes` is asked of the kernel for datagrams in each direction.
    package init(
        binding endpoint: IPEndpoint,
        kind: Kind,
        bufferBytes: Int = 0,
        backlog: Int = 1_024
    ) throws(SystemError) {
        var address = endpoint.system
        let constant = kind == .datagram ? CLINUX_DATAGRAM : CLINUX_STREAM
        descriptor = try check(
            clinux_listen(
                &address,
                Int32(constant),
                Int32(clamping: bufferBytes),
                Int32(clamping: backlog)
            ),
            "listen on \(endpoint) (\(kind == .datagram ? "UDP" : "TCP"))"
        )
        try check(clinux_local_endpoint(descriptor, &address), "read the address of a socket")
        local = IPEndpoint(address)
        self.kind = kind
    }

    /// Takes over a socket that the service manager bound; a stream must listen already.
    package init(adopting descriptor: Int32, bufferBytes: Int = 0) throws(SystemError) {
        var address = clinux_endpoint()
        let kind = try check(
            clinux_adopt(descriptor, Int32(clamping: bufferBytes), &address),
            "take over the passed descriptor \(descriptor)"
        )
        self.descriptor = descriptor
        self.kind = kind == Int32(CLINUX_DATAGRAM) ? .datagram : .stream
        local = IPEndpoint(address)
    }

    /// Why an address cannot be had, in words for whoever configured it; nil when it can.
    ///
    /// Somebody else's socket is in the way even if it would share the address.
    package static func obstacle(at endpoint: IPEndpoint, kind: Kind) -> String? {
        var address = endpoint.system
        let constant = kind == .datagram ? CLINUX_DATAGRAM : CLINUX_STREAM
        let result = clinux_try_bind(&address, Int32(constant))
        switch -result {
        case 0: return nil
        case EADDRINUSE: return "is in use; another gateway may be running"
        case EADDRNOTAVAIL: return "is no address of this host; take one that `ip address` shows"
        case EACCES:
            return "needs a privilege, as all ports below 1024 do; take a higher one, or "
                + "trunkline.socket"
        default: return "cannot be listened on: \(String(cString: strerror(-result)))"
        }
    }
}
