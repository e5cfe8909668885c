import Primitives
import Routing

/// A value of a JSON5 file with its path: read it as what it should be, and a wrong one is reported.
///
/// Every reader returns nil after it has put a problem on the list; the caller goes on to the next
/// value, so that all problems of a file come out at once.
package struct JSON5Node {
    package let value: JSON5Value
    /// Such as `organizations[0].numbers[3].trunk`; empty for the document.
    package let path: String
    package let problems: Problems

    init(_ value: JSON5Value, path: String, problems: Problems) {
        self.value = value
        self.path = path
        self.problems = problems
    }

    var isNull: Bool {
        if case .null = value.kind { return true }
        return false
    }

    /// Puts a problem with this value on the list.
    package func report(_ message: String) {
        problems.report(message, path: path, at: value.position)
    }

    /// Says what may not be meant so.
    func warn(_ message: String) {
        problems.warn(message, path: path, at: value.position)
    }

    /// Puts what is to say about a workflow on the list of its severity.
    package func report(_ problem: WorkflowProblem) {
        switch problem.severity {
        case .error: report(problem.message)
        case .warning: warn(problem.message)
        }
    }

    /// Text of at most `bytesMax` bytes of UTF-8 without control characters.
    package func string(bytesMax: Int = 65_536) -> String? {
        guard case .string(let text) = value.kind else {
            return wrongType(expected: "text in quotes")
        }
        guard text.utf8.count <= bytesMax else {
            report("this text has \(text.utf8.count) bytes; at most \(bytesMax) are allowed")
            return nil
        }
        guard !text.utf8.contains(where: ASCII.isControl) else {
            report("this text holds a control character; remove it")
            return nil
        }
        return text
    }

    package func bool() -> Bool? {
        guard case .bool(let flag) = value.kind else {
            return wrongType(expected: "true or false")
        }
        return flag
    }

    func integer(in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
        guard case .integer(let number) = value.kind else {
            return wrongType(expected: "a whole number")
        }
        guard range.contains(number) else {
            report("\(number) is out of range; write \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// One of a closed set of words.
    package func choice<Choice>(of choices: KeyValuePairs<String, Choice>) -> Choice? {
        guard let word = string() else { return nil }
        if let found = choices.first(where: { $0.key == word }) { return found.value }
        let names = choices.map(\.key)
        if let near = Wording.suggestion(for: word, among: names) {
            report(
                "\(Wording.quoted(word)) is not known here; did you mean \(Wording.quoted(near))?"
            )
        } else {
            report("\(Wording.quoted(word)) is not known here; write \(Wording.choice(of: names))")
        }
        return nil
    }

    /// A length of time: a whole number and `us`, `ms`, `s`, `m`, `h` or `d`, such as `"500ms"`.
    package func interval(in range: ClosedRange<Interval>) -> Interval? {
        guard case .string = value.kind else {
            return wrongType(expected: "a length of time such as \"500ms\" or \"2s\"")
        }
        guard let text = string() else { return nil }
        guard let interval = Self.interval(text) else {
            report(
                "\(Wording.quoted(text)) is no length of time; write such as \"500ms\" or \"2s\""
            )
            return nil
        }
        guard range.contains(interval) else {
            let (low, high) = (Self.text(range.lowerBound), Self.text(range.upperBound))
            report("\(Wording.quoted(text)) is out of range; write \"\(low)\" to \"\(high)\"")
            return nil
        }
        return interval
    }

    /// The elements of a list; anything else is reported and yields none.
    package func elements(countMax: Int = .max) -> [JSON5Node] {
        guard case .array(let elements) = value.kind else {
            return wrongType(expected: "a list: [ … ]") ?? []
        }
        guard elements.count <= countMax else {
            report("this list has \(elements.count) elements; at most \(countMax) are allowed")
            return []
        }
        return elements.enumerated().map { index, element in
            JSON5Node(element, path: "\(path)[\(index)]", problems: problems)
        }
    }

    /// Reads an object; keys that `read` did not ask for are reported with what they may mean.
    package func object<Result>(_ read: (JSON5Object) -> Result) -> Result? {
        guard case .object(let members) = value.kind else {
            return wrongType(expected: "an object: { … }")
        }
        let object = JSON5Object(members, of: self)
        let result = read(object)
        object.reportUnreadKeys()
        return result
    }

    /// An object of any keys as JSON text, at most `bytesMax` long.
    func jsonObject(bytesMax: Int) -> String? {
        guard case .object = value.kind else { return wrongType(expected: "an object: { … }") }
        let text = value.compactJSON
        guard text.utf8.count <= bytesMax else {
            report(
                "this object has \(text.utf8.count) bytes as JSON; at most \(bytesMax) are allowed"
            )
            return nil
        }
        return text
    }

    /// The value at a path below this one, such as `steps[2].next`, or the nearest above it.
    func descendant(at path: String) -> JSON5Node {
        var node = self
        for step in path.split(whereSeparator: { $0 == "." || $0 == "[" || $0 == "]" }) {
            guard let child = node.child(String(step)) else { break }
            node = child
        }
        return JSON5Node(
            node.value,
            path: path.isEmpty || self.path.isEmpty ? self.path + path : "\(self.path).\(path)",
            problems: problems
        )
    }

    private func child(_ step: String) -> JSON5Node? {
        switch value.kind {
        case .object(let members):
            guard let member = members.first(where: { $0.key == step }) else { return nil }
            return JSON5Node(member.value, path: "", problems: problems)
        case .array(let elements):
            guard let index = Int(step), elements.indices.contains(index) else { return nil }
            return JSON5Node(elements[index], path: "", problems: problems)
        default: return nil
        }
    }

    private func wrongType<Result>(expected: String) -> Result? {
        report("this is \(value.noun); write \(expected)")
        return nil
    }

    private static let units: KeyValuePairs<String, Int64> = [
        "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000, "d": 86_400_000_000_000,
    ]

    private static func interval(_ text: String) -> Interval? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits),
            let unit = units.first(where: { $0.key == text.dropFirst(digits.count) })
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit.value)
        return overflow ? nil : Interval(nanoseconds: product)
    }

    private static func text(_ interval: Interval) -> String {
        let unit = units.last { interval.nanoseconds.isMultiple(of: $0.value) }
        guard let unit, interval.nanoseconds != 0 else { return "0s" }
        return "\(interval.nanoseconds / unit.value)\(unit.key)"
    }
}
