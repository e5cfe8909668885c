import Primitives
import Routing

extension TwilioDoor {
    /// Writes the TwiML for a decision: the next target of the agent, or a refusal.
    ///
    /// Where a further target may follow, `<Dial action>` brings the call back to us, and the URL says
    /// how far it got: any node can go on.
    package static func write(
        _ decision: Decision,
        to call: IncomingCall,
        directory: DirectorySnapshot,
        publicURL: Span<UInt8>,
        dialTimeoutSeconds: Int,
        into body: inout ByteBuffer
    ) {
        var buffer = ByteBuffer()
        swap(&buffer, &body)
        var document = TwiML(appendingTo: buffer)
        if case .answer = decision.outcome, decision.firstTarget < decision.targets.count {
            let targets = directory.targets(of: decision)
            let target = targets[decision.targets[decision.firstTarget]]
            let offer = Offer(
                decision: decision,
                call: call,
                agentID: directory.agent(decision.agent)?.id ?? "",
                publicURL: publicURL.text,
                timeoutSeconds: dialTimeoutSeconds
            )
            write(target, offer, into: &document)
        } else {
            refuse(decision.refusal ?? .agentUnavailable, into: &document)
        }
        body = document.finish()
    }

    /// Writes the end of a call that is over: nothing more is to be done.
    package static func writeEnd(into body: inout ByteBuffer) {
        var buffer = ByteBuffer()
        swap(&buffer, &body)
        var document = TwiML(appendingTo: buffer)
        document.begin("Hangup")
        document.end("Hangup")
        body = document.finish()
    }

    private struct Offer {
        var decision: Decision
        var call: IncomingCall
        var agentID: String
        var publicURL: String
        var timeoutSeconds: Int
    }

    private static func write(
        _ target: TargetEntry,
        _ offer: borrowing Offer,
        into document: inout TwiML
    ) {
        switch target.kind {
        case .sip, .sips:
            beginDial(offer, into: &document)
            document.begin("Sip")
            document.beginText()
            document.append(target.uri.span)
            appendHeaders(target, offer, into: &document)
            document.end("Sip")
            document.end("Dial")
        case .tel, .number:
            beginDial(offer, into: &document)
            document.begin("Number")
            document.beginText()
            if let number = target.number {
                document.append("+")
                document.appendDecimal(Int(number.digits))
            } else {
                document.append(target.uri.span)
            }
            document.end("Number")
            document.end("Dial")
        case .wss:
            stream(target, offer, into: &document)
        case .https:
            document.begin("Redirect")
            document.beginText()
            document.append(target.uri.span)
            document.end("Redirect")
        }
    }

    private static func beginDial(_ offer: borrowing Offer, into document: inout TwiML) {
        document.begin("Dial")
        document.attribute("answerOnBridge", "true")
        document.attribute("timeout", offer.timeoutSeconds)
        document.beginAttribute("action")
        appendContinuation(offer, into: &document)
        document.endAttribute()
    }

    /// The URL at which the call goes on with its next target.
    private static func appendContinuation(
        _ offer: borrowing Offer,
        into document: inout TwiML
    ) {
        document.append(offer.publicURL)
        document.append("/telephony/inbound/twilio?agent=")
        appendPercentEncoded(offer.agentID, into: &document)
        document.append("&version=")
        document.appendDecimal(offer.decision.version)
        document.append("&next=")
        document.appendDecimal(offer.decision.firstTarget + 1)
    }

    /// RFC 3261 §19.1.1: headers of a SIP URI follow a `?`.
    ///
    /// Twilio passes on those that start with X-.
    private static func appendHeaders(
        _ target: TargetEntry,
        _ offer: borrowing Offer,
        into document: inout TwiML
    ) {
        let hasHeaders = target.uri.contains(ASCII.question)
        // Twilio refuses a <Sip> of 255 characters or more.
        guard target.uri.count + offer.agentID.utf8.count * 3 < 190 else { return }
        document.append(hasHeaders ? "&X-Trunkline-Call=" : "?X-Trunkline-Call=")
        document.appendHex(offer.call.id)
        document.append("&X-Trunkline-Agent=")
        appendPercentEncoded(offer.agentID, into: &document)
    }

    private static func stream(
        _ target: TargetEntry,
        _ offer: borrowing Offer,
        into document: inout TwiML
    ) {
        document.begin("Connect")
        document.beginAttribute("action")
        appendContinuation(offer, into: &document)
        document.endAttribute()
        document.begin("Stream")
        document.attribute("url", target.uri.span)
        document.begin("Parameter")
        document.attribute("name", "call")
        document.beginAttribute("value")
        document.appendHex(offer.call.id)
        document.endAttribute()
        document.end("Parameter")
        document.begin("Parameter")
        document.attribute("name", "agent")
        document.beginAttribute("value")
        document.append(offer.agentID)
        document.endAttribute()
        document.end("Parameter")
        document.end("Stream")
        document.end("Connect")
    }

    private static func appendPercentEncoded(_ text: String, into document: inout TwiML) {
        var copy = text
        copy.withUTF8 { unsafe document.appendPercentEncoded($0.span) }
    }

    /// `busy` where the caller may try again later, `rejected` where the number is none of ours.
    private static func refuse(_ reason: RefusalReason, into document: inout TwiML) {
        document.begin("Reject")
        switch reason {
        case .overloaded, .draining, .targetsExhausted, .cancelled:
            document.attribute("reason", "busy")
        default:
            document.attribute("reason", "rejected")
        }
        document.end("Reject")
    }
}
