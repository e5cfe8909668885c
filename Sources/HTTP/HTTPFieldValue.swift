import Primitives

/// Values of fields that requests and answers share.
extension Span where Element == UInt8 {
    /// The value of Content-Length: digits and nothing else (RFC 9110 §8.6), or nil.
    ///
    /// A number beyond all limits saturates, so that it is refused as too large and not as malformed.
    var contentLength: Int? {
        guard count > 0 else { return nil }
        var value = 0
        for index in indices {
            guard ASCII.isDigit(self[index]) else { return nil }
            value = Swift.min(value, 1 << 56) &* 10 &+ Int(self[index] &- 0x30)
        }
        return value
    }

    /// Whether a list holds `option`, without regard to case (Connection, RFC 9110 §7.6.1).
    func lists(_ option: StaticString) -> Bool {
        var start = 0
        while start <= count {
            let end = firstIndex(of: ASCII.comma, from: start) ?? count
            if extracting(trimmingBlanks(start..<end)).isEqualIgnoringCase(to: option) {
                return true
            }
            start = end &+ 1
        }
        return false
    }
}
