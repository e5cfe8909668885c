import Glibc
import Primitives
import Routing
import SIP
import Transport

/// One probe on its way: a socket, what was sent on it, and what is awaited.
///
/// Belongs to the thread that probes. Every member says what was found once that is known, and then the
/// attempt is dropped.
final class ProbeAttempt {
    let ticket: ProbeSchedule.Ticket
    let socket: ConnectedSocket
    /// The timer of `nextDeadline`, set by the loop.
    var timer = TimerID.none
    private let means: ProbeDestination.Means
    private let deadline: Instant
    private let request: OptionsRequest
    private var text = ByteBuffer(capacity: 512)
    private var transaction: NonInviteClientTransaction?
    private var framer = SIPStreamFramer()
    private let tls: TLSClientSession?
    private var isShakingHands = false
    private var received = 0

    /// Opens the socket; over UDP the request is sent at once.
    ///
    /// `tls` is for destinations that are asked by a handshake.
    init(
        _ ticket: ProbeSchedule.Ticket,
        _ row: ProbeSchedule.Row,
        at address: IPAddress,
        tls: TLSClientSession?,
        timeout: Interval,
        token: UInt64,
        now: Instant
    ) throws(SystemError) {
        self.ticket = ticket
        means = row.destination.means
        self.tls = tls
        deadline = now + timeout
        socket = try ConnectedSocket(
            connectingTo: IPEndpoint(address: address, port: row.destination.port),
            kind: means == .optionsOverUDP ? .datagram : .stream
        )
        request = OptionsRequest(
            uri: row.target.uri,
            transport: means == .optionsOverUDP ? .udp : .tcp,
            local: socket.local,
            token: token
        )
    }

    /// What the socket is waited for: a stream first for its connection, then for an answer.
    var interest: Poller.Interest {
        means == .optionsOverUDP || hasSent ? .readable : .writable
    }

    /// Whether a stream is connected, and something of ours on its way.
    private var hasSent: Bool { transaction != nil || isShakingHands }

    var nextDeadline: Instant {
        min(deadline, transaction?.nextDeadline ?? .distantFuture)
    }

    /// Sends over UDP what a stream sends once it is connected.
    func begin(at now: Instant, _ timers: TransactionTimers) -> TargetProbe.Finding? {
        means == .optionsOverUDP ? send(at: now, timers) : nil
    }

    /// The socket is ready.
    func proceed(
        _ readiness: Poller.Interest,
        at now: Instant,
        _ timers: TransactionTimers,
        message: inout SIPMessage,
        room: UnsafeMutableRawBufferPointer
    ) -> TargetProbe.Finding? {
        if means == .optionsOverUDP || hasSent {
            return receive(at: now, message: &message, room: room)
        }
        if let error = socket.takeError() { return Self.finding(error) }
        guard readiness.contains(.writable) else { return nil }
        return means == .handshake ? shakeHands() : send(at: now, timers)
    }

    /// Time has passed: the request goes out again, or nobody is waited for any longer.
    func advance(to now: Instant) -> TargetProbe.Finding? {
        guard deadline > now else { return .miss(noAnswer) }
        switch transaction?.advance(to: now) {
        case .transmit: return transmit(at: now)
        case .timedOut, .failed, .ended: return .miss(noAnswer)
        case .none?, .deliver, nil: return nil
        }
    }

    private var noAnswer: String {
        means != .optionsOverUDP && !hasSent ? "no connection" : "no answer"
    }

    /// Begins the handshake or goes on with it.
    private func shakeHands() -> TargetProbe.Finding? {
        guard let tls else { return .nothing("TLS cannot be set up here") }
        isShakingHands = true
        let progress = tls.shakeHands()
        let output = tls.takeOutput()
        if !output.isEmpty, case .failed(let error) = socket.send(output.span) {
            return Self.finding(error)
        }
        switch progress {
        case .done: return .answer("TLS connected")
        case .blocked: return nil
        case .ended, .failed:
            return .miss(tls.certificateFault.map { "certificate: \($0)" } ?? "no TLS handshake")
        }
    }

    private func send(at now: Instant, _ timers: TransactionTimers) -> TargetProbe.Finding? {
        guard request.write(into: &text) else { return .nothing("not a SIP URI") }
        transaction = NonInviteClientTransaction(
            timers: timers,
            isReliable: means != .optionsOverUDP,
            at: now
        )
        return transmit(at: now)
    }

    private func transmit(at now: Instant) -> TargetProbe.Finding? {
        switch socket.send(text.span) {
        case .bytes(text.count): return nil
        // A datagram that the kernel had no room for is as good as one that got lost.
        case .bytes: return means == .optionsOverUDP ? nil : .miss("no answer")
        case .failed(let error):
            _ = transaction?.handle(.transportError, at: now)
            return Self.finding(error)
        }
    }

    private func receive(
        at now: Instant,
        message: inout SIPMessage,
        room: UnsafeMutableRawBufferPointer
    ) -> TargetProbe.Finding? {
        while true {
            switch socket.receive(into: room) {
            case .blocked: return nil
            case .ended: return means == .optionsOverUDP ? nil : .miss("connection closed")
            case .failed(let error): return Self.finding(error)
            case .bytes(let count):
                let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
                let span = bytes.bindMemory(to: UInt8.self).span
                let finding =
                    switch means {
                    case .optionsOverUDP: read(datagram: span, at: now, &message)
                    case .optionsOverTCP: read(segment: span, at: now, &message)
                    case .handshake: read(ciphertext: span)
                    }
                if let finding { return finding }
            }
        }
    }

    private func read(
        datagram bytes: Span<UInt8>,
        at now: Instant,
        _ message: inout SIPMessage
    ) -> TargetProbe.Finding? {
        message.parse(bytes, framing: .datagram)
        return take(message, in: bytes, at: now)
    }

    private func read(
        segment bytes: Span<UInt8>,
        at now: Instant,
        _ message: inout SIPMessage
    ) -> TargetProbe.Finding? {
        received += bytes.count
        guard received <= Limits.probeAnswerBytes else { return .miss("an endless answer") }
        framer.append(bytes)
        while true {
            switch framer.next(into: &message) {
            case .needMore: return nil
            case .ping: continue
            case .notSIP: return .miss("no SIP is spoken there")
            case .message(let range):
                let finding = framer.withBytes(of: range) { take(message, in: $0, at: now) }
                if let finding { return finding }
            case .lastMessage(let range):
                return framer.withBytes(of: range) { take(message, in: $0, at: now) }
                    ?? .miss("a malformed answer")
            }
        }
    }

    private func read(ciphertext bytes: Span<UInt8>) -> TargetProbe.Finding? {
        received += bytes.count
        guard received <= Limits.probeHandshakeBytes else { return .miss("an endless handshake") }
        tls?.receive(bytes)
        return shakeHands()
    }

    /// What a message says, if it is a final answer to our request.
    private func take(
        _ message: SIPMessage,
        in bytes: Span<UInt8>,
        at now: Instant
    ) -> TargetProbe.Finding? {
        guard let envelope = ResponseEnvelope(of: message, in: bytes),
            envelope.answers(request, in: bytes),
            transaction?.handle(.response(statusCode: envelope.statusCode), at: now) == .deliver,
            envelope.statusCode >= 200
        else { return nil }
        let reason = bytes.bytes(envelope.reasonPhrase)
        let kept = reason.extracting(0..<min(reason.count, Limits.lastAnswerBytes)).text
        return TargetProbe.Finding(
            statusCode: envelope.statusCode,
            text: kept.isEmpty ? "\(envelope.statusCode)" : "\(envelope.statusCode) \(kept)"
        )
    }

    /// What an error of the socket says: of the target, or only of this host.
    static func finding(_ error: Int32) -> TargetProbe.Finding {
        let text = String(cString: strerror(error)).lowercased()
        switch error {
        case ECONNREFUSED, ECONNRESET, EPIPE, EHOSTUNREACH, EHOSTDOWN, ETIMEDOUT:
            return .miss(text)
        // No route, no descriptor, no memory, no permission, no IPv6: the same would be found of any
        // target, and taking all of them out helps nobody.
        default: return .nothing(text)
        }
    }
}
