import Primitives
import Transport

/// Calls the daemon through its own sockets, as a carrier would: what answers here answers there.
struct SelfProbe {
    let callID: [UInt8]
    private var sip: (endpoint: IPEndpoint, kind: BoundSocket.Kind)?
    private var http: IPEndpoint?
    private var count = 0

    init(callID: [UInt8]) {
        self.callID = callID
    }

    mutating func aim(at listening: [(listener: Configuration.Listener, address: IPEndpoint)]) {
        for (listener, address) in listening {
            switch listener.transport {
            case .sipUDP where sip == nil: sip = (address.reachable, .datagram)
            case .sipTCP where sip == nil: sip = (address.reachable, .stream)
            case .http where http == nil && listener.serves.contains(.operations):
                http = address.reachable
            default: break
            }
        }
    }

    /// Whether an OPTIONS and a request for `/healthz` are both answered within half a second.
    mutating func isAnswered() -> Bool {
        count += 1
        if let sip, !answers(options(sip.kind), "SIP/2.0 ", at: sip.endpoint, sip.kind) {
            return false
        }
        if let http {
            let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            return answers(Array(request.utf8), "HTTP/1.1 200", at: http, .stream)
        }
        return true
    }

    private func answers(
        _ request: [UInt8],
        _ prefix: String,
        at endpoint: IPEndpoint,
        _ kind: BoundSocket.Kind
    ) -> Bool {
        do {
            let socket = try ClientSocket(
                connecting: endpoint,
                kind: kind,
                timeoutMilliseconds: 500
            )
            try socket.send(request)
            return try socket.receive().starts(with: prefix.utf8)
        } catch {
            return false
        }
    }

    private func options(_ kind: BoundSocket.Kind) -> [UInt8] {
        let transport = kind == .datagram ? "UDP" : "TCP"
        let text =
            "OPTIONS sip:probe@localhost SIP/2.0\r\n"
            + "Via: SIP/2.0/\(transport) localhost;branch=z9hG4bK-probe-\(count);rport\r\n"
            + "Max-Forwards: 1\r\nFrom: <sip:probe@localhost>;tag=\(count)\r\n"
            + "To: <sip:probe@localhost>\r\nCall-ID: \(String(decoding: callID, as: UTF8.self))\r\n"
            + "CSeq: \(count) OPTIONS\r\nContent-Length: 0\r\n\r\n"
        return Array(text.utf8)
    }
}

extension IPEndpoint {
    /// The address at which a listener on the wildcard address can be reached from this host.
    package var reachable: IPEndpoint {
        guard address.isUnspecified else { return self }
        let loopback = address.isIPv4 ? IPAddress.loopbackIPv4 : IPAddress(high: 0, low: 1)
        return IPEndpoint(address: loopback, port: port)
    }
}
