import Primitives
import Routing
import SIP

extension SIPTrunkDoor {
    /// Writes the answer to an INVITE: 302 with the agent's targets, or a refusal.
    ///
    /// `retryAfterSeconds` is for answers that send the carrier elsewhere for a while. A decision all of
    /// whose targets are the Request-URI itself becomes the refusal `no_target`.
    package static func write(
        _ decision: inout Decision,
        to message: SIPMessage,
        of arrival: SIPArrival,
        in bytes: Span<UInt8>,
        id: UInt64,
        directory: DirectorySnapshot,
        retryAfterSeconds: Int,
        into out: inout ByteBuffer
    ) -> SIPAnswer {
        let start = out.count
        if case .answer = decision.outcome {
            let answer = offer(decision, message, arrival, bytes, id, directory, into: &out)
            if let answer { return answer }
            out.truncate(to: start)
            decision.outcome = .refuse(.noTarget)
        }
        let reason = decision.refusal ?? .agentUnavailable
        let status = directory.status(of: decision) ?? reason.defaultStatus
        write(status, reason, message, arrival, bytes, id, retryAfterSeconds, into: &out)
        return SIPAnswer(status: status)
    }

    /// Nil where no target is left to offer; what is appended by then is to be taken away.
    private static func offer(
        _ decision: Decision,
        _ message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ id: UInt64,
        _ directory: DirectorySnapshot,
        into out: inout ByteBuffer
    ) -> SIPAnswer? {
        let start = out.count
        begin(.movedTemporarily, message, arrival, bytes, into: &out)
        let form = form(decision, directory.trunk(decision.trunk))
        let room = arrival.isReliable ? streamBytesMax : datagramBytesMax
        let contacts = ContactList(
            targets: directory.targets(of: decision),
            order: decision.targets,
            first: decision.firstTarget,
            requestURI: bytes.bytes(message.requestURI),
            carrier: arrival.source.address,
            room: room,
            form: form ?? .parameters
        )
        guard contacts.count > 0 else { return nil }
        var leftOut = Enclosure.Parts.none
        if form == nil {
            contacts.writePlain(from: start, into: &out)
        } else {
            let text = EnclosedText(decision, call: id, directory: directory)
            leftOut = contacts.write(text, from: start, into: &out)
        }
        SIPResponse.appendHistory(
            of: message,
            in: bytes,
            room: room - (out.count - start),
            into: &out
        )
        appendCallID(id, into: &out)
        out.endResponse()
        return SIPAnswer(status: SIPStatus.movedTemporarily.code, leftOut: leftOut)
    }

    /// A follower that makes headers of what stands behind a `?` always gets them: the trunk says so.
    ///
    /// URI parameters go only with a call that has something to take along: they change the
    /// Request-URI of the next INVITE, which not every carrier and agent takes as it comes.
    private static func form(_ decision: Decision, _ trunk: TrunkEntry?) -> ContactList.Form? {
        if trunk?.followsEmbeddedHeaders == true { return .headers }
        return decision.enclosure == nil ? nil : .parameters
    }

    private static func write(
        _ status: Int,
        _ reason: RefusalReason,
        _ message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ id: UInt64,
        _ retryAfterSeconds: Int,
        into out: inout ByteBuffer
    ) {
        begin(SIPStatus(code: status), message, arrival, bytes, into: &out)
        // RFC 3326 with RFC 6432: the cause is the status, the text is our own reason's id.
        var name = reason.rawValue
        name.withUTF8 { unsafe out.appendReason(cause: status, text: $0.span) }
        // RFC 3261 §21.5.4: Retry-After keeps a carrier away from the whole server, so that it goes
        // only with what is true of the whole server.
        if reason == .draining || reason == .overloaded {
            out.appendRetryAfter(seconds: retryAfterSeconds)
        }
        appendCallID(id, into: &out)
        out.endResponse()
    }

    private static func begin(
        _ status: SIPStatus,
        _ message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        SIPResponse(status, tag: arrival.tag, to: arrival.source).begin(
            answering: message,
            envelope: arrival.envelope,
            in: bytes,
            into: &out
        )
    }

    private static func appendCallID(_ id: UInt64, into out: inout ByteBuffer) {
        out.append("X-Trunkline-Call: ")
        out.appendHex(id)
        out.append("\r\n")
    }
}

/// What was answered to an INVITE.
package struct SIPAnswer: Sendable {
    package var status: Int
    /// What should have gone along with the call and found no room.
    package var leftOut: Enclosure.Parts

    init(status: Int, leftOut: Enclosure.Parts = .none) {
        self.status = status
        self.leftOut = leftOut
    }
}

/// What fits a datagram on any path, less room for the fields behind the Contacts (RFC 3261 §18.1.1).
private let datagramBytesMax = 1_240
/// As much as servers of several makes take of one message by TCP.
private let streamBytesMax = 8_000
