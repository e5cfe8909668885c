import Primitives

/// A JSON5 file (json5.org) as a tree in which every key and value knows its line and column.
///
/// Two things of JSON5 are refused because no file of ours can mean them: `Infinity` and `NaN`, and
/// escapes inside unquoted keys. A key that stands twice in one object is an error too.
package struct JSON5Document: Sendable {
    package let root: JSON5Value

    /// Reads a whole file; the first syntax error ends the reading.
    package init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(JSON5SyntaxError) {
        var parser = JSON5Parser(bytes, limits: limits)
        root = try parser.document()
    }

    /// Reads a whole file for checked access; a syntax error goes into `problems` and yields nil.
    package static func read(
        _ bytes: [UInt8],
        limits: Limits = Limits(),
        problems: Problems
    ) -> JSON5Node? {
        do throws(JSON5SyntaxError) {
            let document = try JSON5Document(parsing: bytes, limits: limits)
            return JSON5Node(document.root, path: "", problems: problems)
        } catch {
            problems.report(error.message, at: error.position)
            return nil
        }
    }

    package struct Limits: Sendable {
        /// A configuration of a thousand listeners is below 1 MiB; a directory file asks for more.
        package var bytes: Int
        /// Arrays and objects inside each other; the parser recurses once for each.
        package var depth: Int

        package init(bytes: Int = 16 << 20, depth: Int = 64) {
            self.bytes = bytes
            self.depth = depth
        }
    }
}

/// Where a file stops being JSON5, and what to write instead.
package struct JSON5SyntaxError: Error, Hashable {
    package var position: SourcePosition
    package var message: String
}

/// One value of a JSON5 file and where it begins.
package struct JSON5Value: Sendable {
    package var kind: Kind
    package var position: SourcePosition

    package init(kind: Kind, position: SourcePosition) {
        self.kind = kind
        self.position = position
    }

    package enum Kind: Sendable {
        case null
        case bool(Bool)
        case integer(Int)
        case number(Double)
        case string(String)
        case array([JSON5Value])
        case object([JSON5Member])
    }
}

/// One key of an object with its value.
package struct JSON5Member: Sendable {
    package var key: String
    package var keyPosition: SourcePosition
    package var value: JSON5Value

    package init(key: String, keyPosition: SourcePosition, value: JSON5Value) {
        self.key = key
        self.keyPosition = keyPosition
        self.value = value
    }
}

extension JSON5Value {
    /// The value as JSON (RFC 8259) without blanks, keys in the order of the file.
    package var compactJSON: String {
        var out = ByteBuffer()
        writeJSON(to: &out)
        return out.text
    }

    private func writeJSON(to out: inout ByteBuffer) {
        switch kind {
        case .null: out.append("null")
        case .bool(let value): out.append(value ? "true" : "false")
        case .integer(let value): out.appendDecimal(value)
        case .number(let value): out.append(value.description)
        case .string(let text): out.appendJSONString(text)
        case .array(let elements):
            out.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(0x2C) }
                element.writeJSON(to: &out)
            }
            out.append(0x5D)
        case .object(let members):
            out.append(0x7B)
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(0x2C) }
                out.appendJSONString(member.key)
                out.append(0x3A)
                member.value.writeJSON(to: &out)
            }
            out.append(0x7D)
        }
    }

    /// What a person would call this value in a message.
    var noun: String {
        switch kind {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        // Not its digits: it may be a secret without its quotes.
        case .integer, .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
