import Primitives

/// Where an answer goes and through which socket (RFC 3261 §18.2.2, RFC 3581 §4).
package struct ResponseRoute: Hashable, Sendable, BitwiseCopyable {
    /// The peer.
    ///
    /// On a connection it is where to connect to if the connection is gone.
    package var endpoint: IPEndpoint
    /// The number of our socket that took the request: the answer leaves from the same one.
    package var listener: UInt32
    /// The number of the connection that brought the request; 0 for datagrams.
    package var connection: UInt64

    package init(endpoint: IPEndpoint, listener: UInt32, connection: UInt64 = 0) {
        self.endpoint = endpoint
        self.listener = listener
        self.connection = connection
    }
}
