import Gateway
import Testing

@Suite("trunkline jsonata")
struct JSONataCommandTests {
    private func evaluate(
        _ expression: String,
        data: String? = nil
    ) throws -> JSONataCommand.Answer {
        let folder = try ScratchFolder()
        let file = try data.map { try folder.file("data.json", $0) }
        return try JSONataCommand.evaluate(
            expression,
            data: file,
            at: "2026-11-21T07:05:09Z",
            isCompact: true
        )
    }

    @Test(
        "an expression is evaluated over JSON or JSON5, at a time of one's choice",
        arguments: [
            ("$sum(calls.n)", #"{"calls":[{"n":1},{"n":2}]}"#, "3"),
            ("input.caller_number", "{ input: { caller_number: '+1' } }", "\"+1\""),
            ("$now()", "{}", "\"2026-11-21T07:05:09.000Z\""),
            ("{'a': [1, true, null]}", "{}", "{\"a\":[1,true,null]}"),
        ]
    )
    func values(expression: String, data: String, value: String) throws {
        guard case .value(let text) = try evaluate(expression, data: data) else {
            Issue.record("\(expression) is refused")
            return
        }
        #expect(text == value)
    }

    @Test("what is not there has no value")
    func undefined() throws {
        guard case .value(nil) = try evaluate("nothing.at.all") else {
            Issue.record("there is a value")
            return
        }
    }

    @Test(
        "an error has its code, its place and a caret below",
        arguments: [
            ("1 + )", "S0211", "line 1, column 5 (position 5):\n  1 + )\n      ^"),
            ("{\n  'a': 1 + ) }", "S0211", "line 2, column 12 (position 14):\n    'a': 1 + ) }\n"),
            // The emoji counts as two for the position, and as one column.
            ("'ü€😀' & $sum('x')", "T0412", "line 1, column 13 (position 14):"),
            ("{{ input.x }}", "S", "leave {{ and }} out"),
        ]
    )
    func faults(expression: String, code: String, place: String) throws {
        guard case .fault(let text) = try evaluate(expression) else {
            Issue.record("\(expression) has a value")
            return
        }
        #expect(text.hasPrefix(code), "\(text)")
        #expect(text.contains(place), "\(text)")
    }

    @Test("data that is no JSON is refused with line and column")
    func badData() {
        #expect {
            try evaluate("$", data: "{\n  a: }")
        } throws: { error in
            "\(error)".contains("data.json:2:6")
        }
    }
}
