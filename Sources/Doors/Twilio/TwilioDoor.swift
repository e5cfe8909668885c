import Authentication
import HTTP
import Primitives
import Routing
import SIP

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
    /// `agentName` is the agent that the path pins, percent-encoding undone; one that the account's
    /// organization does not have answers nothing. Nil: the directory does not hold the credential.
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
            called: called(by: webhook),
            caller: withDigits(of: text.bytes(webhook.parameter("From"))) {
                CompiledNumberPlan.international.readCaller($0)
            },
            id: id,
            time: time
        )
        guard let organization = directory.credential(credential)?.organization else { return nil }
        switch path {
        case .status: break
        case .inbound: call.continuation = continuation(webhook.query, organization, directory)
        case .agent:
            let agent = directory.agent(named: agentName.text, organization: organization)
            call.continuation = IncomingCall.Continuation(
                agent: agent?.index ?? Decision.none,
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

    /// The number that a webhook says was dialled.
    static func called(by webhook: TwilioWebhook) -> DialledNumber {
        let dialled = webhook.parameters.bytes.span.bytes(webhook.parameter("To"))
        return withDigits(of: dialled) { CompiledNumberPlan.international.read($0) }
    }

    /// Calls `read` with a number as Twilio writes it: plain, or in the URI of a call by a SIP domain.
    private static func withDigits<Number>(
        of text: Span<UInt8>,
        _ read: (Span<UInt8>) -> Number
    ) -> Number {
        guard text.firstIndex(of: ASCII.colon) != nil,
            let uri = SIPURI(ByteSlice(0..<text.count), in: text),
            let number = TelephoneText(uri, in: text)
        else { return read(text) }
        return read(number.octets.span.extracting(0..<number.count))
    }

    /// One octet more than any target has: what is longer is none.
    private static let failedBytesMax = TargetAddress.byteCountMax + 1
}
