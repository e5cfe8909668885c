import Foundation
import JSONata
import Primitives
import Routing

/// The services of one loop with a set of agents instead of a directory.
struct BenchServices: WorkflowServices {
    var agents: Set<String> = []
    var counters = CallCounters()
    var sticky = StickyTable()
    var lists: [String: LookupTable] = [:]
    let evaluator = Evaluator.ofRuns()

    mutating func count(
        _ key: String,
        by measure: CallMeasure,
        max: Int,
        call: String,
        at now: Instant
    ) -> Int {
        counters.count(key, by: measure, max: max, call: call, at: now)
    }

    mutating func recall(_ key: String, within lifetime: Interval, at now: Instant) -> String? {
        sticky.recall(key, within: lifetime, at: now)
    }

    mutating func remember(_ key: String, agent: String, at now: Instant) {
        sticky.remember(key, agent: agent, at: now)
    }

    func lookup(
        _ key: String,
        in list: String,
        organization: String,
        at time: WallTime
    )
        -> JSONValue?
    {
        lists["\(organization)/\(list)"]?.value(of: key, at: time)
    }

    func isUsable(agent: String, version: Int?, organization: String) -> Bool {
        agents.contains(agent) && (version ?? 1) == 1
    }
}

/// A definition on a bench: calls are put in by hand, time is set.
struct WorkflowBench {
    var definition: WorkflowDefinition
    var services = BenchServices(agents: ["sales", "night", "stable", "canary"])
    var now = Instant(nanoseconds: 1_000_000_000)

    init(_ text: String) throws {
        let compilation = try Self.compile(text)
        guard let definition = compilation.definition else { throw BenchError(compilation) }
        self.definition = definition
    }

    /// A definition of a trigger, the given steps, and an output `done` that names `sales`.
    init(steps: String, first: String = "it") throws {
        try self.init(Self.text(steps: steps, first: first))
    }

    static func text(steps: String, first: String = "it") -> String {
        """
        { "steps": [ {"id": "trigger", "type": "trigger", "next": "\(first)"}, \(steps),
          {"id": "done", "type": "output", "config": {"fields": [
            {"name": "agent_id", "type": "string", "value": "sales"},
            {"name": "label", "value": "{{ $string(it) }}"}]}} ] }
        """
    }

    static func compile(
        _ text: String,
        hasFallbackAgent: Bool = true
    ) throws -> WorkflowCompilation {
        WorkflowDefinition.compile(
            try JSONValue.parse(text),
            in: WorkflowSurroundings(
                agentStanding: { id in
                    ["gone", "unknown"].contains(id)
                        ? .unknown() : id == "idle" ? .unusable : .usable
                },
                allowedHosts: [
                    "crm.example.com", "*.internal.example.com", "other.example.com:8443",
                ],
                hasFallbackAgent: hasFallbackAgent,
                timeZoneFile: zoneFile
            )
        )
    }

    /// The octets of a zone of this system's database.
    static func zoneFile(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)").map { [UInt8]($0) }
    }

    static func call(
        from caller: String = "+12125550123",
        at time: String = "2026-11-20T15:00:00Z",
        id: String = "call-1"
    ) -> WorkflowInput {
        WorkflowInput(
            callerNumber: caller,
            calledNumber: "+14155550100",
            trunkID: "carrier-a",
            organizationID: "acme",
            timestamp: WallTime(rfc3339: time) ?? WallTime(seconds: 0),
            callID: id,
            door: .sip
        )
    }

    /// Starts a run for a call.
    mutating func start(_ call: WorkflowInput = call(), timeoutMilliseconds: Int = 5_000) -> Started
    {
        var run = WorkflowRun(definition, input: call, timeoutMilliseconds: timeoutMilliseconds)
        var explanation = WorkflowExplanation(of: definition)
        let action = run.start(at: now, services: &services, trace: &explanation)
        explanation.conclude(action)
        return Started(run: run, action: action, explanation: explanation)
    }

    /// Puts an event into a run that waits.
    mutating func handle(_ event: WorkflowEvent, _ started: inout Started) {
        started.action = started.run.handle(
            event,
            at: now,
            services: &services,
            trace: &started.explanation
        )
        started.explanation.conclude(started.action)
    }

    /// Lets time pass for a run that waits.
    mutating func advance(byMilliseconds milliseconds: Int64, _ started: inout Started) {
        now = now + .milliseconds(milliseconds)
        started.action = started.run.advance(
            to: now,
            services: &services,
            trace: &started.explanation
        )
        started.explanation.conclude(started.action)
    }

    struct Started {
        var run: WorkflowRun
        var action: WorkflowAction
        var explanation: WorkflowExplanation

        var output: WorkflowOutput? {
            if case .decided(let output) = action { output } else { nil }
        }
        var failure: WorkflowFailure? {
            if case .failed(let failure) = action { failure } else { nil }
        }
        var request: HTTPStepRequest? {
            if case .request(let request, _) = action { request } else { nil }
        }
        var isWaiting: Bool { if case .waiting = action { true } else { false } }
    }
}

struct BenchError: Error, CustomStringConvertible {
    var description: String

    init(_ compilation: WorkflowCompilation) {
        description = compilation.problems.map(\.description).joined(separator: "\n")
    }
}
