import Primitives
import Transport

/// Calls the daemon through its own sockets, as a carrier would: what answers here answers there.
///
/// The kernel gives what comes to an address to one of the loops, by a hash over both ends. So the probe
/// asks again from new ports until every loop has answered one question: a loop that goes round and is
/// deaf on its sockets is found as well as one that is stuck.
package struct SelfProbe {
    let callID: [UInt8]
    private let counters: [LoopCounters]
    private var sip: (endpoint: IPEndpoint, kind: BoundSocket.Kind)?
    private var http: IPEndpoint?
    private var count = 0

    /// `counters` are those of the loops, which count the questions that they answer.
    package init(callID: [UInt8], counters: [LoopCounters]) {
        self.callID = callID
        self.counters = counters
    }

    /// Takes the first listener for SIP and the first for `/healthz`.
    package mutating func aim(at listener: Configuration.Listener, on address: IPEndpoint) {
        switch listener.transport {
        case .sipUDP where sip == nil: sip = (address.reachable, .datagram)
        case .sipTCP where sip == nil: sip = (address.reachable, .stream)
        case .http where http == nil && listener.serves.contains(.operations):
            http = address.reachable
        default: break
        }
    }

    /// Whether each question is answered within half a second, and every loop answers one.
    ///
    /// The questions are OPTIONS, or requests for `/healthz` where SIP is not spoken; where it is, HTTP
    /// is asked once.
    package mutating func isAnswered() -> Bool {
        guard sip != nil else { return http == nil || everyLoopAnswers { $0.answersHTTP() } }
        guard everyLoopAnswers({ $0.answersOptions() }) else { return false }
        return http == nil || answersHTTP()
    }

    private mutating func everyLoopAnswers(_ ask: (inout SelfProbe) -> Bool) -> Bool {
        let before = counters.map { $0[.selfProbesAnswered] }
        var silent = Array(counters.indices)
        // So many questions miss one loop of n by chance once in n·e^-16: never, in practice.
        for _ in 0..<(16 * counters.count) {
            guard ask(&self) else { return false }
            silent.removeAll { counters[$0][.selfProbesAnswered] != before[$0] }
            if silent.isEmpty { return true }
        }
        return false
    }

    private mutating func answersOptions() -> Bool {
        guard let sip else { return false }
        count += 1
        return answers(options(sip.kind), "SIP/2.0 ", at: sip.endpoint, sip.kind)
    }

    private func answersHTTP() -> Bool {
        guard let http else { return false }
        let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return answers(Array(request.utf8), "HTTP/1.1 200", at: http, .stream)
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
    var reachable: IPEndpoint {
        guard address.isUnspecified else { return self }
        let loopback = address.isIPv4 ? IPAddress.loopbackIPv4 : IPAddress(high: 0, low: 1)
        return IPEndpoint(address: loopback, port: port)
    }
}
