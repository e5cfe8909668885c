import Primitives
import Transport

extension LoopSeed {
    /// The sockets of each loop: those that the service manager passed, else new ones.
    ///
    /// Every loop has a socket of its own on each address. Of passed ones there may be fewer than loops;
    /// the loops that come last then have none.
    static func bind(
        _ listeners: [Configuration.Listener],
        _ passed: consuming PassedSockets,
        loops: Int
    ) throws -> [[ListeningSocket]] {
        var sockets: [[ListeningSocket]] = Array(repeating: [], count: loops)
        for listener in listeners {
            let kind: BoundSocket.Kind = listener.transport == .sipUDP ? .datagram : .stream
            let adopted = passed.take(listener.address, kind: kind)
            guard adopted.count <= loops else {
                throw StartError(
                    "\(adopted.count) sockets were passed for \(listener.address), and there are "
                        + "\(loops) loops; pass one for each loop, or set loops"
                )
            }
            let bound = adopted.isEmpty ? try bind(listener, kind, loops: loops) : adopted
            for (index, socket) in bound.enumerated() {
                sockets[index].append(ListeningSocket(socket: socket, configuration: listener))
            }
        }
        if let stray = passed.left.first {
            throw StartError("a socket was passed for \(stray.local), which no listener names")
        }
        return sockets
    }

    /// Port 0 is chosen once and shared.
    private static func bind(
        _ listener: Configuration.Listener,
        _ kind: BoundSocket.Kind,
        loops: Int
    ) throws -> [BoundSocket] {
        var address = listener.address
        // Our loops share an address among themselves; nobody else may have it, or each of two
        // daemons would get a part of the calls.
        guard address.port == 0 || BoundSocket.isFree(address, kind: kind) else {
            throw StartError(
                "\(address) (\(listener.transport.rawValue)) is in use or is no address of this "
                    + "host; another gateway may be running"
            )
        }
        return try (0..<loops).map { _ in
            let socket = try BoundSocket(
                binding: address,
                kind: kind,
                bufferBytes: Limits.datagramBufferBytes
            )
            address = socket.local
            return socket
        }
    }
}
