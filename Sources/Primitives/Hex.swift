/// Base 16, lower case, as digests are printed.
@usableFromInline
package enum Hex {
    /// The lower-case digit of 0 to 15.
    @inlinable
    package static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 &+ nibble : 0x57 &+ nibble
    }

    /// `value` as 16 digits.
    package static func text(_ value: UInt64) -> String {
        unsafe String(unsafeUninitializedCapacity: 16) { room in
            for place in 0..<16 {
                let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - place * 4)) & 0x0F
                unsafe room[place] = digit(nibble)
            }
            return 16
        }
    }

    /// Two lower-case digits for each octet.
    package static func encode(_ bytes: Span<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for index in bytes.indices {
            out.append(digit(bytes[index] >> 4))
            out.append(digit(bytes[index] & 0x0F))
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes that `text` spells in either case, or nil if it is of odd length or holds anything else.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 2)
        var index = 0
        while index < text.count {
            guard let high = ASCII.hexValue(text[index]), let low = ASCII.hexValue(text[index + 1])
            else { return nil }
            out.append(high << 4 | low)
            index += 2
        }
        return out
    }
}
