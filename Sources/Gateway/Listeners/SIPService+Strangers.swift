import Primitives
import SIP

/// What a source gets that no trunk knows: silence, or one packet, and no state in any case.
extension SIPService {
    func answerStranger(
        _ envelope: RequestEnvelope,
        _ bytes: Span<UInt8>,
        _ origin: Origin,
        _ route: ResponseRoute,
        _ state: ServingState,
        _ log: inout RefusalLog,
        _ loop: LoopContext,
        into out: inout ByteBuffer
    ) -> Outcome {
        let tag = ToTag(for: message, envelope: envelope, in: bytes, key: state.keys.tag)
        if isProbe(envelope, bytes) {
            let answer = RequestAnswer(isDraining ? .serviceUnavailable : .ok)
            SIPResponse.write(
                answer,
                tag: tag,
                to: origin.source,
                retryAfterSeconds: 1,
                answering: message,
                envelope: envelope,
                in: bytes,
                into: &out
            )
            return .send(route)
        }
        log.noteStranger(message, in: bytes, from: origin.source, loop)
        // RFC 3261 §8.2.7: who keeps no state answers neither ACK nor CANCEL.
        guard state.configuration.sip.unknownSource == .reject, message.method != .ack,
            message.method != .cancel,
            origin.isReliable || route.isAnswerable(isTrusted: false, ownListeners: ownListeners)
        else { return .silence }
        let start = out.count
        let response = SIPResponse(.forbidden, tag: tag, to: origin.source)
        if origin.isReliable {
            // RFC 3261 §20.14 wants a Content-Length on streams.
            response.begin(answering: message, envelope: envelope, in: bytes, into: &out)
            out.endResponse()
            return .send(route)
        }
        response.writeMinimal(answering: message, envelope: envelope, in: bytes, into: &out)
        // Whoever forges a source address must not gain by us.
        guard out.count - start <= bytes.count else {
            out.truncate(to: start)
            return .silence
        }
        return .send(route)
    }

    /// The daemon asks itself by way of its own socket whether this loop still answers.
    func isProbe(_ envelope: RequestEnvelope, _ bytes: Span<UInt8>) -> Bool {
        message.method == .options
            && bytes.bytes(envelope.callID).isEqual(to: probeCallID.span)
    }
}
