import Primitives
import Testing
import Transport

/// Waits until a descriptor is ready, at most ten seconds; false when it is not by then.
func becomesReady(_ descriptor: Int32, for interest: Poller.Interest = .readable) throws -> Bool {
    let poller = try Poller(capacity: 4)
    try poller.add(descriptor, token: 1, interest: interest)
    let deadline = Clock.now() + .seconds(10)
    while Clock.now() < deadline {
        if try poller.wait(until: deadline, now: Clock.now()) > 0 { return true }
    }
    return false
}

/// A socket of this host at a port that the kernel chooses.
func bind(_ address: String, _ kind: BoundSocket.Kind) throws -> BoundSocket {
    let endpoint = IPEndpoint(address: try #require(IPAddress(address)), port: 0)
    return try BoundSocket(binding: endpoint, kind: kind, bufferBytes: 1 << 20)
}

/// A client of a socket, at another address than its own if need be.
func connect(
    _ local: IPEndpoint,
    _ kind: BoundSocket.Kind,
    at address: String? = nil
) throws -> ClientSocket {
    var remote = local
    if let address { remote.address = try #require(IPAddress(address)) }
    return try ClientSocket(connecting: remote, kind: kind, timeoutMilliseconds: 10_000)
}
