import Doors
import Primitives
import Routing
import SIP

/// The story of a call in one place: it has been parsed; it is authenticated, resolved, answered, recorded.
package struct CallPipeline: ~Copyable {
    private var recorder: CallRecorder

    package init(recorder: consuming CallRecorder) {
        self.recorder = recorder
    }

    /// Routes an INVITE whose source is known to the trunks of `arrival.group`; returns the answer's
    /// status, whose text is appended to `out`.
    package mutating func route(
        _ message: SIPMessage,
        of arrival: SIPArrival,
        in bytes: Span<UInt8>,
        state: ServingState,
        isDraining: Bool,
        loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Int {
        let id = state.callID(bytes.bytes(arrival.envelope.callID))
        let reading = SIPTrunkDoor.read(
            message,
            of: arrival,
            in: bytes,
            directory: state.directory,
            id: id,
            at: loop.wall
        )
        var decision = Decision(outcome: .refuse(.draining), rule: .gateway)
        if !isDraining {
            var trace = NoTrace()
            decision = state.directory.decide(reading.call, trace: &trace)
        }
        let answer = SIPTrunkDoor.write(
            decision,
            to: message,
            of: arrival,
            in: bytes,
            id: id,
            directory: state.directory,
            retryAfterSeconds: state.configuration.drain.retryAfterSeconds,
            into: &out
        )
        recorder.record(
            decision,
            answer,
            reading,
            bytes: bytes,
            arrival: arrival,
            state: state,
            loop
        )
        return answer.status
    }

    /// Routes a webhook that was signed under the key of its account; the answer goes to `body`.
    package mutating func route(
        _ webhook: TwilioWebhook,
        call: IncomingCall,
        state: ServingState,
        source: IPEndpoint,
        loop: LoopContext,
        into body: inout ByteBuffer
    ) {
        var trace = NoTrace()
        let decision = state.directory.decide(call, trace: &trace)
        let publicURL = state.publicURL
        let leftOut = TwilioDoor.write(
            decision,
            to: call,
            directory: state.directory,
            publicURL: publicURL.span,
            dialTimeoutSeconds: state.configuration.twilio.dialTimeoutSeconds,
            into: &body
        )
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
