/// Members of a JSON object, written one after the other without asking for memory: `"key":value`.
///
/// Keys are words of ours, with nothing in them to escape. A text that is nil is left out, and so is a
/// number.
extension ByteBuffer {
    /// Begins the next value of an object or a list: a comma, unless it is the first one.
    @inlinable
    package mutating func appendJSONComma() {
        guard let last = storage.last, last != 0x5B, last != 0x7B else { return }
        append(ASCII.comma)
    }

    /// Begins a member; its value follows.
    ///
    /// Put together first and appended at once: a record has some twenty keys.
    @usableFromInline
    package mutating func appendJSONKey(_ key: StaticString) {
        let last = storage.last ?? 0x7B
        let isFirst = last == 0x5B || last == 0x7B
        unsafe withUnsafeTemporaryAllocation(
            of: UInt8.self,
            capacity: key.utf8CodeUnitCount + 4
        ) { room in
            unsafe room.initialize(repeating: ASCII.quote)
            unsafe room[0] = ASCII.comma
            key.withUTF8Buffer { octets in
                for index in octets.indices { unsafe room[index + 2] = octets[index] }
            }
            unsafe room[room.count - 1] = ASCII.colon
            let member = unsafe room[(isFirst ? 1 : 0)...]
            unsafe storage.append(contentsOf: UnsafeMutableBufferPointer(rebasing: member))
        }
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
