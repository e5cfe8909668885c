import Primitives
import Routing
import SIP

extension SIPTrunkDoor {
    /// Writes the answer to an INVITE: 302 with the agent's targets, or a refusal. Returns its status.
    ///
    /// - Parameter retryAfterSeconds: for answers that send the carrier elsewhere for a while.
    package static func write(
        _ decision: Decision, to arrival: borrowing SIPArrival, id: UInt64,
        in directory: DirectorySnapshot, retryAfterSeconds: Int, into out: inout ByteBuffer
    ) -> Int {
        let trunk = directory.trunk(decision.trunk)
        guard decision.refusal == nil,
            let version = directory.agent(decision.agent)?.version(UInt32(clamping: decision.version))
        else {
            let reason = decision.refusal ?? .agentUnavailable
            return refuse(reason, trunk, arrival, id, retryAfterSeconds, into: &out)
        }
        if case .reject(let status)? = trunk?.answerMode {
            return write(status, .answerMode, arrival, id, nil, into: &out)
        }
        begin(.movedTemporarily, arrival, into: &out)
        for position in decision.firstTarget..<max(decision.targets.count, decision.firstTarget) {
            appendContact(
                version.targets[decision.targets[position]],
                preference: TargetOrder.qThousandths(at: position), into: &out)
        }
        appendCallID(id, into: &out)
        out.endResponse()
        return SIPStatus.movedTemporarily.code
    }

    /// Writes a refusal with the status that the trunk has for this reason. Returns the status.
    private static func refuse(
        _ reason: RefusalReason, _ trunk: TrunkEntry?, _ arrival: borrowing SIPArrival, _ id: UInt64,
        _ retryAfterSeconds: Int, into out: inout ByteBuffer
    ) -> Int {
        let status = trunk?.status(for: reason) ?? reason.defaultStatus
        // RFC 3261 §21.5.4: Retry-After keeps a carrier away from the whole server, so that it goes
        // only with what is true of the whole server.
        let sendsAway = reason == .draining || reason == .overloaded
        return write(
            status, reason, arrival, id, sendsAway ? retryAfterSeconds : nil, into: &out)
    }

    private static func write(
        _ status: Int, _ reason: RefusalReason, _ arrival: borrowing SIPArrival, _ id: UInt64,
        _ retryAfterSeconds: Int?, into out: inout ByteBuffer
    ) -> Int {
        begin(SIPStatus(code: status), arrival, into: &out)
        // RFC 3326 with RFC 6432: the cause is the status, the text is our own reason's id.
        let id = id
        var name = reason.rawValue
        name.withUTF8 { unsafe out.appendReason(cause: status, text: $0.span) }
        if let retryAfterSeconds { out.appendRetryAfter(seconds: retryAfterSeconds) }
        appendCallID(id, into: &out)
        out.endResponse()
        return status
    }

    private static func begin(
        _ status: SIPStatus, _ arrival: borrowing SIPArrival, into out: inout ByteBuffer
    ) {
        SIPResponse(status, tag: arrival.tag, to: arrival.source).begin(
            answering: arrival.message, envelope: arrival.envelope, in: arrival.bytes, into: &out)
    }

    /// A number becomes a SIP URI at the host that the carrier called us by: it knows that host, and a
    /// carrier that hunts may send a call back to where it came from only if it is told to.
    private static func appendContact(
        _ target: TargetEntry, preference: Int, into out: inout ByteBuffer
    ) {
        out.appendContact(target.uri.span, preference: preference)
    }

    private static func appendCallID(_ id: UInt64, into out: inout ByteBuffer) {
        out.append("X-Trunkline-Call: ")
        out.appendHex(id)
        out.append("\r\n")
    }
}
