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
            let failed = text.bytes(webhook.parameter("ErrorUrl"))
            call.continuation = continuationPastFailure(failed, organization, directory)
            if call.continuation == nil {
                call.failedTarget = failed.extracting(0..<min(failed.count, failedBytesMax)).array
            }
        }
        return call
    }

    /// One octet more than any target has: what is longer is none.
    private static let failedBytesMax = TargetAddress.byteCountMax + 1
}
