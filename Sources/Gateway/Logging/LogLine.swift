import Primitives
import Routing

/// One line of the log while it is written: what happened, and fields that say more.
///
/// Used again for the next line, it asks for no memory. Text of peers is escaped, so that one event is
/// one line; a telephone number is masked.
package struct LogLine: ~Copyable {
    private let format: Log.Format
    /// Everything since `begin`.
    private(set) var text: ByteBuffer

    init(format: Log.Format, capacity: Int = 256) {
        self.format = format
        text = ByteBuffer(capacity: capacity)
    }

    /// Begins another line.
    mutating func begin(_ level: Log.Level, _ event: String, at wall: WallTime) {
        text.removeAll()
        switch format {
        case .logfmt:
            text.append("time=")
            text.appendTimestamp(wall)
            text.append(" level=")
            text.append(level.name)
            text.append(" event=")
        case .json:
            text.append("<")
            text.appendDecimal(level.rawValue)
            text.append(">{")
            text.appendJSON("time") { $0.appendTimestamp(wall) }
            text.appendJSON("level", level.name)
            text.appendJSONKey("event")
        }
        text.appendJSONString(event)
    }

    mutating func end() {
        switch format {
        case .logfmt: text.append(ASCII.lineFeed)
        case .json: text.append("}\n")
        }
    }

    package mutating func add(_ key: StaticString, _ value: String) {
        appendKey(key)
        text.appendJSONString(value)
    }

    @_disfavoredOverload
    package mutating func add(_ key: StaticString, _ value: StaticString) {
        appendKey(key)
        text.appendInQuotes { $0.append(value) }
    }

    package mutating func add(_ key: StaticString, _ value: Int) {
        appendKey(key)
        text.appendDecimal(value)
    }

    package mutating func add(_ key: StaticString, _ value: Bool) {
        appendKey(key)
        text.append(value ? "true" : "false")
    }

    package mutating func add(_ key: StaticString, _ value: IPEndpoint) {
        appendKey(key)
        text.appendInQuotes { $0.append(value) }
    }

    /// The number without its middle; an empty text for none.
    package mutating func add(_ key: StaticString, masking number: PhoneNumber?) {
        appendKey(key)
        text.appendInQuotes { text in
            if let number { text.append(masking: number) }
        }
    }

    /// 16 digits.
    package mutating func add(_ key: StaticString, hexadecimal value: UInt64) {
        appendKey(key)
        text.appendInQuotes { $0.appendHex(value) }
    }

    mutating func add(_ key: StaticString, _ value: Log.Field) {
        switch value {
        case .text(let text): add(key, text)
        case .number(let number): add(key, number)
        case .flag(let flag): add(key, flag)
        }
    }

    private mutating func appendKey(_ key: StaticString) {
        switch format {
        case .logfmt:
            text.append(ASCII.space)
            text.append(key)
            text.append(ASCII.equals)
        case .json:
            text.appendJSONKey(key)
        }
    }
}
