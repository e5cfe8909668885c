import JSONata
import Primitives
import Routing
import Transport

/// `trunkline jsonata`: one expression over some data, as a workflow would evaluate it.
package enum JSONataCommand {
    /// What came of it.
    package enum Answer {
        /// JSON text; nil where the language says “undefined”.
        case value(String?)
        /// What is wrong, over several lines.
        case fault(String)
    }

    /// Evaluates `expression`; `data` is a file with JSON or JSON5, `-` for standard input.
    package static func evaluate(
        _ expression: String,
        data: String?,
        at time: String?,
        isCompact: Bool
    ) throws -> Answer {
        let now = Clock.wall()
        let timestamp = try time.map { try PointInTime.parse($0, now: now) } ?? now
        let input = try data.map { try read($0) }
        do throws(JSONataError) {
            let parsed = try Expression(parsing: expression)
            let environment = EvaluationEnvironment(timestamp: timestamp)
            guard let value = try parsed.evaluate(input: input, environment: environment) else {
                return .value(nil)
            }
            var out = ByteBuffer()
            value.append(to: &out, isPretty: !isCompact)
            return .value(out.text)
        } catch {
            return .fault(text(error, in: expression))
        }
    }

    private static func read(_ file: String) throws -> JSONValue {
        let name = file == "-" ? "standard input" : file
        let problems = Problems(file: name)
        guard let root = JSON5Document.read(try File.read(file), problems: problems) else {
            throw FileError(problems)
        }
        let json = Array(root.value.compactJSON.utf8)
        do throws(JSONParseError) {
            return try JSONValue.parse(json.span, limits: JSONLimits(byteCountMax: json.count))
        } catch {
            throw CommandError("\(name): \(error)")
        }
    }

    /// The error with its code, and a caret under the last character of what is at fault.
    private static func text(_ error: JSONataError, in expression: String) -> String {
        var lines = ["\(error.code.rawValue): \(error.message)"]
        if let position = error.position { lines += pointer(to: position, in: expression) }
        let trimmed = expression.drop { $0 == " " }
        if trimmed.hasPrefix("{{") {
            lines.append("leave {{ and }} out: they mark an expression inside a workflow")
        }
        return lines.joined(separator: "\n")
    }

    /// The line of the expression with a caret below; `position` counts UTF-16 code units.
    private static func pointer(to position: Int, in expression: String) -> [String] {
        let units = Array(expression.utf16)
        let end = min(max(position, 1), units.count)
        let start = units[..<max(end - 1, 0)].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let stop = units[start...].firstIndex(of: 0x0A) ?? units.count
        let line = String(decoding: units[start..<stop], as: UTF16.self)
        let before = String(decoding: units[start..<max(end - 1, start)], as: UTF16.self)
        let row = units[..<start].count { $0 == 0x0A } + 1
        return [
            "line \(row), column \(before.unicodeScalars.count + 1) (position \(position)):",
            "  " + Terminal.harmless(line),
            "  " + String(repeating: " ", count: before.count) + "^",
        ]
    }
}
