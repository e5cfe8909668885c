import Primitives
import Routing

extension TwilioDoor {
    /// Writes the TwiML for a decision: the next target of the agent, or a refusal; returns what should
    /// have gone along with the call and found no room.
    ///
    /// Where a further target may follow, `<Dial action>` brings the call back to us, and the URL says
    /// how far it got: any node can go on.
    @discardableResult
    package static func write(
        _ decision: Decision,
        to call: IncomingCall,
        directory: DirectorySnapshot,
        publicURL: Span<UInt8>,
        dialTimeoutSeconds: Int,
        into body: inout ByteBuffer
    ) -> Enclosure.Parts {
        var document = TwiML(appendingTo: &body)
        var leftOut = Enclosure.Parts.none
        if case .answer = decision.outcome, decision.firstTarget < decision.targets.count {
            let targets = directory.targets(of: decision)
            let target = targets[decision.targets[decision.firstTarget]]
            let offer = Offer(
                text: EnclosedText(decision, call: call.id, directory: directory),
                enclosure: decision.enclosure,
                output: decision.output,
                version: decision.version,
                next: decision.firstTarget + 1,
                step: decision.step(of: call) + 1,
                streamBegin: target.kind == .wss ? Int(call.time.seconds) : nil,
                timeoutSeconds: dialTimeoutSeconds
            )
            leftOut = write(target, offer, publicURL, into: &document)
        } else {
            refuse(decision, into: &document)
        }
        document.finish(into: &body)
        return leftOut
    }

    /// Writes the end of a call that is over: nothing more is to be done.
    package static func writeEnd(into body: inout ByteBuffer) {
        var document = TwiML(appendingTo: &body)
        document.begin("Hangup")
        document.end("Hangup")
        document.finish(into: &body)
    }

    /// What is said of the call beside its target.
    struct Offer {
        var text: EnclosedText
        var enclosure: Enclosure?
        /// What a workflow said that later targets need too.
        var output: WorkflowOutput?
        var version: Int
        /// Which target comes after this one, and at which step.
        var next: Int
        var step: Int
        /// When a stream is offered, in seconds since 1970; nil for every other target.
        var streamBegin: Int?
        var timeoutSeconds: Int
    }

    private static func write(
        _ target: TargetEntry,
        _ offer: borrowing Offer,
        _ publicURL: Span<UInt8>,
        into document: inout TwiML
    ) -> Enclosure.Parts {
        // The telephone network takes nothing along, and a URL of others is not ours to change: their
        // TwiML knows the CallSid, by which it can ask for the rest.
        let said = offer.enclosure?.parts ?? .none
        switch target.kind {
        case .sip, .sips:
            var leftOut = beginDial(offer, publicURL, into: &document)
            document.begin("Sip")
            document.beginText()
            document.append(target.uri.span)
            leftOut.insert(appendHeaders(target, offer, into: &document))
            document.end("Sip")
            document.end("Dial")
            return leftOut
        case .tel, .number:
            let leftOut = beginDial(offer, publicURL, into: &document)
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
            return leftOut.union(said)
        case .wss: return stream(target, offer, publicURL, into: &document)
        case .https:
            document.begin("Redirect")
            document.beginText()
            document.append(target.uri.span)
            document.end("Redirect")
            return said
        }
    }

    private static func beginDial(
        _ offer: borrowing Offer,
        _ publicURL: Span<UInt8>,
        into document: inout TwiML
    ) -> Enclosure.Parts {
        document.begin("Dial")
        document.attribute("answerOnBridge", "true")
        document.attribute("timeout", offer.timeoutSeconds)
        document.beginAttribute("action")
        let leftOut = appendContinuation(offer, publicURL, into: &document)
        document.endAttribute()
        return leftOut
    }

    /// RFC 3261 §19.1.1: headers of a SIP URI follow a `?`; Twilio passes on those that start with `X-`.
    private static func appendHeaders(
        _ target: TargetEntry,
        _ offer: borrowing Offer,
        into document: inout TwiML
    ) -> Enclosure.Parts {
        let question = target.uri.firstIndex(of: ASCII.question)
        var room = sipHeadersBytesMax
        if let question { room -= target.uri.count - question - 1 }
        var isFirst = question == nil
        var leftOut = Enclosure.Parts.none
        for index in EnclosedText.order.indices {
            let part = EnclosedText.order[index]
            guard offer.text.parts.contains(part) else { continue }
            let name = EnclosedText.headerName(of: part)
            // Between two headers stands an ampersand, behind each name an equals sign.
            let cost =
                name.utf8CodeUnitCount + 1 + offer.text.byteCount(of: part)
                + (isFirst ? 0 : 1)
            guard cost <= room else {
                leftOut.insert(part)
                continue
            }
            room -= cost
            document.append(isFirst ? "?" : "&")
            isFirst = false
            document.append(name)
            document.append("=")
            document.append(part, of: offer.text)
        }
        return leftOut
    }

    private static func stream(
        _ target: TargetEntry,
        _ offer: borrowing Offer,
        _ publicURL: Span<UInt8>,
        into document: inout TwiML
    ) -> Enclosure.Parts {
        document.begin("Connect")
        document.beginAttribute("action")
        var leftOut = appendContinuation(offer, publicURL, into: &document)
        document.endAttribute()
        document.begin("Stream")
        document.attribute("url", target.uri.span)
        document.begin("Parameter")
        document.attribute("name", "call")
        document.beginAttribute("value")
        document.appendHex(offer.text.call)
        document.endAttribute()
        document.end("Parameter")
        var agentID = offer.text.agentID
        _ = agentID.withUTF8 { unsafe parameter("agent", $0.span, into: &document) }
        if let enclosure = offer.enclosure {
            let metadata = enclosure.metadata
            if !parameter("metadata", metadata.span, into: &document) { leftOut.insert(.metadata) }
            let context = enclosure.context
            if !parameter("context", context.span, into: &document) { leftOut.insert(.context) }
        }
        document.end("Stream")
        document.end("Connect")
        return leftOut
    }

    /// Writes a parameter of a stream, as text; false when it is longer than Twilio takes.
    @discardableResult
    private static func parameter(
        _ name: StaticString,
        _ value: Span<UInt8>,
        into document: inout TwiML
    ) -> Bool {
        guard value.count > 0 else { return true }
        guard name.utf8CodeUnitCount + value.count <= parameterBytesMax else { return false }
        document.begin("Parameter")
        document.attribute("name", name)
        document.attribute("value", value)
        document.end("Parameter")
        return true
    }

    /// `busy` where the caller may try again later, `rejected` where nobody will answer.
    private static func refuse(_ decision: Decision, into document: inout TwiML) {
        document.begin("Reject")
        let isBusy =
            switch decision.refusal ?? .agentUnavailable {
            case .overloaded, .draining, .targetsExhausted, .cancelled, .tooManyWaiting: true
            case .rejected:
                decision.rejectReason == .busy || decision.rejectReason == .unavailable
            default: false
            }
        document.attribute("reason", isBusy ? "busy" : "rejected")
        document.end("Reject")
    }

    /// Twilio takes fewer than 1,024 characters of headers behind the URI (its error 13251); the URI
    /// itself stays below 255, which `TargetAddress` sees to.
    private static let sipHeadersBytesMax = 1_023
    /// Name and value of a `<Parameter>` have fewer than 500 characters.
    private static let parameterBytesMax = 499
}
