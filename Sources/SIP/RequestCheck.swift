import Primitives

/// What a redirect server answers before it looks at a number (RFC 3261 §8.2, in the order given there).
package struct RequestCheck: Sendable {
    /// While the gateway drains, OPTIONS tells the peer to send calls elsewhere.
    package var isDraining: Bool

    package init(isDraining: Bool = false) {
        self.isDraining = isDraining
    }

    /// Judges a message that was parsed; `envelope` is `RequestEnvelope(of: message, in: bytes)`.
    package func verdict(
        on message: SIPMessage,
        envelope: RequestEnvelope?,
        in bytes: Span<UInt8>
    ) -> RequestVerdict {
        if message.defect == .notSIP { return .ignore(.notSIP) }
        if message.kind == .response { return .ignore(.response) }
        guard let envelope else { return .ignore(.noVia) }
        if message.method == .ack {
            return envelope.defect == nil ? .acknowledge : .ignore(.badAcknowledgement)
        }
        if let defect = envelope.defect { return .answer(RequestAnswer(defect.status)) }
        // RFC 3261 §19.1.1: header fields are not allowed in a Request-URI.
        guard let uri = SIPURI(message.requestURI, in: bytes), uri.headers.isEmpty else {
            return .answer(RequestAnswer(SIPDefect.badRequestURI.status))
        }
        return verdictByMethod(message, envelope, uri, bytes)
    }

    /// RFC 3261 §8.2.1 and §12.2.2: which methods there are, and which belong to a dialog.
    private func verdictByMethod(
        _ message: SIPMessage,
        _ envelope: RequestEnvelope,
        _ uri: SIPURI,
        _ bytes: Span<UInt8>
    ) -> RequestVerdict {
        switch message.method {
        case .unknown:
            return .answer(RequestAnswer(.notImplemented, .allow))
        case .ack:
            return .acknowledge
        case .cancel:
            // RFC 3261 §8.2.2.3: a CANCEL is not refused for what it requires.
            return .cancel
        case .bye, .info, .prack, .update:
            return .answer(RequestAnswer(.callDoesNotExist))
        case .register, .subscribe, .notify, .publish, .refer, .message:
            // A redirect server has no dialogs, thus a To tag names none (RFC 3261 §12.2.2).
            if envelope.to.hasTag { return .answer(RequestAnswer(.callDoesNotExist)) }
            return .answer(RequestAnswer(.methodNotAllowed, .allow))
        case .invite, .options:
            if envelope.to.hasTag { return .answer(RequestAnswer(.callDoesNotExist)) }
            return verdictByFields(message, envelope, uri, bytes)
        }
    }

    /// RFC 3261 §8.2.2 and §8.2.3: what an INVITE or OPTIONS asks of us.
    private func verdictByFields(
        _ message: SIPMessage,
        _ envelope: RequestEnvelope,
        _ uri: SIPURI,
        _ bytes: Span<UInt8>
    ) -> RequestVerdict {
        if let refusal = refusalOfScheme(uri, bytes) { return .answer(refusal) }
        // RFC 3261 §16.3 item 3. OPTIONS with 0 is how a peer asks the first hop for its health
        // (§11), so it is answered here like any other.
        if envelope.maxForwards == 0, message.method == .invite {
            return .answer(RequestAnswer(.tooManyHops))
        }
        if OptionTags.hasUnsupported(message, bytes) {
            return .answer(RequestAnswer(.badExtension, .unsupported))
        }
        if let refusal = ContentCheck.refusal(of: message, in: bytes) { return .answer(refusal) }
        guard message.method == .options else { return .route }
        guard isDraining else { return .answer(RequestAnswer(.ok, .capabilities)) }
        return .answer(RequestAnswer(.serviceUnavailable, .retryAfter))
    }

    /// RFC 3261 §8.2.2.1: 416 for a scheme that we do not know, 484 for a `tel:` without a number.
    private func refusalOfScheme(_ uri: SIPURI, _ bytes: Span<UInt8>) -> RequestAnswer? {
        switch uri.scheme {
        case .other: RequestAnswer(.unsupportedURIScheme)
        case .tel:
            TelephoneText(uri, in: bytes) == nil ? RequestAnswer(.addressIncomplete) : nil
        case .sip, .sips: nil
        }
    }
}

/// The extensions that a peer may require of us (RFC 3261 §8.2.2.3).
///
/// Understood are those that ask nothing of a server whose only answers are 100 and a final one that
/// is no 2xx: reliable provisional answers (RFC 3262), session timers (RFC 4028), preconditions
/// (RFC 3312), and History-Info (RFC 7044). Proxy-Require is for proxies and not read.
package enum OptionTags {
    static let supported: StaticString = "100rel, histinfo, precondition, timer"

    static func isSupported(_ tag: Span<UInt8>) -> Bool {
        tag.isEqualIgnoringCase(to: "100rel") || tag.isEqualIgnoringCase(to: "timer")
            || tag.isEqualIgnoringCase(to: "precondition")
            || tag.isEqualIgnoringCase(to: "histinfo")
    }

    static func hasUnsupported(_ message: SIPMessage, _ bytes: Span<UInt8>) -> Bool {
        guard message.has(.require) else { return false }
        var values = message.values(of: .require)
        while let tag = values.next(of: message, in: bytes) {
            if !isSupported(bytes.bytes(tag)) { return true }
        }
        return false
    }
}

/// Bodies that we must refuse (RFC 3261 §8.2.3).
///
/// They are never parsed.
enum ContentCheck {
    /// 415 for a type that no session uses, unless the peer says that it is optional.
    static func refusal(of message: SIPMessage, in bytes: Span<UInt8>) -> RequestAnswer? {
        guard !message.body.isEmpty, !isOptional(message, bytes) else { return nil }
        if let field = message.first(.contentType), !isKnown(bytes.bytes(field.value)) {
            return RequestAnswer(.unsupportedMediaType, .accept)
        }
        if let field = message.first(.contentEncoding),
            !bytes.bytes(field.value).isEqualIgnoringCase(to: "identity")
        {
            return RequestAnswer(.unsupportedMediaType, .acceptEncoding)
        }
        return nil
    }

    /// SDP, anything multipart (SDP with ISUP or location beside it), and ISUP alone.
    private static func isKnown(_ type: Span<UInt8>) -> Bool {
        let slash = type.first(0x2F, in: 0..<type.count)
        guard slash < type.count else { return false }
        let family = type.extracting(type.trimmed(0..<slash))
        if family.isEqualIgnoringCase(to: "multipart") { return true }
        let start = type.skippingSpace(from: slash &+ 1, to: type.count)
        let end = type.skippingToken(from: start, to: type.count)
        let subtype = type.extracting(start..<end)
        return family.isEqualIgnoringCase(to: "application")
            && (subtype.isEqualIgnoringCase(to: "sdp") || subtype.isEqualIgnoringCase(to: "isup"))
    }

    private static func isOptional(_ message: SIPMessage, _ bytes: Span<UInt8>) -> Bool {
        guard let field = message.first(.contentDisposition) else { return false }
        let semicolon = bytes.first(ASCII.semicolon, in: field.value.range)
        let parameters = ByteSlice(semicolon..<field.value.upperBound)
        guard let handling = Parameters.find("handling", in: parameters, of: bytes) else {
            return false
        }
        return bytes.bytes(handling.value).isEqualIgnoringCase(to: "optional")
    }
}
