/// The ASCII characters that protocols are made of, and tests on single bytes.
package enum ASCII {
    package static let tab: UInt8 = 0x09
    package static let lineFeed: UInt8 = 0x0A
    package static let carriageReturn: UInt8 = 0x0D
    package static let space: UInt8 = 0x20
    package static let quote: UInt8 = 0x22
    package static let percent: UInt8 = 0x25
    package static let comma: UInt8 = 0x2C
    package static let colon: UInt8 = 0x3A
    package static let semicolon: UInt8 = 0x3B
    package static let less: UInt8 = 0x3C
    package static let equals: UInt8 = 0x3D
    package static let greater: UInt8 = 0x3E
    package static let question: UInt8 = 0x3F
    package static let at: UInt8 = 0x40
    package static let backslash: UInt8 = 0x5C

    package static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    package static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    package static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    package static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    /// Octets below space, and DEL: never part of a value that we write.
    package static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

    /// RFC 3261 §25.1 and RFC 9110 §5.6.2: the characters of a `token`.
    package static func isToken(_ byte: UInt8) -> Bool {
        byte < 128 && (tokenSet >> UInt128(byte)) & 1 == 1
    }

    /// The value of a hexadecimal digit, or nil.
    package static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// RFC 9110's tchar is RFC 3261's token plus `#$&^|`; SIP peers send those too.
    private static let tokenSet: UInt128 = {
        var set: UInt128 = 0
        for byte in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~#$&^|"
            .utf8
        {
            set |= 1 << UInt128(byte)
        }
        return set
    }()
}

extension Span where Element == UInt8 {
    /// The value of a run of decimal digits and nothing else, or nil if it is empty, longer than 19
    /// digits, above `limit` or holds another character. It cannot overflow.
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
