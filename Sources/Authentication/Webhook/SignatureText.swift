import Primitives

/// The Base64 of a signature, read into room that the caller has: 20 octets in 28 characters, or 32 in 44.
enum SignatureText {
    /// The number of octets that `text` encodes, or 0 unless it is exactly what an encoder writes
    /// (RFC 4648 §4, with padding) for 20 or 32 octets.
    static func decode(_ text: Span<UInt8>, into digest: inout InlineArray<32, UInt8>) -> Int {
        guard text.count == 28 || text.count == 44 else { return 0 }
        guard text[text.count &- 1] == ASCII.equals else { return 0 }
        var word: UInt32 = 0
        var bits: UInt32 = 0
        var written = 0
        var wrong: UInt32 = 0
        for index in 0..<(text.count &- 1) {
            let value = value(of: text[index])
            wrong |= value
            word = word << 6 | value & 0x3F
            bits &+= 6
            guard bits >= 8 else { continue }
            bits &-= 8
            digest[written] = UInt8(truncatingIfNeeded: word >> bits)
            written &+= 1
        }
        // The bits that are left over must be zero, so that each signature has one spelling.
        let rest = word & ((1 << bits) &- 1)
        return wrong < 64 && rest == 0 ? written : 0
    }

    /// The six bits that a character stands for, or 64.
    ///
    /// Without branches, so that the time of a refusal says nothing of the characters.
    private static func value(of character: UInt8) -> UInt32 {
        let code = UInt32(character)
        let upper = mask(code &- 0x41 < 26)
        let lower = mask(code &- 0x61 < 26)
        let digit = mask(code &- 0x30 < 10)
        let plus = mask(code == 0x2B)
        let slash = mask(code == 0x2F)
        let value =
            upper & (code &- 0x41) | lower & (code &- 0x61 &+ 26) | digit & (code &+ 4)
            | plus & 62 | slash & 63
        return value | ~(upper | lower | digit | plus | slash) & 64
    }

    private static func mask(_ condition: Bool) -> UInt32 {
        0 &- (condition ? 1 : 0)
    }
}
