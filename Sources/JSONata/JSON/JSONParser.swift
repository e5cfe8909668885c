import Primitives

/// Bounds of a JSON text that comes from outside.
package struct JSONLimits: Sendable {
    /// Octets of the whole text.
    package var byteCountMax: Int
    /// Arrays and objects inside each other; the parser recurses, so this bounds its stack.
    package var depthMax: Int

    package init(byteCountMax: Int = 1 << 20, depthMax: Int = 64) {
        self.byteCountMax = byteCountMax
        self.depthMax = min(depthMax, 250)
    }
}

/// Why a text is not the JSON that we take, and where: octets from its start.
package struct JSONParseError: Error, Equatable, Sendable {
    package var reason: Reason
    package var offset: Int

    package init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package enum Reason: Sendable {
        /// The text is longer than `JSONLimits.byteCountMax`.
        case tooLarge
        /// More nesting than `JSONLimits.depthMax`.
        case tooDeep
        case unexpectedEnd
        case unexpectedCharacter
        /// A number that no double can hold, such as 1e400.
        case numberOutOfRange
        case invalidEscape
        /// A control character inside a string (RFC 8259 §7).
        case controlCharacter
        case invalidUTF8
        /// A value, and then something else than white space.
        case trailingCharacters
    }
}

extension JSONParseError: CustomStringConvertible {
    package var description: String {
        let what =
            switch reason {
            case .tooLarge: "the text is too long"
            case .tooDeep: "arrays and objects are nested too deeply"
            case .unexpectedEnd: "the text ends in the middle of a value"
            case .unexpectedCharacter: "unexpected character"
            case .numberOutOfRange: "the number is out of range"
            case .invalidEscape: "invalid escape sequence in a string"
            case .controlCharacter: "a control character in a string must be escaped"
            case .invalidUTF8: "the text is not UTF-8"
            case .trailingCharacters: "something follows the value"
            }
        return "\(what) at offset \(offset)"
    }
}

extension JSONValue {
    /// Reads one JSON text (RFC 8259), strictly; of members with the same key the last wins.
    ///
    /// A `\u` escape that is half of a surrogate pair becomes U+FFFD, because no UTF-8 holds it.
    package static func parse(
        _ text: Span<UInt8>,
        limits: JSONLimits = JSONLimits()
    )
        throws(JSONParseError) -> JSONValue
    {
        guard text.count <= limits.byteCountMax else {
            throw JSONParseError(reason: .tooLarge, offset: limits.byteCountMax)
        }
        var parser = JSONParser(depthMax: limits.depthMax)
        let value = try parser.value(in: text, depth: 0)
        parser.skipSpace(in: text)
        guard parser.offset == text.count else { throw parser.error(.trailingCharacters) }
        return value
    }

    package static func parse(
        _ text: String,
        limits: JSONLimits = JSONLimits()
    )
        throws(JSONParseError) -> JSONValue
    {
        let bytes = Array(text.utf8)
        return try parse(bytes.span, limits: limits)
    }
}

/// A recursive descent over octets; the recursion is bounded by `depthMax`.
struct JSONParser {
    private(set) var offset = 0
    private let depthMax: Int
    private var scratch: [UInt8] = []

    init(depthMax: Int) {
        self.depthMax = depthMax
    }

    func error(_ reason: JSONParseError.Reason) -> JSONParseError {
        JSONParseError(reason: reason, offset: offset)
    }

    mutating func skipSpace(in text: Span<UInt8>) {
        while offset < text.count {
            switch text[offset] {
            case ASCII.space, ASCII.lineFeed, ASCII.carriageReturn, ASCII.tab: offset &+= 1
            default: return
            }
        }
    }

    mutating func value(in text: Span<UInt8>, depth: Int) throws(JSONParseError) -> JSONValue {
        skipSpace(in: text)
        guard offset < text.count else { throw error(.unexpectedEnd) }
        switch text[offset] {
        case 0x7B: return try object(in: text, depth: depth + 1)
        case 0x5B: return try array(in: text, depth: depth + 1)
        case ASCII.quote: return .string(try string(in: text))
        case 0x74: return try word("true", .bool(true), in: text)
        case 0x66: return try word("false", .bool(false), in: text)
        case 0x6E: return try word("null", .null, in: text)
        default: return .number(try number(in: text))
        }
    }

    private mutating func object(
        in text: Span<UInt8>,
        depth: Int
    ) throws(JSONParseError)
        -> JSONValue
    {
        guard depth <= depthMax else { throw error(.tooDeep) }
        offset += 1
        var object = JSONObject()
        if try next(in: text) == 0x7D {
            offset += 1
            return .object(object)
        }
        while true {
            guard try next(in: text) == ASCII.quote else { throw error(.unexpectedCharacter) }
            let key = try string(in: text)
            guard try next(in: text) == ASCII.colon else { throw error(.unexpectedCharacter) }
            offset += 1
            object.set(try value(in: text, depth: depth), forKey: key)
            if try isClosed(by: 0x7D, in: text) { return .object(object) }
        }
    }

    private mutating func array(
        in text: Span<UInt8>,
        depth: Int
    ) throws(JSONParseError)
        -> JSONValue
    {
        guard depth <= depthMax else { throw error(.tooDeep) }
        offset += 1
        var array = JSONArray()
        if try next(in: text) == 0x5D {
            offset += 1
            return .array(array)
        }
        while true {
            array.append(try value(in: text, depth: depth))
            if try isClosed(by: 0x5D, in: text) { return .array(array) }
        }
    }

    /// The next octet that is not white space; `offset` is left on it.
    private mutating func next(in text: Span<UInt8>) throws(JSONParseError) -> UInt8 {
        skipSpace(in: text)
        guard offset < text.count else { throw error(.unexpectedEnd) }
        return text[offset]
    }

    /// Consumes a comma (false) or the closing bracket (true).
    private mutating func isClosed(
        by bracket: UInt8,
        in text: Span<UInt8>
    )
        throws(JSONParseError) -> Bool
    {
        let byte = try next(in: text)
        guard byte == bracket || byte == ASCII.comma else { throw error(.unexpectedCharacter) }
        offset += 1
        return byte == bracket
    }

    private mutating func word(
        _ word: StaticString,
        _ value: JSONValue,
        in text: Span<UInt8>
    )
        throws(JSONParseError) -> JSONValue
    {
        for position in 0..<word.utf8CodeUnitCount {
            guard offset < text.count else { throw error(.unexpectedEnd) }
            let expected = word.withUTF8Buffer { unsafe $0[position] }
            guard text[offset] == expected else { throw error(.unexpectedCharacter) }
            offset += 1
        }
        return value
    }

    // MARK: Numbers

    private mutating func number(in text: Span<UInt8>) throws(JSONParseError) -> Double {
        let start = offset
        if text[offset] == 0x2D { offset += 1 }
        guard offset < text.count else { throw error(.unexpectedEnd) }
        if text[offset] == 0x30 {
            offset += 1
        } else {
            try digits(in: text)
        }
        var isPlain = true
        if offset < text.count, text[offset] == 0x2E {
            isPlain = false
            offset += 1
            try digits(in: text)
        }
        if offset < text.count, text[offset] | 0x20 == 0x65 {
            isPlain = false
            offset += 1
            if offset < text.count, text[offset] == 0x2B || text[offset] == 0x2D { offset += 1 }
            try digits(in: text)
        }
        if isPlain, offset - start <= 15 {
            return NumberText.integer(text.extracting(start..<offset))
        }
        let literal = text.text(ByteSlice(start..<offset))
        guard let value = Double(literal), value.isFinite else {
            offset = start
            throw error(.numberOutOfRange)
        }
        return value
    }

    private mutating func digits(in text: Span<UInt8>) throws(JSONParseError) {
        guard offset < text.count else { throw error(.unexpectedEnd) }
        guard ASCII.isDigit(text[offset]) else { throw error(.unexpectedCharacter) }
        while offset < text.count, ASCII.isDigit(text[offset]) { offset &+= 1 }
    }

    // MARK: Strings

    private mutating func string(in text: Span<UInt8>) throws(JSONParseError) -> String {
        offset += 1
        var start = offset
        scratch.removeAll(keepingCapacity: true)
        while offset < text.count {
            let byte = text[offset]
            if byte == ASCII.quote {
                let tail = text.extracting(start..<offset)
                let value =
                    scratch.isEmpty ? try validated(tail) : try validated(afterEscapes: tail)
                offset += 1
                return value
            }
            if byte == ASCII.backslash {
                append(text.extracting(start..<offset))
                try escape(in: text)
                start = offset
                continue
            }
            guard byte >= 0x20 else { throw error(.controlCharacter) }
            offset &+= 1
        }
        throw error(.unexpectedEnd)
    }

    private mutating func append(_ span: Span<UInt8>) {
        for index in span.indices { scratch.append(span[index]) }
    }

    private mutating func validated(
        afterEscapes tail: Span<UInt8>
    ) throws(JSONParseError)
        -> String
    {
        append(tail)
        let whole = scratch
        return try validated(whole.span)
    }

    private func validated(_ span: Span<UInt8>) throws(JSONParseError) -> String {
        guard let text = try? UTF8Span(validating: span) else { throw error(.invalidUTF8) }
        return String(copying: text)
    }

    private mutating func escape(in text: Span<UInt8>) throws(JSONParseError) {
        guard offset + 1 < text.count else { throw error(.unexpectedEnd) }
        let letter = text[offset + 1]
        if letter == 0x75 { return try unicodeEscape(in: text) }
        let byte: UInt8? =
            switch letter {
            case ASCII.quote, ASCII.backslash, 0x2F: letter
            case 0x62: 0x08
            case 0x66: 0x0C
            case 0x6E: ASCII.lineFeed
            case 0x72: ASCII.carriageReturn
            case 0x74: ASCII.tab
            default: nil
            }
        guard let byte else { throw error(.invalidEscape) }
        scratch.append(byte)
        offset += 2
    }

    private mutating func unicodeEscape(in text: Span<UInt8>) throws(JSONParseError) {
        var scalar = try codeUnit(in: text)
        if scalar & 0xFC00 == 0xD800, offset + 1 < text.count, text[offset] == ASCII.backslash,
            text[offset + 1] == 0x75
        {
            let beforeLow = offset
            let low = try codeUnit(in: text)
            if low & 0xFC00 == 0xDC00 {
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
            } else {
                offset = beforeLow
            }
        }
        scratch.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
    }

    /// Reads `\uXXXX` at `offset`.
    private mutating func codeUnit(in text: Span<UInt8>) throws(JSONParseError) -> UInt32 {
        guard offset + 6 <= text.count else { throw error(.unexpectedEnd) }
        var unit: UInt32 = 0
        for position in 2..<6 {
            guard let nibble = ASCII.hexValue(text[offset + position]) else {
                throw error(.invalidEscape)
            }
            unit = unit << 4 | UInt32(nibble)
        }
        offset += 6
        return unit
    }
}
