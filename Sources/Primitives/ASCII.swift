/// The ASCII characters that protocols are made of, and tests on single bytes.
@usableFromInline
package enum ASCII {
    @inlinable package static var tab: UInt8 { 0x09 }
    @inlinable package static var lineFeed: UInt8 { 0x0A }
    @inlinable package static var carriageReturn: UInt8 { 0x0D }
    @inlinable package static var space: UInt8 { 0x20 }
    @inlinable package static var quote: UInt8 { 0x22 }
    @inlinable package static var percent: UInt8 { 0x25 }
    @inlinable package static var comma: UInt8 { 0x2C }
    @inlinable package static var colon: UInt8 { 0x3A }
    @inlinable package static var semicolon: UInt8 { 0x3B }
    @inlinable package static var less: UInt8 { 0x3C }
    @inlinable package static var equals: UInt8 { 0x3D }
    @inlinable package static var greater: UInt8 { 0x3E }
    @inlinable package static var question: UInt8 { 0x3F }
    @inlinable package static var at: UInt8 { 0x40 }
    @inlinable package static var backslash: UInt8 { 0x5C }

    /// The lower-case letter of an upper-case one; every other octet as it is.
    @inlinable
    package static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    @inlinable
    package static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inlinable
    package static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    @inlinable
    package static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    /// Octets below space, and DEL: never part of a value that we write.
    @inlinable
    package static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

    /// RFC 3261 §25.1 and RFC 9110 §5.6.2: the characters of a `token`.
    @inlinable
    package static func isToken(_ byte: UInt8) -> Bool {
        // RFC 9110's tchar is RFC 3261's token plus `#$&^|`; SIP peers send those too. One bit for each
        // character: the first word holds 0…63, the second one 64…127.
        let set: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && (set &>> UInt64(byte & 63)) & 1 == 1
    }

    /// The value of a hexadecimal digit, or nil.
    @inlinable
    package static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}

extension Span where Element == UInt8 {
    /// The value of a run of decimal digits and nothing else, or nil if it is empty, longer than 19
    /// digits, above `limit` or holds another character.
    ///
    /// It cannot overflow.
    @inlinable
    package func decimal(limit: Int = .max) -> Int? {
        guard count > 0, count <= 19 else { return nil }
        var value: UInt64 = 0
        var index = 0
        while index < count {
            let byte = self[index]
            guard ASCII.isDigit(byte) else { return nil }
            value = value &* 10 &+ UInt64(byte &- 0x30)
            index &+= 1
        }
        return value <= UInt64(clamping: limit) ? Int(clamping: value) : nil
    }
}
