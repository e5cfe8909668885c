extension ByteBuffer {
    /// `text` with everything but RFC 3986 §2.3's unreserved characters as `%XX`, upper case.
    package mutating func appendPercentEncoded(_ text: Span<UInt8>) {
        for index in text.indices {
            let byte = text[index]
            if ASCII.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
                || byte == 0x7E
            {
                append(byte)
            } else {
                append(ASCII.percent)
                append(upperCaseDigit(byte >> 4))
                append(upperCaseDigit(byte & 0x0F))
            }
        }
    }

    private func upperCaseDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 &+ nibble : 0x37 &+ nibble
    }
}
