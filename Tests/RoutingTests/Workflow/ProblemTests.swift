import JSONata
import Primitives
import Routing
import Testing

@Suite("Checks of a workflow when it is saved")
struct ProblemTests {
    /// A definition with one thing wrong, the place of the problem, and what its message says.
    struct Fault: Sendable, CustomTestStringConvertible {
        var definition: String
        var path: String
        var message: String
        var testDescription: String { "\(path): \(message)" }

        init(_ definition: String, _ path: String, _ message: String) {
            self.definition = definition
            self.path = path
            self.message = message
        }

        /// One step beside the trigger (`steps[0]`) and an output `done`.
        init(step: String, _ path: String, _ message: String) {
            self.init(WorkflowBench.text(steps: step), path, message)
        }
    }

    static let faults = [
        Fault("[]", "", "a workflow is an object"),
        Fault(#"{"steps": []}"#, "steps", "needs a list of steps"),
        Fault(#"{"version": 2, "steps": [{}]}"#, "version", "write version: 1"),
        Fault(
            #"{"initial_step": "x", "steps": [{"id": "a", "type": "output"}]}"#,
            "initial_step",
            "no step has the id “x”"
        ),
        Fault(#"{"steps": [{"id": "a", "type": "output"}]}"#, "initial_step", "begins with"),
        Fault(
            step: #"{"id": "it", "type": "teleport"}"#,
            "steps[1].type",
            "there is no step type “teleport”"
        ),
        Fault(step: #"{"id": "it"}"#, "steps[1].type", "name the type"),
        Fault(step: #"{"id": "it", "type": "code"}"#, "steps[1].type", "“code” are not available"),
        Fault(step: #"{"id": "it", "type": "app"}"#, "steps[1].type", "“app” are not available"),
        Fault(step: #"{"id": "it", "type": "wait"}"#, "steps[1].type", "would hear silence"),
        Fault(step: #"{"id": "a b", "type": "note"}"#, "steps[1].id", "needs an id"),
        Fault(step: #"{"id": "done", "type": "note"}"#, "steps[2].id", "choose another"),
        Fault(step: #"{"id": "input", "type": "note"}"#, "steps[1].id", "the call itself"),
        Fault(
            step: #"{"id": "it", "type": "note", "next": "nowhere"}"#,
            "steps[1].next",
            "no step has the id “nowhere”"
        ),
        Fault(
            step: #"{"id": "it", "type": "set", "config": {"values": {}}}"#,
            "steps[1].next",
            "without an output"
        ),
        Fault(step: #"{"id": "it", "type": "note"}"#, "steps[1].next", "without an output"),
        Fault(
            step: #"{"id": "it", "type": "note", "next": "trigger"}"#,
            "steps[1].next",
            "makes a loop"
        ),
        Fault(
            step: #"{"id": "it", "type": "note", "next": "it"}"#,
            "steps[1].next",
            "makes a loop"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "note", "next": "done"}, {"id": "far", "type": "set", "config": {"values": {}}, "next": "done"}"#,
            "steps[2]",
            "no path leads to “far”"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "set", "next": "done", "config": {"values": {"a": {"b": ["{{ 1 + }}"]}}}}"#,
            "steps[1].config.values.a.b[0]",
            "does not parse"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "set", "next": "done", "config": {"values": {"a": "{{ 1"}}}"#,
            "steps[1].config.values.a",
            "no closing }}"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "set", "next": "done", "config": {"values": {"a": "say ${ hello }"}}}"#,
            "steps[1].config.values.a",
            "${ } expressions are not available"
        ),
        Fault(
            step: #"{"id": "it", "type": "set", "next": "done", "config": {}}"#,
            "steps[1].config.values",
            "must be an object"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "condition", "config": {"branches": [{"label": "a", "when": "input.x"}]}, "branches": {"a": "done", "default": "done"}}"#,
            "steps[1].config.branches[0].when",
            "can never be true"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "condition", "config": {"branches": [{"label": "a", "when": "{{ ( }}"}]}, "branches": {"a": "done", "default": "done"}}"#,
            "steps[1].config.branches[0].when",
            "does not parse"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "condition", "config": {"branches": [{"label": "a", "when": "{{ input.x }}"}]}, "branches": {"a": "done"}}"#,
            "steps[1].branches.default",
            "name the id"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "condition", "config": {"branches": [{"label": "a", "when": "{{ input.x }}"}]}, "branches": {"a": "done", "b": "done", "default": "done"}}"#,
            "steps[1].branches.b",
            "never takes a branch “b”"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "condition", "config": {}, "branches": {"default": "done"}}"#,
            "steps[1].config.branches",
            "must be a list"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "schedule", "config": {"timezone": "Mars/Base", "weekly": {}}, "branches": {"open": "done", "closed": "done"}}"#,
            "steps[1].config.timezone",
            "there is no time zone “Mars/Base”"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "schedule", "config": {"timezone": "../../etc/passwd", "weekly": {}}, "branches": {"open": "done", "closed": "done"}}"#,
            "steps[1].config.timezone",
            "must be the IANA name"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "schedule", "config": {"timezone": "Europe/London", "weekly": {"monday": []}}, "branches": {"open": "done", "closed": "done"}}"#,
            "steps[1].config.weekly.monday",
            "is no weekday"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "schedule", "config": {"timezone": "Europe/London", "weekly": {"mon": ["9-17"]}}, "branches": {"open": "done", "closed": "done"}}"#,
            "steps[1].config.weekly.mon[0]",
            "must be hours"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "schedule", "config": {"timezone": "Europe/London", "weekly": {"mon": ["24:00-25:00"]}}, "branches": {"open": "done", "closed": "done"}}"#,
            "steps[1].config.weekly.mon[0]",
            "must be hours"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "schedule", "config": {"timezone": "Europe/London", "weekly": {}, "dates": {"2027-02-29": []}}, "branches": {"open": "done", "closed": "done"}}"#,
            "steps[1].config.dates.2027-02-29",
            "is no date"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "schedule", "config": {"timezone": "Europe/London"}, "branches": {"open": "done", "closed": "done"}}"#,
            "steps[1].config.weekly",
            "is missing"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "schedule", "config": {"timezone": "Europe/London", "weekly": {}}, "branches": {"open": "done"}}"#,
            "steps[1].branches.closed",
            "name the id"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "split", "config": {"key": "{{ input.call_id }}", "weights": {"a": 0}}, "branches": {"a": "done"}}"#,
            "steps[1].config.weights",
            "sum to nothing"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "split", "config": {"key": "{{ input.call_id }}", "weights": {"a": 1.5, "b": 1}}, "branches": {"a": "done", "b": "done"}}"#,
            "steps[1].config.weights.a",
            "whole number"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "split", "config": {"weights": {"a": 1}}, "branches": {"a": "done"}}"#,
            "steps[1].config.key",
            "is missing"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "split", "config": {"key": "k", "weights": {"a": 1, "b": 1}}, "branches": {"a": "done"}}"#,
            "steps[1].branches.b",
            "name the id"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "lookup", "next": "done", "config": {"list": "none", "key": "k"}}"#,
            "steps[1].config.list",
            "there is no list “none”"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "limit", "next": "done", "config": {"key": "k", "max": -1, "window_seconds": 1}, "branches": {"over": "done"}}"#,
            "steps[1].config.max",
            "whole number"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "limit", "next": "done", "config": {"key": "k", "max": 1, "window_seconds": 1}}"#,
            "steps[1].branches.over",
            "name the id"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "limit", "next": "done", "config": {"key": "k", "max": 1, "window_seconds": 1, "lease_seconds": 1}, "branches": {"over": "done"}}"#,
            "steps[1].config.lease_seconds",
            "choose one"
        ),
        Fault(
            step: #"{"id": "it", "type": "sticky", "next": "done", "config": {"key": "k"}}"#,
            "steps[1].config.ttl_seconds",
            "whole number"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://evil.example.net/"}}"#,
            "steps[1].config.url",
            "is not allowed"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com:444/"}}"#,
            "steps[1].config.url",
            "is not allowed"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com{{ input.call_id }}"}}"#,
            "steps[1].config.url",
            "without expressions"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "{{ input.call_id }}"}}"#,
            "steps[1].config.url",
            "must start with https://"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com@evil.net/"}}"#,
            "steps[1].config.url",
            "must start with https://"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com/a b"}}"#,
            "steps[1].config.url",
            "encode it"
        ),
        Fault(
            step: #"{"id": "it", "type": "http", "next": "done", "config": {}}"#,
            "steps[1].config.url",
            "is missing"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"method": "BREW", "url": "https://crm.example.com/"}}"#,
            "steps[1].config.method",
            "must be one of GET"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com/", "body": 1}}"#,
            "steps[1].config.body",
            "has no body"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com/", "headers": {"Host": "x"}}}"#,
            "steps[1].config.headers.Host",
            "cannot be set"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com/", "timeout_ms": 0}}"#,
            "steps[1].config.timeout_ms",
            "whole number from 1"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "http", "next": "done", "on_error": "x", "config": {"url": "https://crm.example.com/"}}"#,
            "steps[1].on_error",
            "no step has the id “x”"
        ),
        Fault(
            step: #"{"id": "it", "type": "output", "config": {}}"#,
            "steps[1].config.fields",
            "must be a list"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "output", "config": {"fields": [{"name": "agent_id", "value": "unknown"}]}}"#,
            "steps[1].config.fields[0].value",
            "there is no agent “unknown”"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "output", "config": {"fields": [{"name": "agent_id", "value": "idle"}]}}"#,
            "steps[1].config.fields[0].value",
            "is inactive"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "output", "config": {"fields": [{"name": "reject", "value": "true"}]}}"#,
            "steps[1].config.fields[0].value",
            "reject must be true or false"
        ),
        Fault(
            step:
                #"{"id": "it", "type": "output", "config": {"fields": [{"name": "agent_id", "type": "number", "value": "sales"}]}}"#,
            "steps[1].config.fields[0].type",
            "is of type \"string\""
        ),
        Fault(
            step:
                #"{"id": "it", "type": "output", "config": {"fields": [{"name": "version", "value": "v{{ input.x }}"}]}}"#,
            "steps[1].config.fields[0].value",
            "one {{ … }}"
        ),
        Fault(
            #"{"lists": {"l": [{"key": "k", "expires": "soon"}]}, "steps": [{}]}"#,
            "lists.l[0].expires",
            "must be a time"
        ),
    ]

    @Test("each problem is named with its place and what to write", arguments: faults)
    func fault(fault: Fault) throws {
        let compilation = try WorkflowBench.compile(fault.definition)
        #expect(compilation.definition == nil)
        #expect(
            compilation.errors.contains {
                $0.path == fault.path && $0.message.contains(fault.message)
            },
            "\(compilation.problems)"
        )
    }

    @Test(
        "a misspelt word comes with the one that was probably meant",
        arguments: [
            Fault(step: #"{"id": "it", "type": "conditon"}"#, "steps[1].type", "“condition”?"),
            Fault(
                step: #"{"id": "it", "type": "note", "next": "dnoe"}"#,
                "steps[1].next",
                "no step has the id “dnoe”; did you mean “done”?"
            ),
            Fault(
                step: #"{"id": "it", "tpye": "note", "next": "done"}"#,
                "steps[1].tpye",
                "“tpye” is not known here and ignored; did you mean “type”?"
            ),
            Fault(
                step:
                    #"{"id": "it", "type": "condition", "config": {"branches": [{"lable": "a", "when": "{{ input.x }}"}]}, "branches": {"a": "done", "defualt": "done"}}"#,
                "steps[1].config.branches[0].lable",
                "did you mean “label”?"
            ),
            Fault(
                step:
                    #"{"id": "it", "type": "split", "config": {"key": "k", "weights": {"canary": 1}}, "branches": {"canary": "done", "cannary": "done"}}"#,
                "steps[1].branches.cannary",
                "the step never takes a branch “cannary”; did you mean “canary”?"
            ),
            Fault(
                step:
                    #"{"id": "it", "type": "schedule", "config": {"timezone": "UTC", "weekly": {"thur": []}}, "branches": {"open": "done", "closed": "done"}}"#,
                "steps[1].config.weekly.thur",
                "“thur” is no weekday; did you mean “thu”?"
            ),
            Fault(
                #"{"lists": {"callers": []}, "steps": [{"id": "it", "type": "lookup", "config": {"list": "caller", "key": "k"}}]}"#,
                "steps[0].config.list",
                "there is no list “caller”; did you mean “callers”?"
            ),
            Fault(
                step:
                    #"{"id": "it", "type": "output", "config": {"fields": [{"name": "agentid", "value": "sales"}]}}"#,
                "steps[1].config.fields[0].name",
                "“agentid” is not a field of the output and ignored; did you mean “agent_id”?"
            ),
        ]
    )
    func misspelt(fault: Fault) throws {
        let problems = try WorkflowBench.compile(fault.definition).problems
        #expect(
            problems.contains { $0.path == fault.path && $0.message.contains(fault.message) },
            "\(problems)"
        )
    }

    @Test("an agent that is nearly one of the organization's comes with that one")
    func misspeltAgent() throws {
        let compilation = WorkflowDefinition.compile(
            try JSONValue.parse(WorkflowBench.text(steps: #"{"id": "it", "type": "note"}"#)),
            in: WorkflowSurroundings(
                agentStanding: { _ in .unknown(near: "slaes") },
                timeZoneFile: WorkflowBench.zoneFile
            )
        )
        #expect(
            compilation.errors.contains {
                $0.message == "there is no agent “sales”; did you mean “slaes”?"
            }
        )
    }

    @Test(
        "each target that is written out is checked, also beside expressions",
        arguments: [
            #"["{{ input.call_id }}", "ftp://example.com"]"#,
            #"["sip:a@example.com", "ftp://example.com"]"#,
            #"["sip:a@example.com", "sip:a@gw.example.com"]"#,
            #"["{{ input.call_id }}", "sip:a@gw.example.com"]"#,
        ]
    )
    func targets(list: String) throws {
        let text = WorkflowBench.text(
            steps: """
                {"id": "it", "type": "output",
                 "config": {"fields": [{"name": "targets", "value": \(list)}]}}
                """
        )
        let compilation = WorkflowDefinition.compile(
            try JSONValue.parse(text),
            in: WorkflowSurroundings(
                targetObjection: { $0.contains("gw.example.com") ? "this is the gateway" : nil },
                timeZoneFile: WorkflowBench.zoneFile
            )
        )
        let told = compilation.errors.filter { $0.message.contains("no call can be sent to") }
        #expect(told.map(\.path) == ["steps[1].config.fields[0].value[1]"])
    }

    @Test("what a step does not look at is told: branches of one that has none, a second way on")
    func ignored() throws {
        let compilation = try WorkflowBench.compile(
            WorkflowBench.text(
                steps: """
                    {"id": "it", "type": "set", "config": {"values": {}}, "next": "limit",
                     "branches": {"error": "done"}},
                    {"id": "limit", "type": "limit", "next": "done",
                     "config": {"key": "all", "max": 1},
                     "branches": {"within": "done", "over": "done"}}
                    """
            )
        )
        #expect(compilation.definition != nil)
        #expect(
            compilation.warnings.map(\.path) == ["steps[1].branches", "steps[2].next"]
        )
    }

    @Test("all problems are found at once")
    func allAtOnce() throws {
        let compilation = try WorkflowBench.compile(
            WorkflowBench.text(
                steps: """
                    {"id": "it", "type": "code"},
                    {"id": "b", "type": "schedule", "config": {"timezone": "Mars/Base", "weekly": {}},
                     "branches": {"open": "nowhere", "closed": "done"}}
                    """
            )
        )
        #expect(
            Set(compilation.errors.map(\.path)) == [
                "steps[1].type", "steps[2].branches.open",
                "steps[2].config.timezone", "steps[2]", "steps[3]",
            ]
        )
    }

    @Test("a sound definition has no problems, and steps of comments may lie beside the paths")
    func sound() throws {
        let compilation = try WorkflowBench.compile(
            WorkflowBench.text(
                steps:
                    #"{"id": "it", "type": "note", "next": "done"}, {"id": "why", "type": "note"}"#
            )
        )
        #expect(compilation.problems.map(\.description) == [])
        #expect(compilation.definition != nil)
    }

    @Test("warnings: no fallback agent, an output that cannot answer, keys that mean nothing")
    func warnings() throws {
        let step = """
            {"id": "it", "type": "http", "next": "out", "colour": "red",
             "config": {"url": "https://crm.example.com/"}},
            {"id": "out", "type": "output", "config": {"fields": [{"name": "label", "value": "x"}]}}
            """
        let compilation = try WorkflowBench.compile(
            #"{"steps": [{"id": "trigger", "type": "trigger", "next": "it"}, \#(step)]}"#,
            hasFallbackAgent: false
        )
        #expect(compilation.definition != nil)
        #expect(
            Set(compilation.warnings.map(\.path)) == [
                "", "steps[1].on_error", "steps[1].colour", "steps[2].config.fields",
            ]
        )
        #expect(compilation.errors.isEmpty)
    }

    @Test("a run of more than 64 steps is foretold, and ends as a failure")
    func longPath() throws {
        let notes = (0..<70).map { #"{"id": "n\#($0)", "type": "note", "next": "n\#($0 + 1)"}"# }
        let text = WorkflowBench.text(
            steps: notes.joined(separator: ",")
                + #", {"id": "n70", "type": "note", "next": "done"}"#,
            first: "n0"
        )
        let compilation = try WorkflowBench.compile(text)
        #expect(compilation.warnings.contains { $0.message.contains("a run ends after 64") })
        var bench = try WorkflowBench(text)
        #expect(bench.start().failure?.fault.name == "too_many_steps")
    }

    @Test("nesting and numbers of steps are bounded")
    func bounds() throws {
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let nested = try WorkflowBench.compile(#"{"steps": \#(deep)}"#)
        #expect(nested.errors.first?.message.contains("nested") == true)
        let steps = Array(repeating: "{}", count: 501).joined(separator: ",")
        let long = try WorkflowBench.compile(#"{"steps": [\#(steps)]}"#)
        #expect(long.errors.first?.message.contains("at most 500 steps") == true)
    }

    @Test("a drawing shows each step and where it leads")
    func drawing() throws {
        let bench = try WorkflowBench(
            steps: """
                {"id": "it", "name": "Ask \\"CRM\\" <b>", "type": "http", "next": "done", "on_error": "done",
                 "config": {"url": "https://crm.example.com/"}}
                """
        )
        #expect(
            bench.definition.drawing == """
                flowchart TD
                    s0(["trigger<br/><i>trigger</i>"])
                    s1[/"Ask #34;CRM#34; #60;b#62;<br/><i>http</i>"/]
                    s2[["done<br/><i>output</i>"]]
                    s0 --> s1
                    s1 --> s2
                    s1 -. on_error .-> s2
                    style s0 stroke-width:3px

                """
        )
    }

    @Test("a test that does not parse is one problem")
    func unreadableTest() throws {
        let text = WorkflowBench.text(
            steps: """
                {"id": "it", "type": "condition", "branches": {"a": "done", "default": "done"},
                 "config": {"branches": [{"label": "a", "when": "{{ input.x = }}"}]}}
                """
        )
        #expect(
            try WorkflowBench.compile(text).problems.map(\.path) == [
                "steps[1].config.branches[0].when"
            ]
        )
    }
}
