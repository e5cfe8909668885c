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
                guard let number = Self.length(value), length == nil || length == number else {
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
                if Self.names(value, "close") { persists = false }
            default: break
            }
        }
        guard !isChunked || length == nil else { throw .conflictingLengths }
    }

    /// Digits and nothing else (RFC 9110 §8.6); a number beyond all limits saturates.
    private static func length(_ text: Span<UInt8>) -> Int? {
        guard text.count > 0 else { return nil }
        var value = 0
        for index in text.indices {
            guard ASCII.isDigit(text[index]) else { return nil }
            value = min(value, 1 << 56) &* 10 &+ Int(text[index] &- 0x30)
        }
        return value
    }

    /// Whether the list of options holds `option` (RFC 9110 §7.6.1).
    private static func names(_ text: Span<UInt8>, _ option: StaticString) -> Bool {
        var start = 0
        while start <= text.count {
            let end = text.firstIndex(of: ASCII.comma, from: start) ?? text.count
            if text.extracting(text.trimmed(start..<end)).isEqualIgnoringCase(to: option) {
                return true
            }
            start = end &+ 1
        }
        return false
    }
}
