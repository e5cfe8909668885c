import Primitives

extension JSON5Parser {
    /// Text in double or single quotes (JSON5 §5), with the escapes of ECMAScript.
    mutating func string() throws(JSON5SyntaxError) -> String {
        let start = index
        let quote = peek()
        index += 1
        var text: [UInt8] = []
        while index < bytes.count {
            let byte = peek()
            switch byte {
            case quote:
                index += 1
                return String(decoding: text, as: UTF8.self)
            case ASCII.backslash:
                try escape(into: &text)
            case ASCII.lineFeed, ASCII.carriageReturn:
                let mark = quote == 0x22 ? "\"" : "'"
                throw error(at: start, "this text has no \(mark) before the end of its line")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw error(at: start, "this text is not closed; write its second quote")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSON5SyntaxError) {
        let start = index
        let letter = peek(1)
        index += 2
        switch letter {
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x76: text.append(0x0B)
        case 0x22, 0x27, 0x5C, 0x2F: text.append(letter)
        case 0x30 where !ASCII.isDigit(peek()): text.append(0)
        case 0x78: append(try hexadecimal(digits: 2, from: start), to: &text)
        case 0x75: append(try unicodeEscape(from: start), to: &text)
        case ASCII.lineFeed: break
        case ASCII.carriageReturn:
            // A backslash before a line end continues the text on the next line, without the line end.
            if peek() == ASCII.lineFeed { index += 1 }
        default:
            throw error(at: start, "there is no such escape; write \\\\ for a backslash")
        }
    }

    /// `\uXXXX`, or two of them for a character above U+FFFF.
    private mutating func unicodeEscape(from start: Int) throws(JSON5SyntaxError) -> UInt32 {
        let first = try hexadecimal(digits: 4, from: start)
        guard (0xD800...0xDFFF).contains(first) else { return first }
        guard first < 0xDC00, peek() == ASCII.backslash, peek(1) == 0x75 else {
            throw error(at: start, "half a surrogate pair; write the character itself")
        }
        index += 2
        let second = try hexadecimal(digits: 4, from: start)
        guard (0xDC00...0xDFFF).contains(second) else {
            throw error(at: start, "half a surrogate pair; write the character itself")
        }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func hexadecimal(
        digits: Int,
        from start: Int
    ) throws(JSON5SyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = ASCII.hexValue(peek()) else {
                throw error(at: start, "this escape needs \(digits) hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    private func append(_ scalar: UInt32, to text: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(scalar) else { return }
        text += UTF8.encode(scalar).map(Array.init) ?? []
    }

    /// A number (JSON5 §6): decimal or hexadecimal, whole ones exactly.
    mutating func number() throws(JSON5SyntaxError) -> JSON5Value.Kind {
        let start = index
        while isNumberPart(peek(), after: index > start ? bytes[index - 1] : 0) { index += 1 }
        let written = String(decoding: bytes[start..<index], as: UTF8.self)
        var digits = bytes[start..<index]
        let isNegative = digits.first == 0x2D
        if isNegative || digits.first == 0x2B { digits = digits.dropFirst() }
        if ["Infinity", "NaN"].contains(String(decoding: digits, as: UTF8.self)) {
            throw error(at: start, "infinity cannot be used here; write a number")
        }
        if digits.first == 0x30, digits.count > 1, let next = digits.dropFirst().first {
            if next | 0x20 == 0x78 {
                return .integer(try hexadecimalNumber(digits, isNegative, written, from: start))
            }
            if ASCII.isDigit(next) {
                throw error(at: start, "a number has no leading zero; a text stands in quotes")
            }
        }
        return try decimalNumber(digits, isNegative, written, from: start)
    }

    private func isNumberPart(_ byte: UInt8, after previous: UInt8) -> Bool {
        if ASCII.isAlphanumeric(byte) || byte == 0x2E || byte == 0x5F { return true }
        guard byte == 0x2B || byte == 0x2D else { return false }
        return previous == 0 || previous | 0x20 == 0x65
    }

    private mutating func hexadecimalNumber(
        _ digits: ArraySlice<UInt8>,
        _ isNegative: Bool,
        _ written: String,
        from start: Int
    ) throws(JSON5SyntaxError) -> Int {
        let text = String(decoding: digits.dropFirst(2), as: UTF8.self)
        guard digits.dropFirst(2).allSatisfy({ ASCII.hexValue($0) != nil }),
            let magnitude = Int(text, radix: 16)
        else {
            let name = Self.echo(written)
            throw error(at: start, "\(name) is no hexadecimal number of at most 63 bits")
        }
        return isNegative ? -magnitude : magnitude
    }

    private mutating func decimalNumber(
        _ digits: ArraySlice<UInt8>,
        _ isNegative: Bool,
        _ written: String,
        from start: Int
    ) throws(JSON5SyntaxError) -> JSON5Value.Kind {
        let sign = isNegative ? "-" : ""
        let text = String(decoding: digits, as: UTF8.self)
        if digits.allSatisfy(ASCII.isDigit), let whole = Int(sign + text) { return .integer(whole) }
        guard Self.isDecimal(digits), let value = Double(sign + text), value.isFinite else {
            let name = Self.echo(written)
            throw error(at: start, "\(name) is no number; text stands in quotes")
        }
        return .number(value)
    }

    /// Digits with at most one point and at least one digit, then perhaps an exponent.
    private static func isDecimal(_ text: ArraySlice<UInt8>) -> Bool {
        let exponentAt = text.firstIndex { $0 | 0x20 == 0x65 } ?? text.endIndex
        let mantissa = text[..<exponentAt]
        let points = mantissa.count { $0 == 0x2E }
        let hasDigit = mantissa.contains(where: ASCII.isDigit)
        guard points <= 1, hasDigit, mantissa.allSatisfy({ ASCII.isDigit($0) || $0 == 0x2E }) else {
            return false
        }
        guard exponentAt < text.endIndex else { return true }
        var exponent = text[(exponentAt + 1)...]
        if exponent.first == 0x2B || exponent.first == 0x2D { exponent = exponent.dropFirst() }
        return !exponent.isEmpty && exponent.allSatisfy(ASCII.isDigit)
    }
}
