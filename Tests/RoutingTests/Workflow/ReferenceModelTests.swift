import JSONata
import Primitives
import Routing
import Testing

@Suite("Workflows against a reference model")
struct ReferenceModelTests {
    private static let agents: Set<String> = ["sales", "night"]

    @Test("25,000 calls of random workflows take the steps that the model takes, to the same end")
    func agreement() throws {
        let callsEach = 200
        var random = SeededRandom(seed: 20_261_121)
        var kinds: [String: Int] = [:]
        for number in 0..<max(randomCaseCount(usual: 25_000) / callsEach, 1) {
            let workflow = ReferenceWorkflow(random: &random)
            let definition = try compile(workflow)
            var model = ReferenceModel(workflow, agents: Self.agents)
            var services = BenchServices(agents: Self.agents)
            var now: Int64 = 0
            for turn in 0..<callsEach {
                now += Int64.random(in: 0...8, using: &random)
                let call = Self.call(turn, now: now, &random)
                let expected = model.decide(call)
                let (outcome, path) = run(definition, call, &services)
                guard outcome == expected, path == model.path else {
                    Issue.record(
                        """
                        workflow \(number), \(call): the engine says \(outcome) by \(path), the model
                        \(expected) by \(model.path)
                        \(workflow.json)
                        """
                    )
                    return
                }
                kinds[Self.kind(of: expected), default: 0] += 1
                // A call that is over by what Twilio says: the same for both.
                guard Int.random(in: 0..<5, using: &random) == 0 else { continue }
                model.end(call: call.id)
                services.counters.end(call: call.id)
            }
        }
        // Nothing would be shown by calls that all go the same way.
        for kind in ["agent_id", "reject", "targets", "no_answer", "unusable_agent", "http_status"]
        {
            #expect(kinds[kind, default: 0] > 500, "\(kinds)")
        }
    }

    private static func kind(of outcome: ReferenceModel.Outcome) -> String {
        switch outcome {
        case .failed(let fault, _): fault
        case .decided(let fields):
            ["reject", "targets", "agent_id"].first { fields[$0] != nil } ?? "nothing"
        }
    }

    private func compile(_ workflow: ReferenceWorkflow) throws -> WorkflowDefinition {
        let compilation = WorkflowDefinition.compile(
            try JSONValue.parse(workflow.json),
            in: WorkflowSurroundings(
                allowedHosts: ["crm.example.com"],
                timeZoneFile: WorkflowBench.zoneFile
            )
        )
        guard let definition = compilation.definition else { throw BenchError(compilation) }
        return definition
    }

    private static func call(
        _ turn: Int,
        now: Int64,
        _ random: inout SeededRandom
    ) -> ReferenceModel.Call {
        let answers: [ReferenceModel.Answer] = [
            .agent("sales"), .agent("gone"), .status(404), .status(503), .noJSON, .nothing,
        ]
        // Now and then the same call comes again.
        let id = Int.random(in: 0..<10, using: &random) == 0 ? max(turn - 1, 0) : turn
        return ReferenceModel.Call(
            id: "\(id)",
            caller: ReferenceWorkflow.callers.randomElement(using: &random) ?? "",
            called: "+14155550100",
            door: Bool.random(using: &random) ? "sip" : "twilio",
            time: time(&random),
            now: now,
            answer: answers.randomElement(using: &random) ?? .nothing
        )
    }

    /// In 2026 or 2027, every second time within two hours of a change of clocks.
    private static func time(_ random: inout SeededRandom) -> Int64 {
        guard Bool.random(using: &random) else {
            return Int64.random(in: 1_767_225_600..<1_830_297_600, using: &random)
        }
        // New York, Sydney and London in 2026, each into summer and out of it.
        let changes: [Int64] = [
            1_772_953_200, 1_793_512_800, 1_791_043_200, 1_775_318_400, 1_774_746_000,
            1_792_890_000,
        ]
        let change = changes.randomElement(using: &random) ?? 0
        return change + Int64.random(in: -7_200...7_200, using: &random)
    }

    // MARK: - The engine

    private func run(
        _ definition: WorkflowDefinition,
        _ call: ReferenceModel.Call,
        _ services: inout BenchServices
    ) -> (ReferenceModel.Outcome, path: [String]) {
        let input = WorkflowInput(
            callerNumber: call.caller,
            calledNumber: call.called,
            trunkID: "carrier-a",
            organizationID: "acme",
            timestamp: WallTime(seconds: call.time),
            callID: call.id,
            door: call.door == "sip" ? .sip : .twilio
        )
        let now = Instant(nanoseconds: call.now * 1_000_000_000)
        var run = WorkflowRun(definition, input: input)
        var trace = WorkflowPath(of: definition)
        var action = run.start(at: now, services: &services, trace: &trace)
        while case .request(let request, _) = action {
            let event = Self.event(call.answer, of: request)
            action = run.handle(event, at: now, services: &services, trace: &trace)
        }
        let path = trace.words.map { String($0.prefix { $0 != ":" }) }
        switch action {
        case .decided(let output): return (.decided(Self.fields(of: output)), path)
        case .failed(let failure):
            let step = Int(failure.step.dropFirst()) ?? -1
            return (.failed(failure.fault.name, step: step), path)
        case .request, .waiting: return (.failed("waits", step: -1), path)
        }
    }

    private static func event(
        _ answer: ReferenceModel.Answer,
        of request: HTTPStepRequest
    ) -> WorkflowEvent {
        func response(_ status: Int, _ body: String) -> WorkflowEvent {
            let type = HTTPStepRequest.Header(name: "Content-Type", value: "application/json")
            return .response(
                id: request.id,
                status: status,
                headers: [type],
                body: Array(body.utf8)
            )
        }
        return switch answer {
        case .agent(let agent): response(200, "{\"agent\": \"\(agent)\"}")
        case .status(let status): response(status, "{}")
        case .noJSON: response(200, "<html>")
        case .nothing: .requestFailed(id: request.id, reason: .unreachable)
        }
    }

    private static func fields(of output: WorkflowOutput) -> [String: String] {
        var fields: [String: String] = [:]
        if output.rejects { fields["reject"] = "true" }
        fields["agent_id"] = output.agentID
        fields["version"] = output.version.map { "\($0)" }
        fields["targets"] = output.targets?.joined(separator: ",")
        fields["label"] = output.label
        return fields
    }
}
