import Primitives
import Transport

extension LoopSeed {
    /// How many loops there are: what is configured, else one for each socket that was passed for an
    /// address, else one for each core.
    static func count(_ configuration: Configuration, _ passed: PassedSockets) -> Int {
        guard configuration.loops == 0 else { return configuration.loops }
        let counts = configuration.listeners.map { listener in
            passed.left.count { $0.local == listener.address && $0.kind == listener.kind }
        }
        let most = counts.max() ?? 0
        return most > 0 ? most : ThisProcess.processorCount
    }

    /// The sockets of each loop: those that the service manager passed, else new ones.
    ///
    /// Every loop has a socket of its own on each address: one without would be deaf to its part of the
    /// calls, and the watchdog would end the daemon again and again.
    static func bind(
        _ listeners: [Configuration.Listener],
        _ passed: consuming PassedSockets,
        loops: Int
    ) throws -> [[ListeningSocket]] {
        var sockets: [[ListeningSocket]] = Array(repeating: [], count: loops)
        for listener in listeners {
            let adopted = passed.take(listener.address, kind: listener.kind)
            guard adopted.isEmpty || adopted.count == loops else {
                throw StartError(
                    "\(adopted.count) sockets were passed for \(listener.address), and there are "
                        + "\(loops) loops; name each address once for each loop in "
                        + "trunkline.socket, or set loops: \(adopted.count)"
                )
            }
            let bound = adopted.isEmpty ? try bind(listener, loops: loops) : adopted
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
        loops: Int
    ) throws -> [BoundSocket] {
        var address = listener.address
        // Our loops share an address among themselves; nobody else may have it, or each of two
        // daemons would get a part of the calls.
        if address.port != 0,
            let obstacle = BoundSocket.obstacle(at: address, kind: listener.kind)
        {
            throw StartError("\(address) (\(listener.transport.rawValue)) \(obstacle)")
        }
        return try (0..<loops).map { _ in
            let socket = try BoundSocket(
                binding: address,
                kind: listener.kind,
                bufferBytes: Limits.datagramBufferBytes
            )
            address = socket.local
            return socket
        }
    }
}

extension Configuration.Listener {
    fileprivate var kind: BoundSocket.Kind { transport == .sipUDP ? .datagram : .stream }
}
