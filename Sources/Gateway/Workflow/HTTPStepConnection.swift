import HTTP
import Primitives
import Routing
import Transport

/// One connection to a host: TCP, TLS over it for https, and one exchange at a time.
final class HTTPStepConnection {
    let key: UInt64
    let origin: HTTPOrigin
    let remote: IPEndpoint
    private(set) var exchange: HTTPStepExchange?
    var timer: TimerID?
    /// Whether it has carried an exchange before the present one.
    private(set) var isReused = false
    private(set) var interest: Poller.Interest = .writable
    private let stream: ConnectedSocket
    private let tls: TLSClientSession?
    private var phase = Phase.connecting
    private var outgoing: [UInt8] = []
    private var sentCount = 0
    private var reader = HTTPResponseReader(answersHEAD: false)

    private enum Phase {
        case connecting, handshaking, open
    }

    /// What has come of a wake-up.
    enum Progress {
        case waiting
        case answered(HTTPResponseReader)
        case failed(Failure)
    }

    enum Failure: Error {
        /// The address takes no connection.
        case connect
        case tls
        /// The connection ended before anything of the answer was there.
        case silentEnd
        case answer(HTTPResponseDefect)
    }

    init(
        key: UInt64,
        origin: HTTPOrigin,
        address: IPAddress,
        tls context: TLSClientContext?
    ) throws(Failure) {
        self.key = key
        self.origin = origin
        remote = IPEndpoint(address: address, port: UInt16(truncatingIfNeeded: origin.port))
        do {
            stream = try ConnectedSocket(connectingTo: remote)
        } catch {
            throw .connect
        }
        guard origin.isEncrypted else {
            tls = nil
            return
        }
        let listed = HTTPOrigin.address(origin.host)
        do {
            guard let context else { throw TLSError.setup }
            tls = try TLSClientSession(
                context,
                host: listed.map { .address($0) } ?? .name(origin.host)
            )
        } catch {
            throw .tls
        }
    }

    var descriptor: Int32 { stream.descriptor }
    var isConnecting: Bool { phase == .connecting }

    /// Gives it the next exchange; the octets go out with the next wake-up.
    func carry(_ exchange: HTTPStepExchange) {
        self.exchange = exchange
        exchange.connection = key
        reader = HTTPResponseReader(
            answersHEAD: exchange.request.method == .head,
            limits: Self.limits
        )
        if phase == .open {
            isReused = true
            queue(exchange.request.wire)
        }
        interest = .init(reading: true, writing: true)
        if phase == .connecting { interest = .writable }
    }

    func release() {
        exchange?.connection = nil
        exchange = nil
        interest = .readable
    }

    /// Goes on after the socket has become ready; `room` is for what it receives.
    func advance(_ room: UnsafeMutableRawBufferPointer) -> Progress {
        do throws(Failure) {
            if phase == .connecting {
                guard stream.takeError() == nil else { throw .connect }
                phase = tls == nil ? .open : .handshaking
                if phase == .open { begin() }
            }
            if phase == .handshaking { try shakeHands() }
            try flush()
            let progress = try receive(room)
            // Reading can leave something to send: the end of the handshake, and then the request.
            try flush()
            interest = .init(reading: true, writing: sentCount < outgoing.count)
            return progress
        } catch {
            return .failed(error)
        }
    }

    private func begin() {
        if let exchange { queue(exchange.request.wire) }
    }

    private func queue(_ bytes: [UInt8]) {
        guard let tls else {
            outgoing += bytes
            return
        }
        // An empty BIO takes everything; what cannot be encrypted shows when the answer is read.
        _ = tls.write(bytes.span)
        outgoing += tls.takeOutput()
    }

    private func shakeHands() throws(Failure) {
        guard let tls else { return }
        let progress = tls.shakeHands()
        outgoing += tls.takeOutput()
        switch progress {
        case .done:
            phase = .open
            begin()
        case .blocked: break
        case .ended, .failed: throw .tls
        }
    }

    private func flush() throws(Failure) {
        while sentCount < outgoing.count {
            switch stream.send(outgoing.span.extracting(sentCount..<outgoing.count)) {
            case .bytes(0): return
            case .bytes(let count): sentCount += count
            // The peer may have answered and closed without reading on: what it said is read first.
            case .failed:
                sentCount = outgoing.count
            }
        }
        outgoing.removeAll(keepingCapacity: true)
        sentCount = 0
    }

    private func receive(_ room: UnsafeMutableRawBufferPointer) throws(Failure) -> Progress {
        for _ in 0..<Self.readsPerTurn {
            switch stream.receive(into: room) {
            case .blocked: return .waiting
            case .failed: throw reader.hasBegun ? .answer(.truncated) : .silentEnd
            case .ended: return try end()
            case .bytes(let count):
                let octets = UnsafeRawBufferPointer(rebasing: room[..<count])
                    .bindMemory(to: UInt8.self)
                guard try take(Span(_unsafeElements: octets), room) else { continue }
                return .answered(reader)
            }
        }
        return .waiting
    }

    /// Takes octets from the socket; true when the answer is complete.
    private func take(
        _ bytes: Span<UInt8>,
        _ room: UnsafeMutableRawBufferPointer
    ) throws(Failure) -> Bool {
        guard let tls else { return try read(bytes) }
        tls.receive(bytes)
        if phase == .handshaking {
            try shakeHands()
            try flush()
            guard phase == .open else { return false }
        }
        // To the last record, also behind a complete answer: what a server sends unasked would else be
        // taken for the answer to the next request.
        var isComplete = false
        while true {
            switch tls.read(into: room) {
            case .blocked: return isComplete
            case .failed: throw .tls
            case .ended:
                if !isComplete { try endAnswer() }
                return true
            case .done(let count):
                let octets = UnsafeRawBufferPointer(rebasing: room[..<count])
                    .bindMemory(to: UInt8.self)
                isComplete = try read(Span(_unsafeElements: octets))
            }
        }
    }

    private func read(_ bytes: Span<UInt8>) throws(Failure) -> Bool {
        // Nothing was asked: a server that speaks now is not to be asked again.
        guard exchange != nil else { throw .silentEnd }
        do throws(HTTPResponseDefect) {
            return try reader.receive(bytes)
        } catch {
            throw .answer(error)
        }
    }

    private func end() throws(Failure) -> Progress {
        guard phase == .open, exchange != nil else {
            throw phase == .handshaking ? .tls : .silentEnd
        }
        // RFC 9112 §9.8: without close_notify the answer may have been cut by anybody.
        guard tls == nil else { throw reader.hasBegun ? .answer(.truncated) : .silentEnd }
        try endAnswer()
        return .answered(reader)
    }

    private func endAnswer() throws(Failure) {
        do throws(HTTPResponseDefect) {
            try reader.end()
        } catch .nothing {
            throw .silentEnd
        } catch {
            throw .answer(error)
        }
    }

    private static let readsPerTurn = 4

    private static let limits = {
        var limits = HTTPLimits()
        limits.bodyBytesMax = WorkflowLimits.bodyByteCountMax
        return limits
    }()
}

extension HTTPStepConnection.Failure {
    var reason: HTTPStepFailure {
        switch self {
        case .connect, .silentEnd: .unreachable
        case .tls: .tls
        case .answer(.tooLarge): .tooLarge
        case .answer(.nothing): .unreachable
        case .answer(.truncated), .answer(.malformed): .malformed
        }
    }
}
