/// Percent-encoding (RFC 3986 §2.1).
extension ByteBuffer {
    /// `text` with everything but the unreserved characters and those of `kept` as `%XX`, upper case.
    package mutating func appendPercentEncoded(_ text: Span<UInt8>, keeping kept: ASCIISet = "") {
        let plain = ASCIISet.unreserved.union(kept)
        for index in text.indices {
            let byte = text[index]
            if plain.contains(byte) {
                append(byte)
            } else {
                append(ASCII.percent)
                append(upperCaseDigit(byte >> 4))
                append(upperCaseDigit(byte & 0x0F))
            }
        }
    }

    /// The same of a `String`.
    package mutating func appendPercentEncoded(_ text: String, keeping kept: ASCIISet = "") {
        var copy = text
        copy.withUTF8 { unsafe appendPercentEncoded($0.span, keeping: kept) }
    }

    /// `text` decoded, without the escapes of `kept`, which stay; a `+` stays a plus, as everywhere
    /// outside of forms.
    ///
    /// - Returns: False, with the buffer as it was, when a `%` is not followed by two hexadecimal digits.
    package mutating func appendPercentDecoded(
        _ text: Span<UInt8>,
        keeping kept: ASCIISet = ""
    ) -> Bool {
        let before = count
        var index = 0
        while index < text.count {
            guard text[index] == ASCII.percent else {
                append(text[index])
                index &+= 1
                continue
            }
            guard let byte = text.percentDecoded(at: index) else {
                truncate(to: before)
                return false
            }
            if kept.contains(byte) {
                append(text.extracting(index..<(index &+ 3)))
            } else {
                append(byte)
            }
            index &+= 3
        }
        return true
    }

    private func upperCaseDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 &+ nibble : 0x37 &+ nibble
    }
}

extension Span where Element == UInt8 {
    /// How many bytes `ByteBuffer.appendPercentEncoded` makes of these.
    package var percentEncodedCount: Int {
        var sum = count
        for index in indices where !ASCIISet.unreserved.contains(self[index]) { sum += 2 }
        return sum
    }

    /// The octet that `%XX` at `index` stands for, or nil when that is no escape.
    @inlinable
    package func percentDecoded(at index: Int) -> UInt8? {
        guard index &+ 2 < count, self[index] == ASCII.percent,
            let high = ASCII.hexValue(self[index &+ 1]), let low = ASCII.hexValue(self[index &+ 2])
        else { return nil }
        return high << 4 | low
    }
}

extension String {
    /// How many bytes `ByteBuffer.appendPercentEncoded` makes of this.
    package var percentEncodedCount: Int {
        var copy = self
        return copy.withUTF8 { unsafe $0.span.percentEncodedCount }
    }

    /// This with everything but the unreserved characters and those of `kept` as `%XX`, upper case.
    package func percentEncoded(keeping kept: ASCIISet = "") -> String {
        var out = ByteBuffer()
        out.appendPercentEncoded(self, keeping: kept)
        return out.text
    }
}
