import JSONata
import Primitives
import Routing
import Testing

@Suite("What is said of a workflow when it is saved, besides its faults one by one")
struct SavedWorkflowTests {
    typealias Fault = ProblemTests.Fault

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
