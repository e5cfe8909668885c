import Primitives

/// The grammar of JSON5: values, lists, objects, keys and what may stand between them.
///
/// Recursion is bounded by `Limits.depth`; every byte is looked at a bounded number of times.
struct JSON5Parser {
    let bytes: [UInt8]
    var index = 0
    private let limits: JSON5Document.Limits
    /// The last place whose line and column were worked out; the next is counted from here.
    private var known = (offset: 0, position: SourcePosition.start)

    init(_ bytes: [UInt8], limits: JSON5Document.Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSON5SyntaxError) -> JSON5Value {
        guard bytes.count <= limits.bytes else {
            throw error(
                at: 0,
                "the file has \(bytes.count) bytes; at most \(limits.bytes) are read"
            )
        }
        try checkEncoding()
        try skipBlanks()
        guard index < bytes.count else {
            throw error(at: index, "the file holds no value; write an object: { … }")
        }
        let root = try value(depth: 0)
        try skipBlanks()
        guard index == bytes.count else {
            throw error(
                at: index,
                "the document has ended before this; remove it, or a { is missing"
            )
        }
        return root
    }

    private mutating func value(depth: Int) throws(JSON5SyntaxError) -> JSON5Value {
        guard depth < limits.depth else {
            throw error(at: index, "values are nested deeper than \(limits.depth); flatten them")
        }
        let start = position(at: index)
        switch peek() {
        case 0x7B: return JSON5Value(kind: .object(try members(depth: depth)), position: start)
        case 0x5B: return JSON5Value(kind: .array(try elements(depth: depth)), position: start)
        case 0x22, 0x27: return JSON5Value(kind: .string(try string()), position: start)
        case 0x30...0x39, 0x2B, 0x2D, 0x2E: return JSON5Value(kind: try number(), position: start)
        default: return JSON5Value(kind: try word(), position: start)
        }
    }

    private mutating func elements(depth: Int) throws(JSON5SyntaxError) -> [JSON5Value] {
        let opening = index
        index += 1
        var elements: [JSON5Value] = []
        while true {
            try skipBlanks()
            if try closes(with: 0x5D, opening: opening) { return elements }
            elements.append(try value(depth: depth + 1))
            try skipBlanks()
            if peek() == 0x2C {
                index += 1
            } else if index < bytes.count, peek() != 0x5D, peek() != 0x7D {
                throw error(at: index, "a comma is missing before this; write , between two values")
            }
        }
    }

    private mutating func members(depth: Int) throws(JSON5SyntaxError) -> [JSON5Member] {
        let opening = index
        index += 1
        var members: [JSON5Member] = []
        var seen: Set<String> = []
        while true {
            try skipBlanks()
            if try closes(with: 0x7D, opening: opening) { return members }
            let keyStart = index
            let keyPosition = position(at: keyStart)
            let key = try key()
            if let first = duplicate(of: key, among: members, seen: &seen) {
                let name = Wording.quoted(key)
                let line = first.keyPosition.line
                throw error(
                    at: keyStart,
                    "\(name) stands in line \(line) already; keep one of them"
                )
            }
            try skipBlanks()
            guard peek() != ASCII.equals else {
                throw error(at: index, "write : instead of = between a key and its value")
            }
            guard peek() == 0x3A else {
                throw error(
                    at: index,
                    "write : between the key \(Wording.quoted(key)) and its value"
                )
            }
            index += 1
            try skipBlanks()
            let value = try value(depth: depth + 1)
            members.append(JSON5Member(key: key, keyPosition: keyPosition, value: value))
            try skipBlanks()
            if peek() == 0x2C {
                index += 1
            } else if index < bytes.count, peek() != 0x5D, peek() != 0x7D {
                throw error(at: index, "a comma is missing before this; write , between two keys")
            }
        }
    }

    /// The member that has this key already; small objects are looked through, large ones hashed.
    private func duplicate(
        of key: String,
        among members: [JSON5Member],
        seen: inout Set<String>
    ) -> JSON5Member? {
        guard members.count >= JSON5Object.fewMembers else {
            return members.first { $0.key == key }
        }
        if seen.isEmpty { seen = Set(members.map(\.key)) }
        guard !seen.insert(key).inserted else { return nil }
        return members.first { $0.key == key }
    }

    /// Takes the closing bracket if it is next; the wrong one, or the end of the file, is an error.
    private mutating func closes(
        with closing: UInt8,
        opening: Int
    ) throws(JSON5SyntaxError) -> Bool {
        let opener = closing == 0x5D ? "[" : "{"
        let closer = closing == 0x5D ? "]" : "}"
        guard index < bytes.count else {
            let line = line(at: opening)
            throw error(at: index, "the \(opener) of line \(line) is not closed; write \(closer)")
        }
        if peek() == closing {
            index += 1
            return true
        }
        if peek() == 0x5D || peek() == 0x7D {
            let line = line(at: opening)
            throw error(
                at: index,
                "this does not close the \(opener) of line \(line); write \(closer)"
            )
        }
        return false
    }

    private mutating func key() throws(JSON5SyntaxError) -> String {
        if peek() == 0x22 || peek() == 0x27 { return try string() }
        let start = index
        guard Self.isNameStart(peek()) else {
            throw error(at: index, Self.stray(peek()) ?? "write a key here, such as name: \"Acme\"")
        }
        while isAtName { index += 1 }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        if peek() == 0x2D || peek() == 0x2E || peek() == ASCII.backslash {
            throw error(at: start, "a key with such characters stands in quotes: \"\(name)…\"")
        }
        if peek() == ASCII.equals {
            throw error(at: index, "write : instead of = between a key and its value")
        }
        return name
    }

    /// `true`, `false`, `null`, and a good word for whoever wrote something else.
    private mutating func word() throws(JSON5SyntaxError) -> JSON5Value.Kind {
        let start = index
        while isAtName || peek() == 0x2D { index += 1 }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "Infinity", "NaN", "undefined":
            throw error(
                at: start,
                "\(word) cannot be used here; write a number, or leave the key out"
            )
        case "":
            guard start < bytes.count else {
                throw error(at: start, "the file ends where a value is missing")
            }
            throw error(at: start, Self.stray(peek()) ?? "write a value here")
        default:
            let name = Self.echo(word)
            let hint = ["true", "false", "null"].first { $0 == word.lowercased() }
            throw error(at: start, "\(name) is no value; write \(hint ?? "text in quotes")")
        }
    }

    // MARK: - Between the values

    /// Skips blanks and comments: `//` to the end of the line, `/*` to `*/`.
    mutating func skipBlanks() throws(JSON5SyntaxError) {
        while index < bytes.count {
            let blank = blankLength(at: index)
            if blank > 0 {
                index += blank
            } else if peek() == 0x2F, peek(1) == 0x2F {
                while index < bytes.count, peek() != ASCII.lineFeed, peek() != ASCII.carriageReturn
                {
                    index += 1
                }
            } else if peek() == 0x2F, peek(1) == 0x2A {
                try skipBlockComment()
            } else {
                return
            }
        }
    }

    private mutating func skipBlockComment() throws(JSON5SyntaxError) {
        let start = index
        index += 2
        while index < bytes.count {
            if peek() == 0x2A, peek(1) == 0x2F {
                index += 2
                return
            }
            index += 1
        }
        throw error(at: start, "this comment is not closed; write */ at its end")
    }

    /// The length of the blank at `index`: ASCII blanks, and the Unicode ones that JSON5 §8 lists.
    private func blankLength(at index: Int) -> Int {
        switch bytes[index] {
        case 0x09...0x0D, 0x20: return 1
        case 0xC2: return peek(1) == 0xA0 ? 2 : 0
        case 0xE1: return peek(1) == 0x9A && peek(2) == 0x80 ? 3 : 0
        case 0xE2:
            let isSpace = peek(1) == 0x80 && (0x80...0x8A).contains(peek(2))
            let isSeparator = peek(1) == 0x80 && [0xA8, 0xA9, 0xAF].contains(peek(2))
            return isSpace || isSeparator || (peek(1) == 0x81 && peek(2) == 0x9F) ? 3 : 0
        case 0xE3: return peek(1) == 0x80 && peek(2) == 0x80 ? 3 : 0
        case 0xEF: return peek(1) == 0xBB && peek(2) == 0xBF ? 3 : 0
        default: return 0
        }
    }

    // MARK: - Bytes and places

    /// The byte `ahead` of here; 0 past the end, which no valid file holds outside of a text.
    func peek(_ ahead: Int = 0) -> UInt8 {
        index + ahead < bytes.count ? bytes[index + ahead] : 0
    }

    mutating func error(at offset: Int, _ message: String) -> JSON5SyntaxError {
        JSON5SyntaxError(position: position(at: offset), message: message)
    }

    private mutating func line(at offset: Int) -> UInt32 { position(at: offset).line }

    /// The line and column of a byte; places are asked for in rising order, so the whole is linear.
    private mutating func position(at offset: Int) -> SourcePosition {
        if offset < known.offset { known = (0, .start) }
        var (place, position) = known
        while place < min(offset, bytes.count) {
            let byte = bytes[place]
            let isLoneReturn =
                byte == ASCII.carriageReturn
                && (place + 1 == bytes.count || bytes[place + 1] != ASCII.lineFeed)
            if byte == ASCII.lineFeed || isLoneReturn {
                position = SourcePosition(line: position.line &+ 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column &+= 1
            }
            place += 1
        }
        known = (place, position)
        return position
    }

    private mutating func checkEncoding() throws(JSON5SyntaxError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            let offset = error.byteOffsets.lowerBound
            throw self.error(at: offset, "this byte is not UTF-8; save the file as UTF-8")
        }
    }

    /// Whether a name goes on here: a blank beyond ASCII ends it like any other.
    private var isAtName: Bool {
        guard Self.isNameStart(peek()) || ASCII.isDigit(peek()) else { return false }
        return index < bytes.count && blankLength(at: index) == 0
    }

    static func isNameStart(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || byte == 0x5F || byte == 0x24 || byte >= 0x80
    }

    /// A short word in quotes; a long one may be a secret that lost its quotes.
    static func echo(_ word: String) -> String {
        word.utf8.count <= 12 ? Wording.quoted(word) : "this"
    }

    /// What people write who come from other notations, and what to write here.
    private static func stray(_ byte: UInt8) -> String? {
        switch byte {
        case 0x23: "a comment begins with //"
        case 0x2C: "a value is missing before this comma"
        case 0x3A: "a key is missing before this colon"
        case 0x3D: "write : instead of ="
        case 0x60: "text stands in \" or ', not in `"
        case 0x3B: "write , instead of ;"
        case 0x28, 0x29: "write [ ] around a list and { } around an object"
        default: nil
        }
    }
}
