import FoundationEssentials
import JSONata
import Primitives
import Routing

/// Workflows as organizations write them, of several lengths, and a call that goes all the way.
struct SampleWorkflow {
    let definition: WorkflowDefinition
    let input: WorkflowInput

    /// Opening hours, spam, known callers, regions, a canary: ten steps on the way of the call.
    static func usual() throws -> SampleWorkflow {
        try SampleWorkflow(steps: [
            #"{"id": "trigger", "type": "trigger", "next": "hours"}"#,
            """
            {"id": "hours", "type": "schedule", "branches": {"open": "spam", "closed": "night"},
             "config": {"timezone": "America/New_York", "dates": {"2026-12-25": []}, "weekly": {
              "mon": ["08:00-20:00"], "tue": ["08:00-20:00"], "wed": ["08:00-20:00"],
              "thu": ["08:00-20:00"], "fri": ["08:00-12:00", "13:00-20:00"]}}}
            """,
            """
            {"id": "spam", "type": "condition",
             "branches": {"forged": "decline", "nuisance": "decline", "default": "known"},
             "config": {"branches": [
              {"label": "forged", "when": "{{ input.attestation = 'failed' }}"},
              {"label": "nuisance",
               "when": "{{ input.caller_number in ['+19005550100', '+19005550101', '+19005550102'] }}"
              }]}}
            """,
            """
            {"id": "known", "type": "lookup", "next": "caller",
             "config": {"list": "callers", "key": "{{ input.caller_number }}"}}
            """,
            """
            {"id": "caller", "type": "condition", "branches": {"gold": "night", "default": "line"},
             "config": {"branches": [
              {"label": "gold", "when": "{{ known.found and known.value.tier = 'gold' }}"}]}}
            """,
            """
            {"id": "line", "type": "condition", "branches": {"support": "facts", "default": "facts"},
             "config": {"branches": [
              {"label": "support", "when": "{{ $contains(input.number.label, 'Support') }}"}]}}
            """,
            """
            {"id": "facts", "type": "set", "next": "canary", "config": {"values": {
              "tier": "{{ known.found ? known.value.tier : 'standard' }}",
              "site": "{{ input.headers.`X-Site` }}", "language": "en"}}}
            """,
            """
            {"id": "canary", "type": "split", "branches": {"stable": "region", "canary": "region"},
             "config": {"key": "{{ input.caller_number }}", "weights": {"stable": 95, "canary": 5}}}
            """,
            """
            {"id": "region", "type": "condition", "branches": {"west": "answer", "default": "night"},
             "config": {"branches": [
              {"label": "west",
               "when": "{{ $substring(input.called_number, 0, 5) = '+1415' and facts.site != 'east' }}"
              }]}}
            """,
            """
            {"id": "answer", "type": "output", "config": {"fields": [
              {"name": "agent_id", "type": "string", "value": "sales"},
              {"name": "initial_context", "type": "string", "value":
               "A {{ facts.tier }} customer calls {{ input.number.label }} from {{ input.caller_number }}"},
              {"name": "custom_metadata", "type": "object", "value": {
               "tier": "{{ facts.tier }}", "share": "{{ canary.label }}"}},
              {"name": "label", "type": "string", "value": "west"}]}}
            """,
            #"{"id": "night", "type": "output", "config": {"fields": [{"name": "agent_id", "value": "sales"}]}}"#,
            """
            {"id": "decline", "type": "output", "config": {"fields": [
              {"name": "reject", "value": true}, {"name": "reject_reason", "value": "declined"}]}}
            """,
        ])
    }

    /// One step, which answers.
    static func shortest() throws -> SampleWorkflow {
        try SampleWorkflow(steps: [
            #"{"id": "answer", "type": "output", "config": {"fields": [{"name": "agent_id", "value": "sales"}]}}"#
        ])
    }

    /// Fifty steps: the trigger, sixteen rounds of a condition, a lookup and values, and the answer.
    static func longest() throws -> SampleWorkflow {
        var steps = [#"{"id": "trigger", "type": "trigger", "next": "test1"}"#]
        for round in 1...16 {
            steps.append(
                """
                {"id": "test\(round)", "type": "condition",
                 "branches": {"yes": "answer", "default": "find\(round)"},
                 "config": {"branches": [{"label": "yes", "when":
                  "{{ input.called_number = '+1415555\(1_000 + round)' and input.door = 'sip' }}"}]}}
                """
            )
            steps.append(
                """
                {"id": "find\(round)", "type": "lookup", "next": "facts\(round)",
                 "config": {"list": "callers", "key": "{{ input.caller_number }}"}}
                """
            )
            steps.append(
                """
                {"id": "facts\(round)", "type": "set",
                 "next": "\(round < 16 ? "test\(round + 1)" : "answer")", "config": {"values": {
                  "tier": "{{ find\(round).value.tier }}", "round": \(round)}}}
                """
            )
        }
        steps.append(
            """
            {"id": "answer", "type": "output", "config": {"fields": [
             {"name": "agent_id", "value": "sales"},
             {"name": "label", "value": "{{ facts16.tier }} caller"}]}}
            """
        )
        return try SampleWorkflow(steps: steps)
    }

    /// A bound on each caller's calls, and the agent whom the caller reached last.
    static func counting() throws -> SampleWorkflow {
        try SampleWorkflow(steps: [
            #"{"id": "trigger", "type": "trigger", "next": "often"}"#,
            """
            {"id": "often", "type": "limit", "branches": {"within": "last", "over": "busy"},
             "config": {"key": "{{ input.caller_number }}", "max": 1000000, "window_seconds": 600}}
            """,
            """
            {"id": "last", "type": "sticky", "next": "returning",
             "config": {"key": "{{ input.caller_number }}", "ttl_seconds": 3600}}
            """,
            """
            {"id": "returning", "type": "condition", "branches": {"yes": "again", "default": "first"},
             "config": {"branches": [{"label": "yes", "when": "{{ last.found }}"}]}}
            """,
            """
            {"id": "again", "type": "output", "config": {"fields": [
             {"name": "agent_id", "value": "{{ last.agent_id }}"},
             {"name": "label", "value": "call {{ often.count }}"}]}}
            """,
            #"{"id": "first", "type": "output", "config": {"fields": [{"name": "agent_id", "value": "sales"}]}}"#,
            """
            {"id": "busy", "type": "output", "config": {"fields": [
             {"name": "reject", "value": true}, {"name": "reject_reason", "value": "busy"}]}}
            """,
        ])
    }

    private init(steps: [String]) throws {
        let text = """
            {"version": 1, "initial_step": "\(steps.count == 1 ? "answer" : "trigger")",
             "lists": {"callers": [
              {"key": "+12125550123", "value": {"tier": "silver", "since": 2019}},
              {"key": "+12125550199", "value": {"tier": "gold", "since": 2011}},
              {"key": "+1212*", "value": {"tier": "bronze"}}]},
             "steps": [\(steps.joined(separator: ",\n"))]}
            """
        let compilation = WorkflowDefinition.compile(
            try JSONValue.parse(text),
            in: WorkflowSurroundings { name in
                FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)").map {
                    [UInt8]($0)
                }
            }
        )
        guard let definition = compilation.definition else {
            throw SampleFault(problems: compilation.problems.map(\.description))
        }
        self.definition = definition
        input = Self.call
    }

    /// The call of `SampleInvite`, on a Friday morning in New York.
    private static var call: WorkflowInput {
        var input = WorkflowInput(
            callerNumber: "+12125550123",
            calledNumber: "+14155500007",
            trunkID: "carrier-a",
            organizationID: "acme",
            timestamp: WallTime(rfc3339: "2026-11-20T15:00:00Z") ?? WallTime(seconds: 0),
            callID: "00000000-4711@127.0.0.1",
            door: .sip
        )
        input.callerName = "WIRELESS CALLER"
        input.attestation = .full
        input.headers = [("X-Site", "west"), ("X-Carrier-Trace", "7f3a91c2")]
        input.numberLabel = "Support line"
        input.numberMetadata = ["team": "support", "floor": 3]
        return input
    }
}

/// A sample that does not compile.
struct SampleFault: Error {
    var problems: [String]
}
