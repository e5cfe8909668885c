import Gateway
import Primitives
import Routing
import Testing

/// Each failure of the contract, at either door, with a fallback agent and without.
@Suite("Workflows that come to no answer")
struct WorkflowFailureTests {
    /// Something that goes wrong in a workflow, and the step in which it does.
    struct Failure: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The step `it`, without its id; it leads to the output `done`, or is one itself.
        var step: String
        var answer: StepAnswers.Answer?

        init(_ description: String, _ step: String, _ answer: StepAnswers.Answer? = nil) {
            testDescription = description
            self.step = step
            self.answer = answer
        }

        /// An output with these fields.
        init(_ description: String, output fields: (name: String, value: String)...) {
            let rows = fields.map { #"{"name": "\#($0.name)", "value": \#($0.value)}"# }
            self.init(
                description,
                #""type": "output", "config": {"fields": [\#(rows.joined(separator: ","))]}"#
            )
        }

        var definition: String {
            let done = """
                , {"id": "done", "type": "output",
                "config": {"fields": [{"name": "agent_id", "value": "sales"}]}}
                """
            return """
                { "steps": [ {"id": "trigger", "type": "trigger", "next": "it"},
                  {"id": "it", \(step)}\(step.contains("done") ? done : "") ] }
                """
        }
    }

    private static let wrong = #""{{ 1 + 'a' }}""#

    /// An expression that fails, in every type of step that has one.
    static let expressions = [
        Failure(
            "condition",
            #""type": "condition", "config": {"branches": [{"label": "a", "when": \#(wrong)}]},"#
                + #""branches": {"a": "done", "default": "done"}"#
        ),
        Failure(
            "split",
            #""type": "split", "config": {"key": \#(wrong), "weights": {"a": 1}},"#
                + #""branches": {"a": "done"}"#
        ),
        Failure(
            "set",
            #""type": "set", "config": {"values": {"a": \#(wrong)}}, "next": "done""#
        ),
        Failure(
            "lookup",
            #""type": "lookup", "config": {"list": "l", "key": \#(wrong)}, "next": "done""#
        ),
        Failure(
            "limit",
            #""type": "limit", "config": {"key": \#(wrong), "max": 1}, "next": "done","#
                + #""branches": {"over": "done"}"#
        ),
        Failure(
            "sticky",
            #""type": "sticky", "config": {"key": \#(wrong), "ttl_seconds": 9}, "next": "done""#
        ),
        Failure(
            "http, its URL",
            #""type": "http", "config": {"url": "https://crm.example.com/{{ 1 + 'a' }}"}, "next": "done""#
        ),
        Failure(
            "http, its header",
            #""type": "http", "config": {"url": "https://crm.example.com/","#
                + #""headers": {"X-A": \#(wrong)}}, "next": "done""#
        ),
        Failure(
            "http, its body",
            #""type": "http", "config": {"method": "POST", "url": "https://crm.example.com/","#
                + #""body": {"a": [\#(wrong)]}}, "next": "done""#
        ),
        Failure("output", output: ("agent_id", wrong)),
    ]

    private static let http =
        #""type": "http", "config": {"url": "https://crm.example.com/"}, "next": "done""#
    private static let long = #""{{ $pad(input.door, 16385, 'x') }}""#

    /// The other rows of the contract.
    static let others = [
        Failure("a time-out in a step", http, .failure(.timedOut)),
        Failure("a host that does not answer", http, .failure(.unreachable)),
        Failure("an answer of 500", http, .response(status: 500, headers: [], body: [])),
        Failure(
            "too many operations",
            #""type": "set", "config": {"values": {"a": "{{ $sum([1..200000 + $length(input.door)]) }}"}}, "next": "done""#
        ),
        Failure(
            "values that are too large",
            #""type": "set", "config": {"values": {"a": "{{ $pad(input.door, 300000, 'x') }}"}}, "next": "done""#
        ),
        Failure("no reject, agent or targets", output: ("label", #""x""#)),
        Failure("an agent that is unknown", output: ("agent_id", #""nobody""#)),
        Failure("an agent that is inactive", output: ("agent_id", #""idle""#)),
        Failure("an agent of another organization", output: ("agent_id", #""theirs""#)),
        Failure("an agent without a published version", output: ("agent_id", #""draft""#)),
        Failure(
            "a version that is not published",
            output: ("agent_id", #""sales""#),
            ("version", "2")
        ),
        Failure(
            "a field of the wrong type",
            output: ("agent_id", #""sales""#),
            ("reject", #""{{ input.door != '' ? 'true' }}""#)
        ),
        Failure(
            "a context that is too long",
            output: ("agent_id", #""sales""#),
            ("initial_context", long)
        ),
        Failure(
            "metadata that is too long",
            output: ("agent_id", #""sales""#),
            ("custom_metadata", #"{"a": \#(long)}"#)
        ),
        Failure(
            "a target to which no call can be sent",
            output: ("targets", #"["{{ input.door & '://example.com' }}"]"#)
        ),
        Failure(
            "targets that this trunk does not reach",
            output: ("targets", #"["{{ 'sip:a@10.0.0.' & $length(input.door) }}"]"#)
        ),
    ]

    private func explain(
        _ failure: Failure,
        fallback: String?,
        enabled: Bool = true,
        own: String? = nil
    ) throws -> CallExplanation {
        var contents = try ExplainedWorkflow.contents()
        contents.organizations.append(Organization(id: "other", name: "Other"))
        let version = AgentVersion(number: 1, targets: [AgentTarget(uri: "sip:x@example.com")])
        contents.agents += [
            Agent(
                organizationID: "acme",
                id: "idle",
                name: "",
                isActive: false,
                versions: [version]
            ),
            Agent(organizationID: "acme", id: "draft", name: "", versions: []),
            Agent(organizationID: "other", id: "theirs", name: "", versions: [version]),
        ]
        contents.numbers[0].inboundAgentID = own
        contents.routings[0].workflowDefinition = failure.definition
        contents.routings[0].fallbackAgentID = fallback
        contents.routings[0].isEnabled = enabled
        let directory = try DirectorySnapshot(contents) { routing in
            let compilation = WorkflowDefinition.compile(routing)
            #expect(compilation.errors.map(\.text) == [])
            return compilation.definition
        }
        return try CallExplainer(
            directory: directory,
            configuration: ExplainedWorkflow.configuration,
            answers: StepAnswers(given: failure.answer.map { ["it": $0] } ?? [:])
        ).explain(try ExplainedWorkflow.question())
    }

    @Test(
        "the fallback agent answers by both doors; without one the call is refused with 503",
        arguments: expressions + others
    )
    func fallback(failure: Failure) throws {
        let answered = try explain(failure, fallback: "night", own: "sales")
        #expect(answered.doors.count == 2)
        for door in answered.doors {
            #expect(door.decision.rule == .fallbackAgent, "\(answered.text)")
            #expect(door.agent == "night" && door.answer.contains("sip:night@agents.example.com"))
        }
        for fallback in [nil, "draft"] {
            let refused = try explain(failure, fallback: fallback, own: "sales")
            let usable = Self.reason(of: failure)
            #expect(refused.doors.map(\.decision.refusal) == [usable, usable])
            let sip = try #require(refused.doors.first)
            let status = usable == .workflowFailed ? 503 : 480
            #expect(sip.answer.hasPrefix("SIP/2.0 \(status) "))
            #expect(sip.answer.contains("Reason: SIP;cause=\(status);text=\"\(usable.rawValue)\""))
            #expect(refused.doors.last?.answer.contains("<Reject reason=\"rejected\"/>") == true)
        }
    }

    /// Targets that only some trunks reach are no failure of the workflow itself.
    private static func reason(of failure: Failure) -> RefusalReason {
        failure.testDescription.contains("this trunk") ? .noTarget : .workflowFailed
    }

    @Test("every type of step with an expression is among them")
    func allTypes() {
        let plain: Set<WorkflowStepType> = [.trigger, .note, .schedule]
        for type in WorkflowStepType.allCases where !plain.contains(type) {
            #expect(Self.expressions.contains { $0.step.contains(#""type": "\#(type.rawValue)""#) })
        }
    }

    @Test("where no routing is enabled the number's own agent answers, else nobody does")
    func disabled() throws {
        let failure = Self.others[0]
        let own = try explain(failure, fallback: "night", enabled: false, own: "sales")
        #expect(own.doors.map(\.agent) == ["sales", "sales"])
        #expect(own.doors.allSatisfy { $0.decision.rule == .numberAgent })
        let nobody = try explain(failure, fallback: "night", enabled: false)
        #expect(nobody.doors.map(\.decision.refusal) == [.noAgent, .noAgent])
        #expect(nobody.doors[0].answer.hasPrefix("SIP/2.0 480 "))
    }

    @Test("a refusal by the workflow is no failure: the fallback agent is not asked")
    func rejected() throws {
        let reject = Failure("reject", output: ("reject", "true"), ("agent_id", #""nobody""#))
        let refused = try explain(reject, fallback: "night", own: "sales")
        #expect(refused.doors.map(\.decision.refusal) == [.rejected, .rejected])
        #expect(refused.doors[0].answer.hasPrefix("SIP/2.0 603 "))
        #expect(refused.doors[1].answer.contains("<Reject reason=\"rejected\"/>"))
    }
}
