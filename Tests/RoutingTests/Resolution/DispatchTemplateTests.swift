import JSONata
import Primitives
import Routing
import Testing

@Suite("Dispatch templates")
struct DispatchTemplateTests {
    private func call(template: String, agent: String? = nil) throws -> SampleCall {
        var call = try SampleCall()
        call.contents.numbers[0].inboundAgentID = agent
        call.contents.numbers[0].dispatchTemplate = template
        call.contents.routings = [InboundRouting(organizationID: "acme", defaultAgentID: "night")]
        return call
    }

    private func metadata(_ decision: Decision) -> String? {
        decision.enclosure.map { String(decoding: $0.metadata, as: UTF8.self) }
    }

    @Test("a number with a template and no agent goes to the organization's default agent")
    func defaultAgent() throws {
        let (decision, tests, targets) = try call(template: #"{"line":"front"}"#).decide()
        #expect(decision.outcome == .answer)
        #expect(decision.rule == .dispatchTemplate)
        #expect(targets == ["sip:night@example.com"])
        #expect(metadata(decision) == #"{"line":"front"}"#)
        #expect(
            tests.suffix(6) == [
                "not workflow_enabled", "not number_agent_set", "dispatch_template_set",
                "default_agent_set", "agent_usable", "target_offered",
            ]
        )
    }

    @Test("without a default agent nobody answers such a number")
    func noDefaultAgent() throws {
        var call = try call(template: "{}")
        call.contents.routings = []
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == .noAgent)
        #expect(decision.rule == .dispatchTemplate)
        #expect(tests.suffix(2) == ["dispatch_template_set", "not default_agent_set"])
    }

    @Test("the default agent gets no calls of numbers without a template")
    func noTemplate() throws {
        let (decision, tests, _) = try call(template: "").decide()
        #expect(decision.refusal == .noAgent)
        #expect(tests.last == "not dispatch_template_set")
    }

    @Test("a default agent that nobody knows is a fault of its routing")
    func unknownDefaultAgent() throws {
        var call = try SampleCall()
        call.contents.routings = [InboundRouting(organizationID: "acme", defaultAgentID: "nobody")]
        #expect(throws: DirectoryFault.self) { try DirectorySnapshot(call.contents) }
    }

    @Test("the template goes along with calls to the number's own agent, by either door")
    func ownAgent() throws {
        for door in IncomingCall.Door.allCases {
            var call = try call(template: #"{"line":"front"}"#, agent: "sales")
            call.door = door
            let decision = try call.decide().decision
            #expect(decision.rule == .numberAgent)
            #expect(metadata(decision) == #"{"line":"front"}"#)
        }
    }

    @Test("a refused call takes nothing along, and so does one without template and workflow")
    func nothing() throws {
        var refused = try call(template: #"{"a":1}"#, agent: "sales")
        refused.contents.numbers[0].status = .suspended
        #expect(try refused.decide().decision.enclosure == nil)
        #expect(try SampleCall().decide().decision.enclosure == nil)
        #expect(try call(template: "{}", agent: "sales").decide().decision.enclosure == nil)
    }

    @Test("every variable stands for the call's own, at any depth, and only in texts")
    func variables() throws {
        var call = try call(
            template: #"{"all":["{{caller_number}}|{{called_number}}|{{ trunk_id }}",{"b":"#
                + #""{{organization_id}}|{{timestamp}}|{{call_id}}"}],"{{call_id}}":7,"n":null}"#,
            agent: "sales"
        )
        call.id = 0xBEEF
        #expect(
            try metadata(call.decide().decision)
                == #"{"all":["|+14155550100|main",{"b":"acme|2026-11-21T07:05:09.000Z|"#
                + #"000000000000beef"}],"{{call_id}}":7,"n":null}"#
        )
    }

    @Test("a template is read once for all numbers that have the same")
    func sharing() throws {
        var sample = try call(template: #"{"line":"front"}"#)
        var second = sample.contents.numbers[0]
        second.number = try #require(PhoneNumber("+14155550177"))
        sample.contents.numbers.append(second)
        let directory = try DirectorySnapshot(sample.contents)
        let templates = try [sample.contents.numbers[0], second].map { row in
            let entry = try #require(directory.entry(row.number))
            return try #require(directory.numbers.details(of: entry).dispatchTemplate)
        }
        #expect(templates[0] === templates[1])
        let same = directory.entry(second.number).flatMap { directory.row(of: $0) }
        #expect(same?.dispatchTemplate == second.dispatchTemplate)
    }

    @Test("what was put in is not looked through again, and braces that are no variable stay")
    func noSecondScan() throws {
        var call = try SampleCall()
        call.contents.trunks[0].id = "{{call_id}}"
        call.contents.numbers[0].trunkID = "{{call_id}}"
        call.contents.numbers[0].dispatchTemplate =
            #"{"a":"{{trunk_id}}","b":"{{","c":"{{{{trunk_id}}}}","d":"{trunk_id}","e":"{{x"}"#
        call.trunks = ["acme/{{call_id}}"]
        #expect(
            try metadata(call.decide().decision)
                == #"{"a":"{{call_id}}","b":"{{","c":"{{{{call_id}}}}","d":"{trunk_id}","e":"{{x"}"#
        )
    }

    @Test("a caller who asked for privacy is not named (RFC 3323)")
    func privacy() throws {
        let sample = try call(template: #"{"from":"{{caller_number}}"}"#, agent: "sales")
        let directory = try DirectorySnapshot(sample.contents)
        var call = try sample.incoming(directory)
        call.caller = .number(try #require(PhoneNumber("+12125550123")))
        var trace = NoTrace()
        #expect(metadata(directory.decide(call, trace: &trace)) == #"{"from":"+12125550123"}"#)
        call.isCallerHidden = true
        #expect(metadata(directory.decide(call, trace: &trace)) == #"{"from":""}"#)
    }

    @Test("what a workflow says wins over the template, member by member")
    func merge() throws {
        let sample = try call(template: #"{"a":"{{call_id}}","b":1}"#)
        let directory = try DirectorySnapshot(sample.contents)
        let call = try sample.incoming(directory)
        var trace = NoTrace()
        var consultation = directory.decide(call, trace: &trace)
        consultation.rule = .workflow
        consultation.enclosure = nil
        var output = WorkflowOutput()
        output.agentID = "sales"
        output.initialContext = "hello"
        output.customMetadata = JSONObject()
        output.customMetadata["b"] = [2]
        output.customMetadata["c"] = true
        let decision = directory.conclude(
            consultation,
            with: WorkflowResult(.decided(output)),
            of: call,
            trace: &trace
        )
        #expect(metadata(decision) == #"{"a":"0000000000000001","b":[2],"c":true}"#)
        #expect(decision.enclosure?.context == Array("hello".utf8))
    }

    @Test("the fallback agent gets the template, and nothing that the workflow said")
    func fallback() throws {
        var sample = try call(template: #"{"a":1}"#)
        sample.contents.routings[0].isEnabled = true
        sample.contents.routings[0].fallbackAgentID = "night"
        let directory = try DirectorySnapshot(sample.contents)
        let call = try sample.incoming(directory)
        var trace = NoTrace()
        var output = WorkflowOutput()
        output.agentID = "draft"
        output.initialContext = "for the draft"
        var consultation = directory.decide(call, trace: &trace)
        consultation.rule = .workflow
        let decision = directory.conclude(
            consultation,
            with: WorkflowResult(.decided(output)),
            of: call,
            trace: &trace
        )
        #expect(decision.rule == .fallbackAgent)
        #expect(metadata(decision) == #"{"a":1}"#)
        #expect(decision.enclosure?.context == [])
    }

    @Test(
        "names that are no variable are told when the template is saved",
        arguments: [
            (#"{"a":"{{caller_number}}{{ call_id }}"}"#, []),
            (#"{"a":"{{caller}} and {{b c}}","d":["{{}}"]}"#, ["caller", "b c", ""]),
            (#"{"a":"{{caller_number} }} {{{x}}}"}"#, ["x"]), ("not json", []), ("[1]", []),
            (#"{"a":"{{\#(String(repeating: "x", count: 70))}}"}"#, []),
        ]
    )
    func unknownVariables(template: String, unknown: [String]) {
        #expect(DispatchTemplate(template).unknownVariables == unknown)
    }

    @Test("a text full of braces takes linear time, and comes out as it was")
    func braces() throws {
        for piece in ["{", "{{", "}}", "{{a", "{{ "] {
            let text = String(repeating: piece, count: 5_000)
            var call = try call(template: #"{"a":"\#(text)"}"#, agent: "sales")
            call.id = 1
            #expect(try metadata(call.decide().decision) == #"{"a":"\#(text)"}"#)
        }
    }
}
