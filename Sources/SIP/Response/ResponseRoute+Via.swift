import Primitives

extension ResponseRoute {
    /// Where the answer to a request goes, from its topmost Via and from where it came.
    ///
    /// RFC 3261 §18.2.2 with RFC 3581 §4. The address is always the one that the request came from:
    /// a host, a `received` or a `maddr` that the sender wrote would let it aim our answers at others.
    package init(
        to via: Via,
        from source: IPEndpoint,
        isReliable: Bool,
        listener: UInt32,
        connection: UInt64 = 0
    ) {
        // RFC 3581 §4: with rport the answer goes back to the port the request left from. On a stream
        // the connection carries it; sent-by's port is only for a connection that is gone.
        let asksForSourcePort = !isReliable && via.responsePort != .absent
        let port = asksForSourcePort ? source.port : via.effectivePort
        self.init(
            endpoint: IPEndpoint(address: source.address, port: port),
            listener: listener,
            connection: connection
        )
    }

    /// Whether an answer may go there at all: not to port 0, to everybody, or to one of our own sockets.
    ///
    /// A stranger with a forged source could otherwise let us talk to ourselves, or to the old services
    /// that answer everything (echo, discard, daytime, chargen, time, DNS, NTP).
    package func isAnswerable(isTrusted: Bool, ownListeners: [IPEndpoint]) -> Bool {
        let address = endpoint.address
        guard endpoint.port != 0, !address.isMulticastOrBroadcast, !address.isUnspecified,
            !ownListeners.contains(endpoint)
        else { return false }
        if isTrusted { return true }
        switch endpoint.port {
        case 7, 9, 13, 17, 19, 37, 53, 69, 111, 123, 137, 161, 389, 1_900, 5_353, 11_211:
            return false
        default: return true
        }
    }
}
