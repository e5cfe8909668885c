/// Members of a JSON object, written one after the other without asking for memory: `"key":value`.
///
/// Keys are words of ours, with nothing in them to escape. A text that is nil is left out, and so is a
/// number.
extension ByteBuffer {
    /// Begins the next value of an object or a list: a comma, unless it is the first one.
    @inlinable
    package mutating func appendJSONComma() {
        guard count > 0 else { return }
        let last = room[count &- 1]
        if last != 0x5B, last != 0x7B { append(ASCII.comma) }
    }

    /// Begins a member; its value follows.
    @usableFromInline
    package mutating func appendJSONKey(_ key: StaticString) {
        appendJSONComma()
        append(ASCII.quote)
        append(key)
        append("\":")
    }

    package mutating func appendJSON(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        appendJSONKey(key)
        appendJSONString(text)
    }

    package mutating func appendJSON(_ key: StaticString, _ text: Span<UInt8>) {
        appendJSONKey(key)
        appendJSONString(text)
    }

    package mutating func appendJSON(_ key: StaticString, _ number: Int?) {
        guard let number else { return }
        appendJSONKey(key)
        appendDecimal(number)
    }

    package mutating func appendJSON(_ key: StaticString, _ flag: Bool) {
        appendJSONKey(key)
        append(flag ? "true" : "false")
    }

    package mutating func appendJSON(_ key: StaticString, _ texts: [String]) {
        appendJSONKey(key)
        append("[")
        for text in texts {
            appendJSONComma()
            appendJSONString(text)
        }
        append("]")
    }

    /// A word of ours, in which nothing has to be escaped.
    @inlinable
    package mutating func appendJSON(_ key: StaticString, word: StaticString) {
        appendJSON(key) { $0.append(word) }
    }

    /// A text in whose octets, which `write` appends, nothing has to be escaped.
    @inlinable
    package mutating func appendJSON(
        _ key: StaticString,
        quoting write: (inout ByteBuffer) -> Void
    ) {
        appendJSONKey(key)
        appendInQuotes(write)
    }

    /// Whatever `write` appends, in quotes.
    @inlinable
    package mutating func appendInQuotes(_ write: (inout ByteBuffer) -> Void) {
        append(ASCII.quote)
        write(&self)
        append(ASCII.quote)
    }
}
