extension ByteBuffer {
    /// `text` with everything but RFC 3986 §2.3's unreserved characters as `%XX`, upper case.
    package mutating func appendPercentEncoded(_ text: Span<UInt8>) {
        for index in text.indices {
            let byte = text[index]
            if byte.isUnreserved {
                append(byte)
            } else {
                append(ASCII.percent)
                append(upperCaseDigit(byte >> 4))
                append(upperCaseDigit(byte & 0x0F))
            }
        }
    }

    /// The same of a `String`.
    package mutating func appendPercentEncoded(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe appendPercentEncoded($0.span) }
    }

    private func upperCaseDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 &+ nibble : 0x37 &+ nibble
    }
}

extension Span where Element == UInt8 {
    /// How many bytes `ByteBuffer.appendPercentEncoded` makes of these.
    package var percentEncodedCount: Int {
        var sum = count
        for index in indices where !self[index].isUnreserved { sum += 2 }
        return sum
    }
}

extension String {
    /// How many bytes `ByteBuffer.appendPercentEncoded` makes of this.
    package var percentEncodedCount: Int {
        var copy = self
        return copy.withUTF8 { unsafe $0.span.percentEncodedCount }
    }
}

extension UInt8 {
    /// RFC 3986 §2.3: letters, digits, `-`, `.`, `_` and `~`.
    fileprivate var isUnreserved: Bool {
        ASCII.isAlphanumeric(self) || self == 0x2D || self == 0x2E || self == 0x5F || self == 0x7E
    }
}
