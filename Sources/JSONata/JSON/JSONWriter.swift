import Primitives

extension JSONValue {
    /// Writes the value as JSON text; with `isPretty`, one member for each line, indented by two.
    ///
    /// A number that JSON cannot hold (infinite) is written as null, as JavaScript does.
    package func append(to buffer: inout ByteBuffer, isPretty: Bool = false) {
        var writer = JSONWriter(isPretty: isPretty)
        writer.append(self, to: &buffer, indent: 0)
    }

    /// The compact JSON text, for tests, logs and text fields.
    package var jsonText: String {
        var buffer = ByteBuffer()
        append(to: &buffer)
        return buffer.text
    }
}

/// Writes JSON text.
///
/// The recursion is bounded by the depth of the value.
struct JSONWriter {
    var isPretty = false
    /// `$string` shows 15 significant digits, so that 0.1 + 0.2 reads 0.3.
    var roundsNumbers = false
    /// Set when an infinite number was met.
    private(set) var metInfinity = false

    init(isPretty: Bool = false, roundsNumbers: Bool = false) {
        self.isPretty = isPretty
        self.roundsNumbers = roundsNumbers
    }

    mutating func append(_ value: JSONValue, to buffer: inout ByteBuffer, indent: Int) {
        switch value {
        case .null: buffer.append("null")
        case .bool(let flag): buffer.append(flag ? "true" : "false")
        case .number(let number): append(number, to: &buffer)
        case .string(let text): append(text, to: &buffer)
        case .array(let array): append(array, to: &buffer, indent: indent)
        case .object(let object): append(object, to: &buffer, indent: indent)
        case .function: buffer.append("\"\"")
        }
    }

    private mutating func append(_ number: Double, to buffer: inout ByteBuffer) {
        guard number.isFinite else {
            metInfinity = true
            return buffer.append("null")
        }
        NumberText.append(
            roundsNumbers ? NumberText.roundedTo15Digits(number) : number,
            to: &buffer
        )
    }

    private mutating func append(_ array: JSONArray, to buffer: inout ByteBuffer, indent: Int) {
        buffer.append(0x5B)
        for (index, element) in array.elements.enumerated() {
            startItem(isFirst: index == 0, indent: indent + 1, to: &buffer)
            append(element, to: &buffer, indent: indent + 1)
        }
        if !array.isEmpty { lineBreak(indent: indent, to: &buffer) }
        buffer.append(0x5D)
    }

    private mutating func append(_ object: JSONObject, to buffer: inout ByteBuffer, indent: Int) {
        buffer.append(0x7B)
        for (index, entry) in object.entries.enumerated() {
            startItem(isFirst: index == 0, indent: indent + 1, to: &buffer)
            append(entry.key, to: &buffer)
            buffer.append(ASCII.colon)
            if isPretty { buffer.append(ASCII.space) }
            append(entry.value, to: &buffer, indent: indent + 1)
        }
        if !object.isEmpty { lineBreak(indent: indent, to: &buffer) }
        buffer.append(0x7D)
    }

    private func startItem(isFirst: Bool, indent: Int, to buffer: inout ByteBuffer) {
        if !isFirst { buffer.append(ASCII.comma) }
        lineBreak(indent: indent, to: &buffer)
    }

    private func lineBreak(indent: Int, to buffer: inout ByteBuffer) {
        guard isPretty else { return }
        buffer.append(ASCII.lineFeed)
        for _ in 0..<(indent * 2) { buffer.append(ASCII.space) }
    }

    private func append(_ text: String, to buffer: inout ByteBuffer) {
        buffer.append(ASCII.quote)
        defer { buffer.append(ASCII.quote) }
        guard text.utf8.contains(where: Self.needsEscape) else { return buffer.append(text) }
        for byte in text.utf8 {
            switch byte {
            case ASCII.quote: buffer.append("\\\"")
            case ASCII.backslash: buffer.append("\\\\")
            case 0x08: buffer.append("\\b")
            case 0x0C: buffer.append("\\f")
            case ASCII.lineFeed: buffer.append("\\n")
            case ASCII.carriageReturn: buffer.append("\\r")
            case ASCII.tab: buffer.append("\\t")
            case 0..<0x20:
                buffer.append("\\u00")
                buffer.appendHex(UInt64(byte), digits: 2)
            default: buffer.append(byte)
            }
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == ASCII.quote || byte == ASCII.backslash
    }
}
