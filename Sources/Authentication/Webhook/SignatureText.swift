import Primitives

/// The Base64 of a signature, read into room that the caller has: 20 octets in 28 characters, or 32 in 44.
enum SignatureText {
    /// The number of octets that `text` encodes, or 0 unless it is exactly what an encoder writes
    /// (RFC 4648 §4, with padding) for 20 or 32 octets.
    static func decode(_ text: Span<UInt8>, into digest: inout InlineArray<32, UInt8>) -> Int {
        guard text.count == 28 || text.count == 44 else { return 0 }
        guard text[text.count &- 1] == ASCII.equals else { return 0 }
        var word: UInt32 = 0
        var bits = 0
        var written = 0
        for index in 0..<(text.count &- 1) {
            guard let value = value(of: text[index]) else { return 0 }
            word = word << 6 | value
            bits &+= 6
            guard bits >= 8 else { continue }
            bits &-= 8
            digest[written] = UInt8(truncatingIfNeeded: word >> UInt32(bits))
            written &+= 1
        }
        // The bits that are left over must be zero, so that each signature has one spelling.
        return word & ((1 << UInt32(bits)) &- 1) == 0 ? written : 0
    }

    /// The signature as a header shows it; for people, not for the call path.
    static func encode(_ digest: InlineArray<32, UInt8>, count: Int) -> String {
        let octets = digest.span.extracting(0..<count)
        return String(decoding: Base64.encode(octets), as: UTF8.self)
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
