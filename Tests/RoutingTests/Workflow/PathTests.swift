import JSONata
import Primitives
import Routing
import Testing

@Suite("What expressions see of a call and of earlier steps")
struct PathTests {
    /// A path, and what it leads to in `call`.
    static let paths: [(path: String, value: String)] = [
        ("input.caller_number", #""+12125550123""#),
        ("input.timestamp", #""2026-11-20T15:00:00.000Z""#),
        ("input.caller_number.length", "nothing"),
        ("input.unknown", "nothing"),
        ("input.diversion", #"["+1","+2"]"#),
        ("input.diversion.length", "nothing"),
        ("input.headers.`X-Twice`", #""second""#),
        ("input.headers.`x-twice`", "nothing"),
        ("input.headers.`X-Twice`.more", "nothing"),
        ("input.headers", #"{"X-Twice":"second","X-Größe":"ö"}"#),
        ("input.headers.`X-Größe`", #""ö""#),
        ("input.headers.`X-Gro\u{308}ße`", "nothing"),
        ("input.number.label", #""Front desk""#),
        ("input.number.label.more", "nothing"),
        ("input.number.metadata", #"{"site":{"floor":3},"tags":[{"a":1},{"a":2}]}"#),
        ("input.number.metadata.site.floor", "3"),
        ("input.number.metadata.tags.a", "[1,2]"),
        ("input.number.metadata.unknown", "nothing"),
        ("first.label", #""x""#),
        ("first.list.n", "[1,2]"),
        ("first.nothing", "null"),
        ("`The first`.label", #""x""#),
        ("later.label", "nothing"),
    ]

    static var call: WorkflowInput {
        var call = WorkflowBench.call()
        call.diversion = ["+1", "+2"]
        call.headers = [("X-Twice", "first"), ("X-Twice", "second"), ("X-Größe", "ö")]
        call.numberLabel = "Front desk"
        call.numberMetadata = ["site": ["floor": 3], "tags": [["a": 1], ["a": 2]]]
        return call
    }

    /// The value of an expression in a step that comes behind `first`, as JSON.
    private func value(_ expressions: [String]) throws -> [String] {
        let members = expressions.enumerated().map {
            JSONValue.object(["v\($0)": .string("{{ \($1) }}")]).jsonText.dropFirst().dropLast()
        }
        var bench = try WorkflowBench(
            steps: """
                {"id": "first", "name": "The first", "type": "set", "next": "it", "config": {"values":
                 {"label": "x", "list": [{"n": 1}, {"n": 2}], "nothing": null}}},
                {"id": "it", "type": "set", "next": "later",
                 "config": {"values": {\(members.joined(separator: ","))}}},
                {"id": "later", "type": "set", "next": "done",
                 "config": {"values": {"label": "{{ first.label }}"}}}
                """,
            first: "first"
        )
        let result = bench.start(Self.call).explanation.steps.first { $0.id == "it" }?.result
        return expressions.indices.map { result?["v\($0)"]?.jsonText ?? "nothing" }
    }

    @Test("a path leads to the same, however it is looked up", arguments: paths)
    func path(_ example: (path: String, value: String)) throws {
        let path = example.path
        // A variable makes the evaluator look the path up in the context as a whole.
        #expect(try value([path]) == [example.value])
        #expect(try value(["($x := 1; \(path))"]) == [example.value])
        #expect(try value([path, "($x := 1; \(path))"]) == [example.value, example.value])
    }

    @Test("all paths of a definition lead to the same as each of them alone")
    func together() throws {
        #expect(try value(Self.paths.map(\.path)) == Self.paths.map(\.value))
    }

    @Test("the call comes first in the whole context, whenever it is first looked at")
    func order() throws {
        #expect(
            try value(["input.caller_number", "$keys($)"])[1] == #"["input","trigger","first"]"#
        )
    }
}
