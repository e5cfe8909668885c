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
}

extension JSON5Value {
    /// The value as JSON (RFC 8259) without blanks, keys in the order of the file.
    package var compactJSON: String {
        var out: [UInt8] = []
        writeJSON(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private func writeJSON(to out: inout [UInt8]) {
        switch kind {
        case .null: out += "null".utf8
        case .bool(let value): out += (value ? "true" : "false").utf8
        case .integer(let value): out += String(value).utf8
        case .number(let value): out += value.description.utf8
        case .string(let text): JSONText.write(text, to: &out)
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
                JSONText.write(member.key, to: &out)
                out.append(0x3A)
                member.value.writeJSON(to: &out)
            }
            out.append(0x7D)
        }
    }

    /// What a person would call this value in a message.
    package var noun: String {
        switch kind {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// Text as a JSON string, quotes included (RFC 8259 §7).
package enum JSONText {
    package static func write(_ text: String, to out: inout [UInt8]) {
        out.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: out += [0x5C, byte]
            case 0x0A: out += [0x5C, 0x6E]
            case 0x0D: out += [0x5C, 0x72]
            case 0x09: out += [0x5C, 0x74]
            case 0..<0x20, 0x7F:
                let digits = Array("0123456789abcdef".utf8)
                out += "\\u00".utf8
                out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
        out.append(0x22)
    }

    package static func quoted(_ text: String) -> String {
        var out: [UInt8] = []
        write(text, to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
