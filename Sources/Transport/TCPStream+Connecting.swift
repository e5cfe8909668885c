import CLinux
import Primitives

extension TCPStream {
    /// A connection on its way to `remote`: writable once it is there or has failed.
    package init(connectingTo remote: IPEndpoint) throws(SystemError) {
        var address = remote.system
        self.init(
            descriptor: try check(clinux_connect_begin(&address), "connect to \(remote) (TCP)")
        )
    }

    /// Why a connection that has become writable is not there; nil when it is.
    package var connectError: SystemError? {
        let code = clinux_connect_error(descriptor)
        return code == 0 ? nil : SystemError("connect", code: code)
    }
}

/// What the resolver of this machine knows.
package enum HostNames {
    /// The addresses of `name`, best first (RFC 6724); none when there are none.
    ///
    /// Blocks as long as the resolver takes: never on a loop.
    package static func addresses(of name: String) -> [IPAddress] {
        var found = [clinux_endpoint](repeating: clinux_endpoint(), count: addressCountMax)
        let count = clinux_resolve(name, &found, Int32(addressCountMax))
        return found.prefix(Int(max(count, 0))).map { IPAddress(high: $0.high, low: $0.low) }
    }

    /// More than any host that is meant to be reached has.
    private static let addressCountMax = 32
}
