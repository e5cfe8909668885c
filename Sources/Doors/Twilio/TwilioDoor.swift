import Authentication
import HTTP
import Primitives
import Routing

/// The door that Twilio's webhooks use: a signed request becomes an `IncomingCall`, a `Decision` TwiML.
package enum TwilioDoor {
    /// Which of the paths below `/telephony` a webhook came to.
    package enum Path: Sendable {
        /// The Voice URL, and where `<Dial action>` comes back to.
        case inbound
        /// The Voice URL that pins an agent.
        case agent
        /// The fallback URL: Twilio could not fetch or run what a URL answered.
        case fallback
        /// The status callback.
        case status
    }

    /// Reads the call from a webhook that is authentic.
    ///
    /// `agentName` is the agent that the path pins, percent-encoding undone; empty for none. Nil: the
    /// path names an agent that the account's organization does not have.
    package static func read(
        _ webhook: TwilioWebhook,
        path: Path,
        agentName: Span<UInt8>,
        credential: UInt32,
        directory: DirectorySnapshot,
        id: UInt64,
        at time: WallTime
    ) -> IncomingCall? {
        let text = webhook.parameters.bytes.span
        var call = IncomingCall(
            door: .twilio,
            carrier: .credential(index: credential),
            called: CompiledNumberPlan.international.read(text.bytes(webhook.parameter("To"))),
            caller: CompiledNumberPlan.international.readCaller(
                text.bytes(webhook.parameter("From"))
            ),
            id: id,
            time: time
        )
        guard let organization = directory.credential(credential)?.organization else { return nil }
        switch path {
        case .status: break
        case .inbound: call.continuation = continuation(webhook.query, organization, directory)
        case .agent:
            guard let agent = directory.agent(named: agentName.text, organization: organization)
            else { return nil }
            call.continuation = IncomingCall.Continuation(
                agent: agent.index,
                version: nil,
                nextTarget: 0
            )
        case .fallback:
            call.continuation = continuationPastFailure(webhook, call, organization, directory)
        }
        return call
    }

    /// The state that we put into a URL of ours: `?agent=ID&version=N&next=K`.
    private static func continuation(
        _ query: FormParameters,
        _ organization: UInt32,
        _ directory: DirectorySnapshot
    ) -> IncomingCall.Continuation? {
        let text = query.bytes.span
        guard let name = query.first(named: "agent"), let next = query.first(named: "next"),
            let position = text.bytes(next).decimal(limit: TargetOrder.positionsMax),
            let agent = directory.agent(named: text.text(name), organization: organization)
        else { return nil }
        let version = query.first(named: "version").flatMap {
            text.bytes($0).decimal(limit: Int(UInt32.max))
        }
        return IncomingCall.Continuation(agent: agent.index, version: version, nextTarget: position)
    }

    /// Goes on past what failed: `ErrorUrl` is either a URL of ours with its state, or a target of ours
    /// that was a URL; a first request of ours that failed makes the first target the failed one.
    private static func continuationPastFailure(
        _ webhook: TwilioWebhook,
        _ call: IncomingCall,
        _ organization: UInt32,
        _ directory: DirectorySnapshot
    ) -> IncomingCall.Continuation? {
        let text = webhook.parameters.bytes.span
        let failed = text.bytes(webhook.parameter("ErrorUrl"))
        if let question = failed.firstIndex(of: ASCII.question) {
            var query = FormParameters()
            try? query.parse(failed.extracting((question + 1)..<failed.count))
            if var found = continuation(query, organization, directory) {
                found.nextTarget += 1
                return found
            }
        }
        // No state: the call was at its first agent. A target that is itself the URL is past; if the
        // URL is our own Voice URL, nothing has been offered yet.
        var first = call
        first.continuation = nil
        var trace = NoTrace()
        let decision = directory.decide(first, trace: &trace)
        guard decision.refusal == nil,
            let version = directory.agent(decision.agent)?.version(
                UInt32(clamping: decision.version)
            )
        else { return nil }
        for position in 0..<decision.targets.count {
            let target = version.targets[decision.targets[position]]
            guard target.kind == .https, target.uri.span.isEqual(to: failed) else { continue }
            return IncomingCall.Continuation(
                agent: decision.agent,
                version: decision.version,
                nextTarget: position + 1
            )
        }
        return nil
    }
}
