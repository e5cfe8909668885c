import Primitives

/// What the fields of an answer say about its length and its connection.
struct ResponseFraming {
    private(set) var isChunked = false
    private(set) var length: Int?
    private(set) var persists: Bool

    /// Refuses every ambiguity about where the answer ends (RFC 9112 §6.3).
    init(
        _ fields: [HTTPField],
        in bytes: Span<UInt8>,
        isVersion10: Bool
    ) throws(HTTPRefusal) {
        persists = !isVersion10
        for field in fields {
            let value = bytes.bytes(field.value)
            switch field.id {
            case .contentLength:
                guard let number = value.contentLength, length == nil || length == number else {
                    throw .contentLength
                }
                length = number
            case .transferEncoding:
                // Nothing but chunked is asked for, and TE is not sent.
                guard !isChunked, value.isEqualIgnoringCase(to: "chunked"), !isVersion10 else {
                    throw .transferEncoding
                }
                isChunked = true
            case .connection:
                if value.lists("close") { persists = false }
            default: break
            }
        }
        guard !isChunked || length == nil else { throw .conflictingLengths }
    }
}
