import HTTP
import Primitives
import Routing

/// The URL at which a call goes on: it holds all that a later step needs, and comes back under Twilio's
/// signature, so that any node can go on and none remembers anything.
extension TwilioDoor {
    /// Appends `…?agent=ID&version=N&next=K&step=S`, when a stream was offered, and what a workflow said that counts for the next
    /// targets as well; returns what found no room.
    static func appendContinuation(
        _ offer: borrowing Offer,
        _ publicURL: Span<UInt8>,
        into document: inout TwiML
    ) -> Enclosure.Parts {
        document.append(publicURL)
        document.append(continuationPath)
        document.appendPercentEncoded(offer.text.agentID)
        document.append("&version=")
        document.appendDecimal(offer.version)
        document.append("&next=")
        document.appendDecimal(offer.next)
        document.append("&step=")
        document.appendDecimal(offer.step)
        if let begin = offer.streamBegin {
            document.append("&")
            document.append(TwilioWebhook.streamField)
            document.append("=")
            document.appendDecimal(begin)
        }
        guard let output = offer.output else { return .none }
        // The names and numbers take 40 octets at most beside the path and the agent, a second 20.
        var room = continuationBytesMax - publicURL.count - continuationPath.utf8CodeUnitCount - 40
        if offer.streamBegin != nil { room -= 20 }
        room -= offer.text.agentID.percentEncodedCount
        return append(output, room: room, into: &document)
    }

    /// The targets come first, because without them the call cannot go on.
    private static func append(
        _ output: WorkflowOutput,
        room: Int,
        into document: inout TwiML
    ) -> Enclosure.Parts {
        var room = room
        var leftOut = Enclosure.Parts.none
        for uri in output.targets ?? [] {
            // The places of targets count, so that none may follow one that is missing.
            guard !leftOut.contains(.targets) else { break }
            if !append("target", Array(uri.utf8).span, &room, into: &document) {
                leftOut.insert(.targets)
            }
        }
        if !append("label", Array((output.label ?? "").utf8).span, &room, into: &document) {
            leftOut.insert(.label)
        }
        if !append("metadata", output.metadataText.span, &room, into: &document) {
            leftOut.insert(.metadata)
        }
        if !append("context", Array(output.initialContext.utf8).span, &room, into: &document) {
            leftOut.insert(.context)
        }
        return leftOut
    }

    private static func append(
        _ name: StaticString,
        _ value: Span<UInt8>,
        _ room: inout Int,
        into document: inout TwiML
    ) -> Bool {
        guard value.count > 0 else { return true }
        let cost = name.utf8CodeUnitCount + 2 + value.percentEncodedCount
        guard cost <= room else { return false }
        room -= cost
        document.append("&")
        document.append(name)
        document.append("=")
        document.appendPercentEncoded(value)
        return true
    }

    /// The state that we put into a URL of ours; nil where there is none, or none that is ours.
    static func continuation(
        _ query: FormParameters,
        _ organization: UInt32,
        _ directory: DirectorySnapshot
    ) -> IncomingCall.Continuation? {
        let text = query.bytes.span
        guard let name = query.first(named: "agent"), let next = query.first(named: "next"),
            let position = text.bytes(next).decimal(limit: TargetOrder.positionsMax)
        else { return nil }
        var continuation = IncomingCall.Continuation(
            agent: Decision.none,
            version: nil,
            nextTarget: position
        )
        if let step = query.first(named: "step") {
            guard let step = text.bytes(step).decimal(limit: stepMax) else { return nil }
            continuation.step = step
        }
        if let version = query.first(named: "version") {
            continuation.version = text.bytes(version).decimal(limit: Int(UInt32.max))
        }
        // A workflow may name targets and no agent.
        if !name.isEmpty {
            guard let agent = directory.agent(named: text.text(name), organization: organization)
            else { return nil }
            continuation.agent = agent.index
        }
        guard hasOutput(query) else { return name.isEmpty ? nil : continuation }
        guard let output = output(query, agentID: name.isEmpty ? nil : text.text(name)) else {
            return nil
        }
        continuation.workflow = WorkflowResult(.decided(output))
        return name.isEmpty && output.targets == nil ? nil : continuation
    }

    private static func hasOutput(_ query: FormParameters) -> Bool {
        query.first(named: "target") != nil || query.first(named: "label") != nil
            || query.first(named: "metadata") != nil || query.first(named: "context") != nil
    }

    /// The output that a workflow gave when the call was here before; nil when it could have given none
    /// such.
    private static func output(_ query: FormParameters, agentID: String?) -> WorkflowOutput? {
        let text = query.bytes.span
        var targets: [String] = []
        for index in 0..<query.count {
            let parameter = query[index]
            guard text.bytes(parameter.name).isEqual(to: "target") else { continue }
            targets.append(text.text(parameter.value))
        }
        return WorkflowOutput(
            agentID: agentID,
            version: nil,
            initialContext: text.text(query.first(named: "context") ?? .empty),
            metadata: text.bytes(query.first(named: "metadata") ?? .empty),
            label: query.first(named: "label").map { text.text($0) },
            targets: targets
        )
    }

    /// The state of a call whose answer or target failed: behind what the URL that failed was for.
    ///
    /// Nil where `ErrorUrl` is none of ours: the call is decided afresh, and `IncomingCall.failedTarget`
    /// says behind which target it goes on.
    static func continuationPastFailure(
        _ failed: Span<UInt8>,
        _ organization: UInt32,
        _ directory: DirectorySnapshot
    ) -> IncomingCall.Continuation? {
        guard let question = failed.firstIndex(of: ASCII.question) else { return nil }
        var query = FormParameters()
        try? query.parse(failed.extracting((question + 1)..<failed.count))
        guard var found = continuation(query, organization, directory) else { return nil }
        found.nextTarget += 1
        found.step += 1
        return found
    }

    private static let continuationPath: StaticString = "/telephony/inbound/twilio?agent="
    /// Octets of the whole URL: with the longest target and its headers a document stays about 4 KiB,
    /// and the request line that comes back far below what HTTP servers take.
    private static let continuationBytesMax = 2_400
    /// Two agents' targets and the refusals between them.
    private static let stepMax = 99
}
