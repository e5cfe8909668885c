import Primitives

/// The rules that need the whole head: Host, the length of the body, persistence, expectations.
extension HTTPRequest {
    /// Goes over the field lines once and refuses every ambiguity about where the request ends.
    mutating func settle(in bytes: Span<UInt8>) throws(HTTPRefusal) {
        var seen = FramingFields()
        for field in fields {
            switch field.id {
            case .host:
                // RFC 9112 §3.2: more than one Host, or one that is none, MUST be answered 400.
                guard seen.host == nil, HTTPHost.isValid(bytes.bytes(field.value)) else {
                    throw .host
                }
                seen.host = field.value
            case .contentLength:
                // RFC 9112 §6.3 rule 5 would let a list of equal lengths pass. Nobody honest sends
                // one, and a chain in which one server takes the first and another the last is open.
                guard seen.length == nil, let length = bytes.bytes(field.value).contentLength else {
                    throw .contentLength
                }
                seen.length = length
            case .transferEncoding:
                guard !seen.isChunked else { throw .transferEncoding }
                try Self.checkTransferEncoding(bytes.bytes(field.value))
                seen.isChunked = true
            case .connection:
                let options = bytes.bytes(field.value)
                seen.closes = seen.closes || options.lists("close")
                seen.keepsAlive = seen.keepsAlive || options.lists("keep-alive")
            case .expect:
                seen.expects = true
                let isKnown = bytes.bytes(field.value).isEqualIgnoringCase(to: "100-continue")
                seen.expectsUnknown = seen.expectsUnknown || !isKnown
            default: break
            }
        }
        try apply(seen)
    }

    private mutating func apply(_ seen: FramingFields) throws(HTTPRefusal) {
        // RFC 9112 §3.2: a request of HTTP/1.1 without Host MUST be answered 400.
        guard seen.host != nil || version == .http10 else { throw .host }
        if authority.isEmpty { authority = seen.host ?? .empty }

        if seen.isChunked {
            // RFC 9112 §6.3 rule 3: both lengths ought to be handled as an error.
            guard seen.length == nil else { throw .conflictingLengths }
            // RFC 9112 §6.1: Transfer-Encoding in HTTP/1.0 is faulty framing; close after it.
            guard version == .http11 else { throw .transferEncoding }
            framing = .chunked
        } else if let length = seen.length {
            framing = .length(length)
        }

        // RFC 9112 §9.3: close wins; else 1.1 persists, and 1.0 only when asked to.
        keepsConnection = !seen.closes && (version == .http11 || seen.keepsAlive)
        // RFC 9110 §10.1.1: an expectation in an HTTP/1.0 request is ignored.
        guard seen.expects, version == .http11 else { return }
        guard !seen.expectsUnknown else { throw .expectation }
        expectsContinue = framing.hasBody
    }

    /// Only `chunked` is served.
    ///
    /// RFC 9112 §6.1: a coding that we do not know in front of it is 501; §6.3 rule 4: without
    /// chunked as the last coding the end cannot be known, hence 400; §6.1: chunked twice is faulty
    /// as well.
    private static func checkTransferEncoding(_ text: Span<UInt8>) throws(HTTPRefusal) {
        guard !text.isEqualIgnoringCase(to: "chunked") else { return }
        var isLastChunked = false
        var chunkedCount = 0
        var start = 0
        while start <= text.count {
            let end = text.firstIndex(of: ASCII.comma, from: start) ?? text.count
            let coding = text.extracting(text.trimmingBlanks(start..<end))
            isLastChunked = coding.isEqualIgnoringCase(to: "chunked")
            if isLastChunked { chunkedCount += 1 }
            start = end &+ 1
        }
        guard isLastChunked, chunkedCount == 1 else { throw .transferEncoding }
        throw .unknownTransferCoding
    }
}

/// What the field lines say about framing, gathered before any of it is believed.
private struct FramingFields {
    var host: ByteSlice?
    var length: Int?
    var isChunked = false
    var closes = false
    var keepsAlive = false
    var expects = false
    var expectsUnknown = false
}
