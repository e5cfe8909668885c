import Doors
import Primitives
import Routing
import SIP

/// The story of a call in one place: it has been parsed; it is authenticated, resolved, answered, recorded.
///
/// A call whose workflow has to wait leaves the story after its resolution, and comes back to `conclude`
/// with what the workflow said.
package struct CallPipeline: ~Copyable {
    private var recorder: CallRecorder
    package var consultation: Consultation
    package var refusals: RefusalLog
    private var visits = CallVisits()
    let contexts: CallContexts

    package init(
        recorder: consuming CallRecorder,
        exchange: LoopExchange,
        state: ServingState,
        counters: LoopCounters
    ) {
        refusals = RefusalLog(recorder.log)
        self.recorder = recorder
        contexts = exchange.contexts
        consultation = Consultation(exchange: exchange, state: state, counters: counters)
    }

    /// How far a call has come.
    package enum Progress: Sendable {
        /// The answer is written; its status.
        case answered(Int)
        /// The workflow decides later; `isLong` if it is known to wait for a host.
        case waiting(isLong: Bool)
    }

    /// Routes an INVITE whose source is known to the trunks of `arrival.group`; the answer is appended to
    /// `out`.
    ///
    /// `place` is where the call waits if its workflow takes longer; without one it is refused then.
    mutating func route(
        _ message: SIPMessage,
        of arrival: SIPArrival,
        in bytes: Span<UInt8>,
        place: CallTicket.Place?,
        state: ServingState,
        isDraining: Bool,
        loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Progress {
        let reading = read(message, arrival, bytes, state, loop)
        var decision = Decision(outcome: .refuse(.draining), rule: .gateway)
        let visit = visits.count(
            reading.call.id,
            sequence: arrival.envelope.cseq.number,
            at: loop.now
        )
        if reading.isLooping || visit > Limits.visits {
            decision.outcome = .refuse(.loop)
        } else if !isDraining {
            var trace = NoTrace()
            decision = state.directory.decide(reading.call, trace: &trace)
        }
        if case .consult = decision.outcome {
            let input = SIPTrunkDoor.workflowInput(
                message,
                of: arrival,
                reading: reading,
                decision: decision,
                in: bytes,
                directory: state.directory
            )
            switch consultation.ask(decision, input, of: reading.call, place, state, loop.now) {
            case .decided(let conclusion): decision = conclusion
            case .waiting(let isLong): return .waiting(isLong: isLong)
            }
        }
        return .answered(
            answer(decision, reading, message, arrival, bytes, state, loop, into: &out)
        )
    }

    /// Answers an INVITE that has waited, by what the workflow said; nil: its caller has given up.
    ///
    /// Everything is read again from its bytes, with the state and the time at which it came. Returns the
    /// answer's status, whose text is appended to `out`.
    mutating func conclude(
        _ message: SIPMessage,
        of arrival: SIPArrival,
        in bytes: Span<UInt8>,
        with result: WorkflowResult?,
        state: ServingState,
        loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Int {
        let reading = read(message, arrival, bytes, state, loop)
        var trace = NoTrace()
        var decision = state.directory.decide(reading.call, trace: &trace)
        if let result {
            decision = state.directory.conclude(
                decision,
                with: result,
                of: reading.call,
                trace: &trace
            )
        } else {
            decision.outcome = .refuse(.cancelled)
        }
        return answer(decision, reading, message, arrival, bytes, state, loop, into: &out)
    }

    private func read(
        _ message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ state: ServingState,
        _ loop: LoopContext
    ) -> SIPReading {
        SIPTrunkDoor.read(
            message,
            of: arrival,
            in: bytes,
            directory: state.directory,
            id: state.callID(bytes.bytes(arrival.envelope.callID)),
            at: loop.wall
        )
    }

    private mutating func answer(
        _ decision: Decision,
        _ reading: SIPReading,
        _ message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ state: ServingState,
        _ loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Int {
        var decision = decision
        let answer = SIPTrunkDoor.write(
            &decision,
            to: message,
            of: arrival,
            in: bytes,
            id: reading.call.id,
            directory: state.directory,
            retryAfterSeconds: state.configuration.drain.retryAfterSeconds,
            into: &out
        )
        keepContext(of: decision, reading.call, state, loop)
        release(decision, reading.call, state)
        recorder.record(
            decision,
            answer,
            reading,
            bytes: bytes,
            arrival: arrival,
            visit: visits.visit(of: reading.call.id, sequence: arrival.envelope.cseq.number),
            state: state,
            loop
        )
        return answer.status
    }

    /// A call that is turned away is not up, whatever its workflow counted before.
    private mutating func release(
        _ decision: Decision,
        _ call: IncomingCall,
        _ state: ServingState
    ) {
        guard let reason = decision.refusal, decision.workflow != nil || reason == .cancelled,
            let organization = state.directory.organization(decision.organization),
            organization.routing?.workflow?.isPure == false
        else { return }
        consultation.end(call: call.id, ofOrganization: organization.id)
    }

    /// What went along with the call can be fetched by its id, too.
    private func keepContext(
        of decision: Decision,
        _ call: IncomingCall,
        _ state: ServingState,
        _ loop: LoopContext
    ) {
        guard let enclosure = decision.enclosure, case .answer = decision.outcome else { return }
        let directory = state.directory
        let context = CallContexts.Context(
            organization: directory.organization(decision.organization)?.id ?? "",
            agent: directory.agent(decision.agent)?.id ?? "",
            version: decision.version,
            enclosure: enclosure
        )
        contexts.keep(context, of: call.id, step: decision.step(of: call), at: loop.now)
    }
}

/// The Twilio door.
extension CallPipeline {
    /// Routes a webhook that was signed under the key of its account; the answer goes to `body`.
    ///
    /// `place` is where it waits if its workflow takes longer.
    package mutating func route(
        _ webhook: TwilioWebhook,
        call: IncomingCall,
        place: WebhookPlace,
        state: ServingState,
        source: IPEndpoint,
        loop: LoopContext,
        into body: inout ByteBuffer
    ) -> Progress {
        var trace = NoTrace()
        var decision = state.directory.decide(call, trace: &trace)
        if case .consult = decision.outcome {
            let input = TwilioDoor.workflowInput(
                webhook,
                call: call,
                decision: decision,
                directory: state.directory
            )
            let waits = CallTicket.Place.webhook(place)
            switch consultation.ask(decision, input, of: call, waits, state, loop.now) {
            case .decided(let conclusion): decision = conclusion
            case .waiting(let isLong): return .waiting(isLong: isLong)
            }
        }
        answer(decision, webhook, call, state, source, loop, into: &body)
        return .answered(200)
    }

    /// Answers a webhook that has waited, by what the workflow said.
    mutating func conclude(
        _ webhook: TwilioWebhook,
        call: IncomingCall,
        with result: WorkflowResult,
        state: ServingState,
        source: IPEndpoint,
        loop: LoopContext,
        into body: inout ByteBuffer
    ) {
        var trace = NoTrace()
        let asked = state.directory.decide(call, trace: &trace)
        let decision = state.directory.conclude(asked, with: result, of: call, trace: &trace)
        answer(decision, webhook, call, state, source, loop, into: &body)
    }

    private mutating func answer(
        _ decision: Decision,
        _ webhook: TwilioWebhook,
        _ call: IncomingCall,
        _ state: ServingState,
        _ source: IPEndpoint,
        _ loop: LoopContext,
        into body: inout ByteBuffer
    ) {
        let publicURL = state.publicURL
        let leftOut = TwilioDoor.write(
            decision,
            to: call,
            directory: state.directory,
            publicURL: publicURL.span,
            dialTimeoutSeconds: state.configuration.twilio.dialTimeoutSeconds,
            into: &body
        )
        keepContext(of: decision, call, state, loop)
        release(decision, call, state)
        recorder.record(
            decision,
            webhook,
            call: call,
            leftOut: leftOut,
            source: source,
            state: state,
            loop
        )
    }

    /// A webhook that tells how a call went on: kept with the call's record.
    mutating func note(
        _ webhook: TwilioWebhook,
        id: UInt64,
        loop: LoopContext
    ) {
        recorder.note(webhook, id: id, loop)
    }
}
