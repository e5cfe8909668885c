import Doors
import Primitives
import Routing
import SIP

/// Calls that wait for their workflow.
extension SIPService {
    /// Answers a call that has waited, by what its workflow said; nil if it is gone.
    package mutating func conclude(
        _ id: TransactionID,
        with result: WorkflowResult?,
        pipeline: inout CallPipeline,
        loop: LoopContext,
        into out: inout ByteBuffer
    ) -> ResponseRoute? {
        guard let call = waiting.removeValue(forKey: id), let route = transactions.route(of: id)
        else { return nil }
        read(call.arrival)
        let bytes = call.arrival.bytes.span
        let start = out.count
        let status = pipeline.conclude(
            message,
            of: call.arrival.read,
            in: bytes,
            with: result,
            state: call.state,
            loop: call.moment(in: loop),
            into: &out
        )
        let isFirst = transactions.respond(
            id,
            status: status,
            answer: out.span.extracting(start..<out.count),
            at: loop.now
        )
        if !isFirst { out.truncate(to: start) }
        return isFirst ? route : nil
    }

    /// Says 100 Trying for a call that waits, unless that has been said.
    package mutating func sayTrying(
        _ id: TransactionID,
        loop: LoopContext,
        into out: inout ByteBuffer
    ) -> ResponseRoute? {
        guard let call = waiting[id], let route = transactions.route(of: id),
            !transactions.withAnswer(id, { _ in })
        else { return nil }
        read(call.arrival)
        let start = out.count
        let status = write(
            RequestAnswer(.trying),
            call.arrival.read,
            call.arrival.bytes.span,
            call.state,
            into: &out
        )
        let answer = out.span.extracting(start..<out.count)
        _ = transactions.respond(id, status: status, answer: answer, at: loop.now)
        return route
    }

    /// Reads the INVITE again, to the same end as when it came.
    private mutating func read(_ invite: Invite) {
        message.parse(invite.bytes.span, framing: invite.read.isReliable ? .stream : .datagram)
    }
}

/// The timers of the transactions, and callers who gave up.
extension SIPService {
    package var nextDeadline: Instant? {
        cancelled.isEmpty ? transactions.nextDeadline : Instant(nanoseconds: .min)
    }

    /// An answer to send now: one that nobody acknowledged, one that is due, or one to a caller who gave
    /// up; call it until it says nil.
    package mutating func advance(
        _ loop: LoopContext,
        pipeline: inout CallPipeline,
        into out: inout ByteBuffer
    ) -> ResponseRoute? {
        while let id = cancelled.popLast() {
            // RFC 3261 §9.2: the INVITE that was cancelled gets a 487.
            let route = conclude(id, with: nil, pipeline: &pipeline, loop: loop, into: &out)
            if let route { return route }
        }
        while let action = transactions.advance(to: loop.now) {
            switch action {
            case .retransmit(let id, let route):
                loop.counters.add(.retransmissions)
                if transactions.withAnswer(id, { out.append($0) }) { return route }
            case .stillDeciding(let id):
                if let route = sayTrying(id, loop: loop, into: &out) { return route }
            case .unacknowledged: break
            }
        }
        return nil
    }
}
