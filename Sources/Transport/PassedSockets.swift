import Glibc
import Primitives

/// The sockets that the service manager bound for us and keeps while we restart (sd_listen_fds(3)).
///
/// A unit lists an address once for each loop, with ReusePort=yes: a loop has one of them for itself, and
/// those that wait for the next process lose no datagram.
package struct PassedSockets {
    /// Those that no listener has taken yet.
    package private(set) var left: [BoundSocket] = []

    /// The first descriptor that is passed.
    private static let first: Int32 = 3

    /// Takes the values of `LISTEN_FDS` and `LISTEN_PID`; they count only if they are meant for us.
    package init(count: String?, process: String?, bufferBytes: Int) throws(SystemError) {
        guard let count = count.flatMap({ Int32($0) }),
            let process = process.flatMap({ Int32($0) }),
            process == getpid(), count > 0, count <= 1_024
        else { return }
        for descriptor in Self.first..<(Self.first + count) {
            left.append(try BoundSocket(adopting: descriptor, bufferBytes: bufferBytes))
        }
    }

    /// All sockets for one address, in the order in which they were passed.
    package mutating func take(_ endpoint: IPEndpoint, kind: BoundSocket.Kind) -> [BoundSocket] {
        let found = left.filter { $0.local == endpoint && $0.kind == kind }
        left.removeAll { $0.local == endpoint && $0.kind == kind }
        return found
    }
}
