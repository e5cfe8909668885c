import Primitives
import Routing
import SIP

extension SIPTrunkDoor {
    /// Writes the answer to an INVITE: 302 with the agent's targets, or a refusal.
    ///
    /// Returns its status. `retryAfterSeconds` is for answers that send the carrier elsewhere for a while.
    /// A decision all of whose targets are the Request-URI itself becomes the refusal `no_target`.
    package static func write(
        _ decision: inout Decision,
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
        let start = out.count
        begin(.movedTemporarily, message, arrival, bytes, into: &out)
        let targets = directory.targets(of: decision)
        guard appendContacts(of: targets, decision, message, arrival, bytes, start, into: &out)
        else {
            out.truncate(to: start)
            decision.outcome = .refuse(.noTarget)
            return refuse(
                .noTarget,
                trunk,
                message,
                arrival,
                bytes,
                id,
                retryAfterSeconds,
                into: &out
            )
        }
        appendCallID(id, into: &out)
        out.endResponse()
        return SIPStatus.movedTemporarily.code
    }

    /// Offers the targets in their order; false if there was none to offer.
    private static func appendContacts(
        of targets: [TargetEntry],
        _ decision: Decision,
        _ message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        _ start: Int,
        into out: inout ByteBuffer
    ) -> Bool {
        var contacts = 0
        var next = decision.targets.next(from: decision.firstTarget)
        while let position = next {
            next = decision.targets.next(from: position + 1)
            let target = targets[decision.targets[position]]
            // RFC 3261 §8.3: a redirect to the Request-URI itself would come back for ever.
            if target.number == nil, isSame(target.uri.span, bytes.bytes(message.requestURI)) {
                continue
            }
            let end = out.count
            appendContact(
                target,
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
        }
        return contacts > 0
    }

    /// RFC 3261 §19.1.4, in short: only the user tells cases apart.
    ///
    /// Parameters in another order make another URI here, which at worst costs the carrier one try.
    private static func isSame(_ target: Span<UInt8>, _ requestURI: Span<UInt8>) -> Bool {
        guard target.count == requestURI.count else { return false }
        let at = target.firstIndex(of: ASCII.at) ?? 0
        let colon = target.firstIndex(of: ASCII.colon) ?? 0
        for index in target.indices where target[index] != requestURI[index] {
            let isUser = index > colon && index < at
            guard !isUser, ASCII.lowercased(target[index]) == ASCII.lowercased(requestURI[index])
            else { return false }
        }
        return true
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
