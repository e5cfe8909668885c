import JSONata
import Primitives
import Routing
import Testing

@Suite("Workflow steps")
struct StepTests {
    @Test("a condition takes its first true branch; a text is not true")
    func condition() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "condition", "config": {"branches": [
                  {"label": "text", "when": "{{ 'true' }}{{ '' }}"},
                  {"label": "one", "when": "{{ input.caller_number in ['+1', '+2'] }}"},
                  {"label": "two", "when": "{{ input.caller_number = '+2' }}"}]},
                 "branches": {"text": "done", "one": "done", "two": "done", "default": "done"}}
                """
                .replacing("\"{{ 'true' }}{{ '' }}\"", with: "\"{{ input.door }}\"")
        )
        #expect(bench.start(WorkflowBench.call(from: "+2")).output?.label == #"{"label":"one"}"#)
        let other = bench.start(WorkflowBench.call(from: "+3"))
        #expect(other.output?.label == #"{"label":"default"}"#)
        #expect(other.explanation.text.contains("which is not true or false"))
    }

    @Test("set names values; whole expressions keep their type, inside text they are text")
    func set() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "set", "next": "done", "config": {"values": {
                  "n": "{{ 1 + 2 }}", "t": "n={{ 1 + 2 }}", "none": "{{ input.nothing }}",
                  "deep": {"list": ["{{ input.door }}", {"b": "{{ 1 = 1 }}"}, "{{ {'a': {'b': 1}} }}"]},
                  "kept": "{{ '}}' }}", "gap": "<{{ input.nothing }}>"}}}
                """
        )
        #expect(
            bench.start().output?.label
                == #"{"n":3,"t":"n=3","deep":{"list":["sip",{"b":true},{"a":{"b":1}}]},"kept":"}}","gap":"<>"}"#
        )
    }

    @Test("expressions see results by id, and by name in backticks")
    func names() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "a", "name": "First step", "type": "set", "next": "it",
                 "config": {"values": {"x": "{{ input.trunk_id }}"}}},
                {"id": "it", "type": "set", "next": "done",
                 "config": {"values": {"id": "{{ a.x }}", "name": "{{ `First step`.x }}"}}}
                """,
            first: "a"
        )
        #expect(bench.start().output?.label == #"{"id":"carrier-a","name":"carrier-a"}"#)
    }

    @Test("a lookup finds the longest prefix that has not expired")
    func lookup() throws {
        var bench = try WorkflowBench(
            """
            { "lists": {"callers": [ {"key": "+49*", "value": "de"}, {"key": "+4930*", "value": "berlin",
                "expires": "2026-12-01T00:00:00Z"}, {"key": "+493012", "value": {"vip": true}} ]},
              "steps": [ {"id": "trigger", "type": "trigger", "next": "it"},
                {"id": "it", "type": "lookup", "next": "done",
                 "config": {"list": "callers", "key": "{{ input.caller_number }}"}},
                {"id": "done", "type": "output", "config": {"fields": [
                  {"name": "agent_id", "value": "sales"},
                  {"name": "label", "value": "{{ $string(it) }}"}]}} ] }
            """
        )
        func found(_ caller: String, at time: String = "2026-11-20T15:00:00Z") -> String? {
            bench.start(WorkflowBench.call(from: caller, at: time)).output?.label
        }
        #expect(found("+493012") == #"{"found":true,"value":{"vip":true}}"#)
        #expect(found("+4930123") == #"{"found":true,"value":"berlin"}"#)
        #expect(found("+4930123", at: "2026-12-01T00:00:00Z") == #"{"found":true,"value":"de"}"#)
        #expect(found("+4940") == #"{"found":true,"value":"de"}"#)
        #expect(found("+1") == #"{"found":false,"value":null}"#)
    }

    @Test("a limit lets so many calls of a key through in a window, then sends them over")
    func limit() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "limit", "next": "done", "branches": {"over": "busy"},
                 "config": {"key": "{{ input.caller_number }}", "max": 2, "window_seconds": 60}},
                {"id": "busy", "type": "output", "config": {"fields": [
                  {"name": "reject", "value": true}, {"name": "reject_reason", "value": "busy"},
                  {"name": "label", "value": "{{ it.label & it.count }}"}]}}
                """
        )
        #expect(bench.start().output?.label == #"{"label":"within","count":1}"#)
        #expect(bench.start().output?.rejects == false)
        let third = bench.start()
        #expect(third.output?.rejects == true)
        #expect(third.output?.rejectReason == .busy)
        #expect(third.output?.label == "over3")
        #expect(bench.start(WorkflowBench.call(from: "+2")).output?.rejects == false)
        bench.now = bench.now + .seconds(60)
        #expect(bench.start().output?.rejects == false)
    }

    @Test("a limit without window counts calls that are up, until they end or their lease does")
    func concurrentLimit() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "limit", "next": "done", "branches": {"over": "busy"},
                 "config": {"key": "{{ input.called_number }}", "max": 1, "lease_seconds": 100}},
                {"id": "busy", "type": "output", "config": {"fields": [{"name": "reject", "value": true}]}}
                """
        )
        #expect(bench.start(WorkflowBench.call(id: "a")).output?.rejects == false)
        #expect(bench.start(WorkflowBench.call(id: "a")).output?.rejects == false)
        #expect(bench.start(WorkflowBench.call(id: "b")).output?.rejects == true)
        bench.services.counters.end(call: "a")
        #expect(bench.start(WorkflowBench.call(id: "c")).output?.rejects == false)
        bench.now = bench.now + .seconds(99)
        #expect(bench.start(WorkflowBench.call(id: "d")).output?.rejects == true)
        bench.now = bench.now + .seconds(1)
        #expect(bench.start(WorkflowBench.call(id: "d")).output?.rejects == false)
    }

    @Test("a trigger shows the call under its own id as well; input is another word for it")
    func trigger() throws {
        for type in ["trigger", "input"] {
            var bench = try WorkflowBench(
                """
                {"steps": [{"id": "call", "type": "\(type)", "next": "out"},
                  {"id": "out", "type": "output", "config": {"fields": [
                    {"name": "agent_id", "value": "sales"},
                    {"name": "label", "value": "{{ call.caller_number & ' ' & $string(call = input) }}"}]}}]}
                """
            )
            #expect(bench.start().output?.label == "+12125550123 true")
        }
    }

    @Test("a limit says what it counts, and what ends the count of a call by each door")
    func limitRemarks() throws {
        func remark(_ config: String, _ door: IncomingCall.Door) throws -> [String] {
            var bench = try WorkflowBench(
                steps: """
                    {"id": "it", "type": "limit", "next": "done", "branches": {"over": "done"},
                     "config": {"key": "all", "max": 1, \(config)}}
                    """
            )
            var call = WorkflowBench.call()
            call.door = door
            return bench.start(call).explanation.steps[1].remarks
        }
        let lease = #""lease_seconds": 100"#
        #expect(
            try remark(lease, .sip) == [
                "counts calls that are up; one by SIP counts for 100 s, because nobody tells when it is over"
            ]
        )
        #expect(
            try remark(lease, .twilio) == [
                "counts calls that are up; one by Twilio counts until a status callback says that it is "
                    + "over, and for 100 s at most"
            ]
        )
        for door in IncomingCall.Door.allCases {
            #expect(
                try remark(#""window_seconds": 60"#, door) == [
                    "counts the calls within 60 s of the first"
                ]
            )
        }
    }

    @Test("sticky gives the agent reached last, while it is younger than ttl and still usable")
    func sticky() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "sticky", "next": "done",
                 "config": {"key": "{{ input.caller_number }}", "ttl_seconds": 60}}
                """
        )
        #expect(bench.start().output?.label == #"{"found":false}"#)
        #expect(bench.start().output?.label == #"{"found":true,"agent_id":"sales"}"#)
        bench.now = bench.now + .seconds(60)
        #expect(bench.start().output?.label == #"{"found":false}"#)
        #expect(bench.start(WorkflowBench.call(from: "+2")).output?.label == #"{"found":false}"#)
        bench.services.agents = []
        let gone = bench.start()
        #expect(gone.explanation.text.contains("cannot take calls any more"))
        #expect(gone.failure?.fault.name == "unusable_agent")
    }

    @Test("$now() and $millis() are the time of the call")
    func time() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "set", "next": "done",
                 "config": {"values": {"now": "{{ $now() }}", "ms": "{{ $millis() }}", "in": "{{ input.timestamp }}"}}}
                """
        )
        #expect(
            bench.start(WorkflowBench.call(at: "2026-11-20T15:00:00Z")).output?.label
                == #"{"now":"2026-11-20T15:00:00.000Z","ms":1795186800000,"in":"2026-11-20T15:00:00.000Z"}"#
        )
    }

    @Test("the explanation tells each step, its result and its branch, as text and as JSON")
    func explanation() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "name": "Canary", "type": "split",
                 "config": {"key": "{{ input.caller_number }}", "weights": {"only": 1}},
                 "branches": {"only": "done"}}
                """
        )
        let explanation = bench.start().explanation
        #expect(
            explanation.text == """
                1. trigger (trigger)
                2. it (split) “Canary” → only
                     key: "+12125550123"
                     {"label":"only"}
                3. done (output)
                     {"agent_id":"sales","label":"{\\"label\\":\\"only\\"}"}
                answer: {"agent_id":"sales","label":"{\\"label\\":\\"only\\"}"}

                """
        )
        #expect(explanation.value["steps"]?[1]?["branch"] == "only")
        #expect(explanation.value["output"]?["agent_id"] == "sales")
    }

    @Test("a live run comes to the same as an explained one")
    func liveRun() throws {
        let bench = try WorkflowBench(
            steps: #"{"id": "it", "type": "note", "next": "done"}"#
        )
        var services = bench.services
        var run = WorkflowRun(bench.definition, input: WorkflowBench.call())
        var trace = NoTrace()
        let action = run.start(at: bench.now, services: &services, trace: &trace)
        guard case .decided(let output) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(output.agentID == "sales")
        #expect(run.nextDeadline == nil)
        guard case .waiting = run.start(at: bench.now, services: &services, trace: &trace) else {
            Issue.record("a run started twice")
            return
        }
    }
}
