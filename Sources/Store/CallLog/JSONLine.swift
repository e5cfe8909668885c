import Primitives

/// The members of one JSON object (RFC 8259) on a line; nested values stay text.
///
/// Nil for anything that is no object, nested deeper than 64, or goes on after its end.
struct JSONLine {
    private(set) var members: [(key: String, value: Value)] = []
    private let bytes: [UInt8]
    private var index = 0

    enum Value: Hashable {
        case null
        case bool(Bool)
        case integer(Int64)
        case string(String)
        /// A list, an object, or a number that is not whole, as it was written.
        case other(String)
    }

    init?(_ line: [UInt8]) {
        bytes = line
        guard readObject() else { return nil }
    }

    private mutating func readObject() -> Bool {
        skipBlanks()
        guard take(0x7B) else { return false }
        skipBlanks()
        if take(0x7D) { return isAtEnd() }
        while members.count < 256 {
            skipBlanks()
            guard let key = string() else { return false }
            skipBlanks()
            guard take(0x3A) else { return false }
            skipBlanks()
            guard let value = value() else { return false }
            members.append((key, value))
            skipBlanks()
            if take(0x7D) { return isAtEnd() }
            guard take(0x2C) else { return false }
        }
        return false
    }

    private mutating func value() -> Value? {
        switch peek() {
        case ASCII.quote: return string().map { .string($0) }
        case 0x7B, 0x5B: return nested()
        case 0x74: return word("true").map { .bool(true) }
        case 0x66: return word("false").map { .bool(false) }
        case 0x6E: return word("null").map { .null }
        default: return number()
        }
    }

    private mutating func word(_ word: String) -> Void? {
        for byte in word.utf8 {
            guard take(byte) else { return nil }
        }
        return ()
    }

    private mutating func number() -> Value? {
        let start = index
        while ASCII.isAlphanumeric(peek()) || [0x2B, 0x2D, 0x2E].contains(peek()) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if let whole = Int64(text) { return .integer(whole) }
        guard !text.contains(where: { "xXpPnN".contains($0) }), Double(text) != nil else {
            return nil
        }
        return .other(text)
    }

    /// A list or object as text; only its brackets and strings are looked at.
    private mutating func nested() -> Value? {
        let start = index
        var open: [UInt8] = []
        repeat {
            switch peek() {
            case 0x7B, 0x5B:
                guard open.count < 64 else { return nil }
                open.append(peek() + 2)
                index += 1
            case 0x7D, 0x5D:
                guard open.popLast() == peek() else { return nil }
                index += 1
            case ASCII.quote:
                guard string() != nil else { return nil }
            case 0..<ASCII.space: return nil
            default: index += 1
            }
        } while !open.isEmpty && index < bytes.count
        guard open.isEmpty else { return nil }
        return .other(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func string() -> String? {
        guard take(ASCII.quote) else { return nil }
        let start = index
        while index < bytes.count, peek() >= 0x20, peek() != ASCII.quote, peek() != ASCII.backslash
        {
            index += 1
        }
        if take(ASCII.quote) { return String(decoding: bytes[start..<(index - 1)], as: UTF8.self) }
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = peek()
            index += 1
            switch byte {
            case ASCII.quote: return String(decoding: text, as: UTF8.self)
            case ASCII.backslash:
                guard escape(into: &text) else { return nil }
            case 0..<ASCII.space: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(into text: inout [UInt8]) -> Bool {
        let letter = peek()
        index += 1
        switch letter {
        case 0x22, 0x5C, 0x2F: text.append(letter)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75:
            guard let scalar = unicodeEscape(), let bytes = UTF8.encode(scalar) else {
                return false
            }
            text.append(contentsOf: bytes)
        default: return false
        }
        return true
    }

    /// `XXXX` after `\u`, with its second half for characters above U+FFFF.
    private mutating func unicodeEscape() -> Unicode.Scalar? {
        guard let first = fourDigits() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard take(ASCII.backslash), take(0x75), let second = fourDigits(),
            (0xDC00..<0xE000).contains(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func fourDigits() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = ASCII.hexValue(peek()) else { return nil }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    private func peek() -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte, index < bytes.count else { return false }
        index += 1
        return true
    }

    private mutating func skipBlanks() {
        while [0x20, 0x09, 0x0D].contains(peek()) { index += 1 }
    }

    private mutating func isAtEnd() -> Bool {
        skipBlanks()
        return index == bytes.count
    }
}
