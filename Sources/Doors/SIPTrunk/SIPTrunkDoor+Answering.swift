import Primitives
import Routing
import SIP

extension SIPTrunkDoor {
    /// Writes the answer to an INVITE: 302 with the agent's targets, or a refusal.
    ///
    /// Returns its status. `retryAfterSeconds` is for answers that send the carrier elsewhere for a while.
    package static func write(
        _ decision: Decision,
        to message: SIPMessage,
        of arrival: SIPArrival,
        in bytes: Span<UInt8>,
        id: UInt64,
        directory: DirectorySnapshot,
        retryAfterSeconds: Int,
        into out: inout ByteBuffer
    ) -> Int {
        let trunk = directory.trunk(decision.trunk)
        guard case .answer = decision.outcome else {
            let reason = decision.refusal ?? .agentUnavailable
            return refuse(reason, trunk, message, arrival, bytes, id, retryAfterSeconds, into: &out)
        }
        let targets = directory.targets(of: decision)
        let start = out.count
        begin(.movedTemporarily, message, arrival, bytes, into: &out)
        var contacts = 0
        var next = decision.targets.next(from: decision.firstTarget)
        while let position = next {
            let end = out.count
            appendContact(
                targets[decision.targets[position]],
                arrival,
                preference: TargetOrder.qThousandths(at: contacts),
                into: &out
            )
            // A fragmented datagram is a lost one for many carriers (RFC 3261 §18.1.1): better one
            // target less. The first is always offered.
            if !arrival.isReliable, out.count - start > datagramBytesMax, contacts > 0 {
                out.truncate(to: end)
                break
            }
            contacts += 1
            next = decision.targets.next(from: position + 1)
        }
        appendCallID(id, into: &out)
        out.endResponse()
        return SIPStatus.movedTemporarily.code
    }

    /// Writes a refusal with the status that the trunk has for this reason.
    ///
    /// Returns the status.
    private static func refuse(
        _ reason: RefusalReason,
        _ trunk: TrunkEntry?,
        _ message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ id: UInt64,
        _ retryAfterSeconds: Int,
        into out: inout ByteBuffer
    ) -> Int {
        let status = trunk?.status(for: reason) ?? reason.defaultStatus
        // RFC 3261 §21.5.4: Retry-After keeps a carrier away from the whole server, so that it goes
        // only with what is true of the whole server.
        let sendsAway = reason == .draining || reason == .overloaded
        return write(
            status,
            reason,
            message,
            arrival,
            bytes,
            id,
            sendsAway ? retryAfterSeconds : nil,
            into: &out
        )
    }

    private static func write(
        _ status: Int,
        _ reason: RefusalReason,
        _ message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ id: UInt64,
        _ retryAfterSeconds: Int?,
        into out: inout ByteBuffer
    ) -> Int {
        begin(SIPStatus(code: status), message, arrival, bytes, into: &out)
        // RFC 3326 with RFC 6432: the cause is the status, the text is our own reason's id.
        var name = reason.rawValue
        name.withUTF8 { unsafe out.appendReason(cause: status, text: $0.span) }
        if let retryAfterSeconds { out.appendRetryAfter(seconds: retryAfterSeconds) }
        appendCallID(id, into: &out)
        out.endResponse()
        return status
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

    /// A number becomes a SIP URI at the address that the call came from: the carrier routes it.
    private static func appendContact(
        _ target: TargetEntry,
        _ arrival: SIPArrival,
        preference: Int,
        into out: inout ByteBuffer
    ) {
        guard let number = target.number else {
            out.appendContact(target.uri.span, preference: preference)
            return
        }
        var uri = ByteBuffer(capacity: 80)
        uri.append("sip:")
        uri.append(number)
        uri.append(ASCII.at)
        uri.appendHost(arrival.source.address)
        uri.append(";user=phone")
        out.appendContact(uri.span, preference: preference)
    }

    private static func appendCallID(_ id: UInt64, into out: inout ByteBuffer) {
        out.append("X-Trunkline-Call: ")
        out.appendHex(id)
        out.append("\r\n")
    }
}

/// What fits a datagram on any path, less room for the fields behind the Contacts (RFC 3261 §18.1.1).
private let datagramBytesMax = 1_240
