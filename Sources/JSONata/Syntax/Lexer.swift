/// Cuts an expression into tokens, one at a time, because `/` starts a regular expression only where
/// an operand may stand.
struct Lexer {
    let text: [UInt16]
    private(set) var offset = 0

    init(_ expression: String) {
        text = Array(expression.utf16)
    }

    /// The next token.
    ///
    /// `afterOperand` says that `/` divides here.
    mutating func next(afterOperand: Bool) throws(JSONataError) -> Token {
        try skipSpaceAndComments()
        guard let unit = unit(0) else { return Token(kind: .end, text: "(end)", position: offset) }
        if unit == Unit.slash, !afterOperand {
            offset += 1
            return try regex()
        }
        if let length = operatorLength() {
            let symbol = string(offset..<(offset + length))
            offset += length
            guard symbol != "!", symbol != "~" else {
                throw JSONataError(.S0204, position: offset, token: symbol)
            }
            return Token(kind: .operation, text: symbol, position: offset)
        }
        switch unit {
        case Unit.quote, Unit.apostrophe: return try quoted(by: unit)
        case Unit.backquote: return try quotedName()
        case Unit.zero...Unit.nine: return try number()
        default: return name()
        }
    }

    private func unit(_ distance: Int) -> UInt16? {
        let index = offset + distance
        return text.indices.contains(index) ? text[index] : nil
    }

    private func string(_ range: Range<Int>) -> String {
        String(decoding: text[range.clamped(to: 0..<text.count)], as: UTF16.self)
    }

    private mutating func skipSpaceAndComments() throws(JSONataError) {
        while let unit = unit(0) {
            if Unit.isSpace(unit) {
                offset += 1
            } else if unit == Unit.slash, self.unit(1) == Unit.asterisk {
                try skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() throws(JSONataError) {
        let start = offset
        offset += 2
        while unit(0) != Unit.asterisk || unit(1) != Unit.slash {
            guard offset < text.count else { throw JSONataError(.S0106, position: start) }
            offset += 1
        }
        offset += 2
    }

    /// How many code units the operator at `offset` has, or nil if there is none.
    private func operatorLength() -> Int? {
        guard let first = unit(0), let symbol = Unicode.Scalar(first) else { return nil }
        let second = unit(1).flatMap { Unicode.Scalar($0) }
        switch (symbol, second) {
        case (".", "."), (":", "="), ("!", "="), (">", "="), ("<", "="), ("*", "*"), ("~", ">"),
            ("?", ":"), ("?", "?"):
            return 2
        default:
            return Unit.isOperator(symbol) ? 1 : nil
        }
    }

    // MARK: Literals

    private mutating func quoted(by quote: UInt16) throws(JSONataError) -> Token {
        offset += 1
        var units: [UInt16] = []
        while let unit = unit(0) {
            offset += 1
            if unit == quote {
                let value = String(decoding: units, as: UTF16.self)
                return Token(kind: .string, text: value, position: offset)
            }
            units.append(unit == Unit.backslash ? try escape() : unit)
        }
        throw JSONataError(.S0101, position: offset)
    }

    /// The code unit that the escape sequence after a backslash stands for.
    private mutating func escape() throws(JSONataError) -> UInt16 {
        let letter = unit(0) ?? 0
        guard letter != Unit.u else {
            var value: UInt16 = 0
            for distance in 1...4 {
                guard let digit = unit(distance).flatMap(Unit.hexValue) else {
                    throw JSONataError(.S0104, position: offset)
                }
                value = value << 4 | digit
            }
            offset += 5
            return value
        }
        guard let value = Unit.escaped(letter) else {
            throw JSONataError(.S0103, position: offset, token: string(offset..<(offset + 1)))
        }
        offset += 1
        return value
    }

    private mutating func number() throws(JSONataError) -> Token {
        let start = offset
        if unit(0) == Unit.zero {
            offset += 1
        } else {
            skipDigits()
        }
        if unit(0) == Unit.point, unit(1).map(Unit.isDigit) == true {
            offset += 1
            skipDigits()
        }
        let sign = unit(1) == Unit.plus || unit(1) == Unit.minus ? 1 : 0
        if unit(0).map({ $0 | 0x20 }) == Unit.e, unit(1 + sign).map(Unit.isDigit) == true {
            offset += 1 + sign
            skipDigits()
        }
        let digits = string(start..<offset)
        guard let value = Double(digits), value.isFinite else {
            throw JSONataError(.S0102, position: start, token: digits)
        }
        return Token(kind: .number(value), text: digits, position: offset)
    }

    private mutating func skipDigits() {
        while let unit = unit(0), Unit.isDigit(unit) { offset += 1 }
    }

    // MARK: Names

    private mutating func quotedName() throws(JSONataError) -> Token {
        let start = offset + 1
        guard let end = text[start...].firstIndex(of: Unit.backquote) else {
            throw JSONataError(.S0105, position: text.count)
        }
        offset = end + 1
        return Token(kind: .name, text: string(start..<end), position: offset)
    }

    private mutating func name() -> Token {
        let start = offset
        while let unit = unit(0), !Unit.isSpace(unit) {
            if let scalar = Unicode.Scalar(unit), Unit.isOperator(scalar) { break }
            offset += 1
        }
        if text[start] == Unit.dollar {
            return Token(kind: .variable, text: string((start + 1)..<offset), position: offset)
        }
        let name = string(start..<offset)
        let kind: Token.Kind =
            switch name {
            case "and", "or", "in": .operation
            case "true": .word(.true)
            case "false": .word(.false)
            case "null": .word(.null)
            default: .name
            }
        return Token(kind: kind, text: name, position: offset)
    }

    // MARK: Regular expressions

    /// Reads up to the closing slash, which is not escaped and not inside brackets of any kind.
    private mutating func regex() throws(JSONataError) -> Token {
        let start = offset
        var depth = 0
        var isEscaped = false
        while let unit = unit(0) {
            if unit == Unit.slash, depth == 0, !isEscaped { break }
            if !isEscaped {
                if Unit.isOpening(unit) { depth += 1 }
                if Unit.isClosing(unit) { depth -= 1 }
            }
            isEscaped = unit == Unit.backslash && !isEscaped
            offset += 1
        }
        guard offset < text.count else { throw JSONataError(.S0302, position: offset) }
        guard offset > start else { throw JSONataError(.S0301, position: offset) }
        let pattern = string(start..<offset)
        offset += 1
        var isCaseInsensitive = false
        var isMultiline = false
        while let flag = unit(0), flag == Unit.i || flag == Unit.m {
            if flag == Unit.i { isCaseInsensitive = true } else { isMultiline = true }
            offset += 1
        }
        return Token(
            kind: .regex(isCaseInsensitive: isCaseInsensitive, isMultiline: isMultiline),
            text: pattern,
            position: offset
        )
    }
}

/// The UTF-16 code units that the lexer tells apart.
private enum Unit {
    static let quote: UInt16 = 0x22
    static let dollar: UInt16 = 0x24
    static let apostrophe: UInt16 = 0x27
    static let asterisk: UInt16 = 0x2A
    static let plus: UInt16 = 0x2B
    static let minus: UInt16 = 0x2D
    static let point: UInt16 = 0x2E
    static let slash: UInt16 = 0x2F
    static let zero: UInt16 = 0x30
    static let nine: UInt16 = 0x39
    static let backslash: UInt16 = 0x5C
    static let backquote: UInt16 = 0x60
    static let e: UInt16 = 0x65
    static let i: UInt16 = 0x69
    static let m: UInt16 = 0x6D
    static let u: UInt16 = 0x75

    static func isDigit(_ unit: UInt16) -> Bool { unit &- zero < 10 }

    /// Space, tab, line feed, carriage return, vertical tab.
    static func isSpace(_ unit: UInt16) -> Bool {
        unit == 0x20 || unit == 0x09 || unit == 0x0A || unit == 0x0D || unit == 0x0B
    }

    static func isOperator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/",
            "%", "|", "=", "<", ">", "^", "&", "!", "~":
            true
        default: false
        }
    }

    static func isOpening(_ unit: UInt16) -> Bool { unit == 0x28 || unit == 0x5B || unit == 0x7B }
    static func isClosing(_ unit: UInt16) -> Bool { unit == 0x29 || unit == 0x5D || unit == 0x7D }

    static func hexValue(_ unit: UInt16) -> UInt16? {
        if isDigit(unit) { return unit &- zero }
        let letter = (unit | 0x20) &- 0x61
        return letter < 6 && unit < 0x80 ? letter &+ 10 : nil
    }

    /// The escapes of JSON strings (RFC 8259 §7), `\u` aside.
    static func escaped(_ letter: UInt16) -> UInt16? {
        switch letter {
        case quote, backslash, slash: letter
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: nil
        }
    }
}
