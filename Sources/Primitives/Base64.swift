/// Base64 with the standard alphabet and padding (RFC 4648 §4).
package enum Base64 {
    /// Base64 with padding (RFC 4648 §4).
    package static func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let first = UInt32(bytes[index])
            let second = left > 1 ? UInt32(bytes[index + 1]) : 0
            let third = left > 2 ? UInt32(bytes[index + 2]) : 0
            let word = first << 16 | second << 8 | third
            out.append(character(word >> 18))
            out.append(character(word >> 12))
            out.append(left > 1 ? character(word >> 6) : ASCII.equals)
            out.append(left > 2 ? character(word) : ASCII.equals)
            index += 3
        }
        return out
    }

    /// The bytes that `text` encodes, or nil unless it is exactly what `encode` would have written.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        var index = 0
        while index < text.count {
            let padding =
                text[index + 3] != ASCII.equals ? 0 : text[index + 2] != ASCII.equals ? 1 : 2
            guard padding == 0 || index + 4 == text.count else { return nil }
            var word: UInt32 = 0
            for offset in 0..<4 {
                let isPadding = offset >= 4 - padding
                guard let value = isPadding ? 0 : value(of: text[index + offset]) else {
                    return nil
                }
                word = word << 6 | value
            }
            // The bits that the padding leaves over must be zero: one encoding for each value.
            if padding == 1, word & 0xFF != 0 { return nil }
            if padding == 2, word & 0xFFFF != 0 { return nil }
            out.append(UInt8(truncatingIfNeeded: word >> 16))
            if padding < 2 { out.append(UInt8(truncatingIfNeeded: word >> 8)) }
            if padding < 1 { out.append(UInt8(truncatingIfNeeded: word)) }
            index += 4
        }
        return out
    }

    private static func character(_ word: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: word & 0x3F)
        switch value {
        case 0..<26: return 0x41 &+ value
        case 26..<52: return 0x61 &+ (value &- 26)
        case 52..<62: return 0x30 &+ (value &- 52)
        case 62: return 0x2B
        default: return 0x2F
        }
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case 0x41...0x5A: UInt32(character &- 0x41)
        case 0x61...0x7A: UInt32(character &- 0x61 &+ 26)
        case 0x30...0x39: UInt32(character &- 0x30 &+ 52)
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
