import Doors
import Primitives
import Routing
import SIP
import Transport

/// What every SIP listener of a loop does with a message: judge it, match it to its transaction, let the
/// pipeline route it, and say where the answer goes.
package struct SIPService: ~Copyable {
    package var message = SIPMessage()
    var transactions: ServerTransactions
    private let transactionKey: SipHash.Key
    /// The datagram sockets of the daemon: an answer to one of them would be an answer to ourselves.
    let ownListeners: [IPEndpoint]
    /// The Call-ID of the daemon's own probe, which is answered although nobody knows its source.
    let probeCallID: [UInt8]
    var isDraining = false
    /// The calls whose workflow decides later.
    var waiting: [TransactionID: DeferredCall<Invite>] = [:]
    /// Those whose caller has given up, until they are answered with 487.
    var cancelled: [TransactionID] = []

    typealias Invite = (bytes: [UInt8], read: SIPArrival)

    package init(
        configuration: Configuration,
        transactionKey: SipHash.Key,
        ownListeners: [IPEndpoint],
        probeCallID: [UInt8]
    ) {
        var timers = TransactionTimers()
        timers.t1 = configuration.sip.t1
        timers.t2 = configuration.sip.t2
        timers.t4 = configuration.sip.t4
        transactions = ServerTransactions(
            capacity: configuration.sip.openTransactions,
            confirmedCapacity: Limits.finishedTransactions,
            timers: timers
        )
        self.transactionKey = transactionKey
        self.ownListeners = ownListeners
        self.probeCallID = probeCallID
    }

    /// Where a message came from, and by which socket.
    package struct Origin {
        var source: IPEndpoint
        var listener: UInt32
        /// 0 for a datagram.
        var connection: UInt64

        package init(source: IPEndpoint, listener: UInt32, connection: UInt64) {
            self.source = source
            self.listener = listener
            self.connection = connection
        }

        var isReliable: Bool { connection != 0 }
    }

    /// What is to be done once a message has been taken in.
    package enum Outcome {
        case silence
        /// Send what was appended to the buffer there.
        case send(ResponseRoute)
    }

    /// Takes in `message`, which was parsed from `bytes`; an answer is appended to `out`.
    package mutating func receive(
        _ bytes: Span<UInt8>,
        from origin: Origin,
        state: ServingState,
        pipeline: inout CallPipeline,
        loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Outcome {
        guard let envelope = RequestEnvelope(of: message, in: bytes) else {
            loop.counters.add(.notSIP)
            return .silence
        }
        if isProbe(envelope, bytes) { loop.counters.add(.selfProbesAnswered) }
        let route = ResponseRoute(
            to: envelope.via,
            from: origin.source,
            isReliable: origin.isReliable,
            listener: origin.listener,
            connection: origin.connection
        )
        guard let group = state.trunks(from: origin.source.address) else {
            return answerStranger(
                envelope,
                bytes,
                origin,
                route,
                state,
                &pipeline.refusals,
                loop,
                into: &out
            )
        }
        // A connection leads back to whoever asked, whatever the Via says.
        guard origin.isReliable || route.isAnswerable(isTrusted: true, ownListeners: ownListeners)
        else { return .silence }
        let arrival = SIPArrival(
            envelope: envelope,
            source: origin.source,
            isReliable: origin.isReliable,
            group: group,
            tag: ToTag(for: message, envelope: envelope, in: bytes, key: state.keys.tag)
        )
        return serve(arrival, bytes, route, state: state, &pipeline, loop, into: &out)
    }

    private mutating func serve(
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ route: ResponseRoute,
        state: ServingState,
        _ pipeline: inout CallPipeline,
        _ loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Outcome {
        let check = RequestCheck(isDraining: isDraining)
        let verdict = check.verdict(on: message, envelope: arrival.envelope, in: bytes)
        switch verdict {
        case .ignore:
            loop.counters.add(.notSIP)
            return .silence
        case .acknowledge:
            _ = transactions.acknowledge(key(of: arrival, bytes), at: loop.now)
            return .silence
        case .answer, .cancel, .route: break
        }
        let start = out.count
        let transaction: TransactionID?
        switch begin(arrival, bytes, route, loop, into: &out) {
        case .first(let id): transaction = id
        case .again(let outcome): return outcome
        }
        let status = answer(
            verdict,
            arrival,
            bytes,
            transaction,
            state: state,
            &pipeline,
            loop,
            into: &out
        )
        guard let status else { return .silence }
        if let transaction {
            let answer = out.span.extracting(start..<out.count)
            guard transactions.respond(transaction, status: status, answer: answer, at: loop.now)
            else { return .silence }
        }
        return .send(route)
    }

    /// Appends the answer to `out` and says its status; nil when nothing is to be sent now.
    private mutating func answer(
        _ verdict: RequestVerdict,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ transaction: TransactionID?,
        state: ServingState,
        _ pipeline: inout CallPipeline,
        _ loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Int? {
        switch verdict {
        case .ignore, .acknowledge: return nil
        case .answer(let answer):
            // While draining, OPTIONS gets 503 by design.
            if answer.status.code >= 300, answer.status != .serviceUnavailable {
                pipeline.refusals.note(
                    answer,
                    to: message,
                    callID: arrival.envelope.callID,
                    in: bytes,
                    from: arrival.source,
                    loop
                )
            }
            return write(answer, arrival, bytes, state, into: &out)
        case .cancel:
            let answer = cancellation(of: arrival, bytes)
            // RFC 3261 §8.2.7: without a transaction of its own, a CANCEL that finds none is ignored:
            // its INVITE was answered without one.
            if transaction == nil, answer.status == .callDoesNotExist { return nil }
            return write(answer, arrival, bytes, state, into: &out)
        case .route: break
        }
        let progress = pipeline.route(
            message,
            of: arrival,
            in: bytes,
            place: transaction.map { .invite($0) },
            state: state,
            isDraining: isDraining,
            loop: loop,
            into: &out
        )
        switch progress {
        case .answered(let status): return status
        case .waiting(let isLong):
            guard let transaction else { return nil }
            waiting[transaction] = DeferredCall((bytes.array, arrival), state, since: loop)
            // RFC 3261 §17.2.1: 100 at once when the answer is known to take longer than 200 ms.
            guard isLong else { return nil }
            return write(RequestAnswer(.trying), arrival, bytes, state, into: &out)
        }
    }

    private enum Beginning {
        /// Decide and answer; without a transaction when the table is full.
        case first(TransactionID?)
        /// It came before, and this is all there is to do.
        case again(Outcome)
    }

    private mutating func begin(
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ route: ResponseRoute,
        _ loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Beginning {
        let reception = transactions.receive(
            key(of: arrival, bytes),
            isInvite: message.method == .invite,
            route: route,
            at: loop.now
        )
        switch reception {
        case .new(let id): return .first(id)
        case .absorbed: return .again(.silence)
        case .retransmission(let id):
            loop.counters.add(.retransmissions)
            transactions.withAnswer(id) { out.append($0) }
            return .again(.send(route))
        case .tableFull:
            // RFC 3261 §8.2.7: without a transaction the answer is the same, and so is its To tag; the
            // client's own retransmissions make up for a lost one.
            loop.counters.add(.statelessAnswers)
            return .first(nil)
        }
    }

    private func key(of arrival: SIPArrival, _ bytes: Span<UInt8>) -> TransactionKey {
        TransactionKey(of: message, envelope: arrival.envelope, in: bytes, key: transactionKey)
    }

    /// RFC 3261 §9.2: 200 when the INVITE is known, whatever has become of it; else 481.
    private mutating func cancellation(
        of arrival: SIPArrival,
        _ bytes: Span<UInt8>
    ) -> RequestAnswer {
        let invite = TransactionKey(
            cancelledBy: message,
            envelope: arrival.envelope,
            in: bytes,
            key: transactionKey
        )
        switch transactions.cancel(invite) {
        case .pending(let id):
            cancelled.append(id)
            return RequestAnswer(.ok)
        case .answered: return RequestAnswer(.ok)
        case .unknown: return RequestAnswer(.callDoesNotExist)
        }
    }

    func write(
        _ answer: RequestAnswer,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ state: ServingState,
        into out: inout ByteBuffer
    ) -> Int {
        SIPResponse.write(
            answer,
            tag: arrival.tag,
            to: arrival.source,
            retryAfterSeconds: state.configuration.drain.retryAfterSeconds,
            answering: message,
            envelope: arrival.envelope,
            in: bytes,
            into: &out
        )
        return answer.status.code
    }

    /// Whether a call still waits for its ACK, so that a drain has to go on.
    var hasOpenCalls: Bool { transactions.counters.invites > 0 }

    func publish(to counters: LoopCounters) {
        let figures = transactions.counters
        counters.set(.transactionsLive, figures.live)
        counters.set(.transactionsConfirmed, figures.confirmed)
        counters.set(.transactionTimers, figures.timers)
    }
}
