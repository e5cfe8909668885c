import Authentication
import Doors
import Gateway
import Glibc
import Primitives
import Routing
import SIP
import Transport

/// The parts of a SIP call, and all of them together without a socket.
enum SIPBenchmarks {
    static func run(_ directory: SampleDirectory) throws -> [Measurement] {
        let state = try directory.state()
        return [
            parse(), transaction(), try answer(state),
            try wholePath(
                "sip: whole path, INVITE to 302, record and ACK, no socket",
                SampleInvite(),
                state
            ),
            // A log line is some hundred octets, and what a loop may have waiting is bounded.
            try wholePath(
                "sip: whole path, INVITE to 404, record, log line and ACK, no socket",
                SampleInvite(number: "+12125550199"),
                state,
                count: 500
            ),
        ].compactMap { $0 }
    }

    private static let source = IPEndpoint(address: .loopbackIPv4, port: 5_080)

    private static func parse() -> Measurement {
        let invite = SampleInvite().invite
        var message = SIPMessage()
        return Measurement("sip: parse an INVITE of \(invite.count) octets") { _ in
            message.parse(invite.span, framing: .datagram)
        }
    }

    /// What an INVITE and its ACK cost beside parsing: judge, key, three steps of the transaction.
    private static func transaction() -> Measurement {
        var sample = SampleInvite()
        var invite = SIPMessage()
        var ack = SIPMessage()
        invite.parse(sample.invite.span, framing: .datagram)
        ack.parse(sample.ack.span, framing: .datagram)
        var transactions = ServerTransactions(capacity: 32_768, confirmedCapacity: 524_288)
        let key = SipHash.Key(5, 6)
        let response = [UInt8](repeating: 0x20, count: 500)
        let route = ResponseRoute(endpoint: source, listener: 0)
        return Measurement("sip: judge, key, receive, respond, acknowledge") { number in
            sample.renumber(number)
            let now = Instant(nanoseconds: Int64(number) * 10_000)
            while transactions.advance(to: now) != nil {}
            guard let envelope = RequestEnvelope(of: invite, in: sample.invite.span) else { return }
            let verdict = RequestCheck().verdict(
                on: invite,
                envelope: envelope,
                in: sample.invite.span
            )
            consume(verdict)
            let inviteKey = TransactionKey(
                of: invite,
                envelope: envelope,
                in: sample.invite.span,
                key: key
            )
            guard
                case .new(let id) = transactions.receive(
                    inviteKey,
                    isInvite: true,
                    route: route,
                    at: now
                )
            else { return }
            _ = transactions.respond(id, status: 302, answer: response.span, at: now)
            guard let envelope = RequestEnvelope(of: ack, in: sample.ack.span) else { return }
            let ackKey = TransactionKey(of: ack, envelope: envelope, in: sample.ack.span, key: key)
            _ = transactions.acknowledge(ackKey, at: now)
        }
    }

    private static func answer(_ state: ServingState) throws -> Measurement? {
        let bytes = SampleInvite().invite
        var message = SIPMessage()
        message.parse(bytes.span, framing: .datagram)
        guard let envelope = RequestEnvelope(of: message, in: bytes.span),
            let group = state.trunks(from: source.address)
        else { return nil }
        let arrival = SIPArrival(
            envelope: envelope,
            source: source,
            isReliable: false,
            group: group,
            tag: ToTag(value: 1)
        )
        let reading = SIPTrunkDoor.read(
            message,
            of: arrival,
            in: bytes.span,
            directory: state.directory,
            id: 1,
            at: WallTime(seconds: 1_795_244_709)
        )
        var trace = NoTrace()
        let decision = state.directory.decide(reading.call, trace: &trace)
        var out = ByteBuffer(capacity: 2_048)
        return Measurement("sip: write a 302 with two Contacts") { _ in
            out.removeAll()
            let status = SIPTrunkDoor.write(
                decision,
                to: message,
                of: arrival,
                in: bytes.span,
                id: 1,
                directory: state.directory,
                retryAfterSeconds: 5,
                into: &out
            )
            consume(status)
        }
    }

    /// INVITE, answer, record line and ACK, as a datagram listener of the daemon runs them.
    private static func wholePath(
        _ name: String,
        _ invite: SampleInvite,
        _ state: ServingState,
        count: Int = 8_000
    ) throws -> Measurement {
        let ring = LineRing(capacity: 8 << 20)
        let log = Log(format: .logfmt, descriptor: open("/dev/null", O_WRONLY), loops: 1)
        let counters = LoopCounters()
        var pipeline = CallPipeline(
            recorder: CallRecorder(ring: ring, log: log.loopLog(0)),
            exchange: try LoopExchange.alone(),
            state: state,
            counters: counters
        )
        var service = SIPService(
            configuration: state.configuration,
            transactionKey: SipHash.Key(5, 6),
            ownListeners: [],
            probeCallID: []
        )
        var loop = LoopContext(
            poller: try Poller(),
            counters: counters,
            now: Clock.now(),
            wall: Clock.wall()
        )
        let start = loop.now
        var sample = invite
        var out = ByteBuffer(capacity: 64 << 10)
        var lines = ByteBuffer(capacity: 8 << 20)
        let origin = SIPService.Origin(source: source, listener: 0, connection: 0)
        return Measurement(
            name,
            count: count,
            between: {
                log.flush()
                lines.removeAll()
                _ = ring.drain(into: &lines) { _ in false }
            },
            operation: { number in
                sample.renumber(number)
                loop.now = start + .microseconds(Int64(number) * 10)
                while service.advance(loop, pipeline: &pipeline, into: &out) != nil {}
                out.removeAll()
                service.message.parse(sample.invite.span, framing: .datagram)
                let answer = service.receive(
                    sample.invite.span,
                    from: origin,
                    state: state,
                    pipeline: &pipeline,
                    loop: loop,
                    into: &out
                )
                service.message.parse(sample.ack.span, framing: .datagram)
                let silence = service.receive(
                    sample.ack.span,
                    from: origin,
                    state: state,
                    pipeline: &pipeline,
                    loop: loop,
                    into: &out
                )
                precondition(isSent(answer) && !isSent(silence), "the call was not answered")
            }
        )
    }

    private static func isSent(_ outcome: SIPService.Outcome) -> Bool {
        if case .send = outcome { true } else { false }
    }
}
