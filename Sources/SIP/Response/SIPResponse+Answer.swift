import Primitives

extension SIPResponse {
    /// The methods of a redirect server, as Allow lists them.
    package static let allowedMethods: StaticString = "INVITE, ACK, CANCEL, OPTIONS"

    /// Writes the whole answer that a `RequestCheck` asks for.
    package static func write(
        _ answer: RequestAnswer,
        tag: ToTag,
        to source: IPEndpoint,
        retryAfterSeconds: Int,
        answering request: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        SIPResponse(answer.status, tag: tag, to: source)
            .begin(answering: request, envelope: envelope, in: bytes, into: &out)
        let fields = answer.fields
        if fields.contains(.allow) {
            out.append("Allow: ")
            out.append(allowedMethods)
            out.append("\r\n")
        }
        if fields.contains(.accept) { out.append("Accept: application/sdp, multipart/mixed\r\n") }
        if fields.contains(.acceptEncoding) { out.append("Accept-Encoding: identity\r\n") }
        // Bodies are not parsed, so that no language of theirs is foreign to us.
        if fields.contains(.acceptLanguage) { out.append("Accept-Language: *\r\n") }
        if fields.contains(.supported) {
            out.append("Supported: ")
            out.append(OptionTags.supported)
            out.append("\r\n")
        }
        if fields.contains(.unsupported) { out.appendUnsupported(of: request, in: bytes) }
        if fields.contains(.retryAfter) { out.appendRetryAfter(seconds: retryAfterSeconds) }
        out.endResponse()
    }
}

extension ByteBuffer {
    /// RFC 3261 §8.2.2.3: the tags of Require that we do not understand; those that are no tokens
    /// are left out.
    fileprivate mutating func appendUnsupported(of request: SIPMessage, in bytes: Span<UInt8>) {
        append("Unsupported: ")
        var isFirst = true
        var values = request.values(of: .require)
        while let value = values.next(of: request, in: bytes) {
            let tag = bytes.bytes(value)
            guard !OptionTags.isSupported(tag), tag.isToken else { continue }
            if !isFirst { append(", ") }
            append(tag)
            isFirst = false
        }
        append("\r\n")
    }
}
