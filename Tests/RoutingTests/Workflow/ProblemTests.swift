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
            step:
                #"{"id": "it", "type": "output", "config": {"fields": [{"name": "agent_id", "value": "sales"}, {"name": "label", "value": "x"}, {"name": "agent_id", "value": "night"}]}}"#,
            "steps[1].config.fields[2].name",
            "fields[0] is “agent_id” too"
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

    @Test("a branch that leads nowhere is told once, whatever is wrong with the labels")
    func branchesOnce() throws {
        let compilation = try WorkflowBench.compile(
            WorkflowBench.text(
                steps: #"""
                    {"id": "it", "type": "condition", "config": {"branches": [
                      {"label": "default", "when": "{{ input.x }}"},
                      {"label": "a", "when": "{{ input.x }}"},
                      {"label": "a", "when": "{{ input.y }}"},
                      {"when": "{{ input.z }}"}]}, "branches": {}}
                    """#
            )
        )
        #expect(
            compilation.errors.map(\.path).filter { $0.hasPrefix("steps[1]") }.sorted() == [
                "steps[1].branches.a", "steps[1].branches.default",
                "steps[1].config.branches[0].label", "steps[1].config.branches[2].label",
                "steps[1].config.branches[3].label",
            ]
        )
    }
}
