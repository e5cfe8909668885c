import JSONata
import Primitives
import Routing
import Testing

/// A small generator of random definitions; the same seed gives the same ones.
struct DefinitionGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    }

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int((state >> 11) % UInt64(max(bound, 1)))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// Steps that lead only to later ones, the last of them an output; broken here and there when asked.
    mutating func definition(brokenIn chance: Int) -> JSONValue {
        let count = 3 + below(8)
        var steps = JSONArray()
        steps.append(["id": "s0", "type": "trigger", "next": "s1"])
        for index in 1..<count {
            var step = index == count - 1 ? output() : step(index, of: count)
            step["id"] = .string("s\(index)")
            if chance > 0, below(chance) == 0 { breakSomething(&step) }
            steps.append(.object(step))
        }
        return ["version": 1, "initial_step": "s0", "steps": .array(steps)]
    }

    private mutating func step(_ index: Int, of count: Int) -> JSONObject {
        // The first branch always goes to the next step, so that each is reached.
        let next = JSONValue.string("s\(index + 1)")
        let other = JSONValue.string("s\(index + 1 + below(count - index - 1))")
        switch below(8) {
        case 0:
            return [
                "type": "condition", "branches": ["a": next, "default": other],
                "config": ["branches": [["label": "a", "when": expression()]]],
            ]
        case 1:
            return [
                "type": "schedule", "branches": ["open": next, "closed": other],
                "config": [
                    "timezone": .string(pick(["America/New_York", "Australia/Sydney"])),
                    "weekly": ["mon": ["08:00-20:00"], "fri": ["06:00-12:00", "23:00-01:00"]],
                ],
            ]
        case 2:
            return [
                "type": "split", "branches": ["a": next, "b": other],
                "config": [
                    "key": expression(), "weights": ["a": .number(Double(below(9))), "b": 2],
                ],
            ]
        case 3:
            return ["type": "set", "next": next, "config": ["values": ["v": expression()]]]
        case 4:
            return [
                "type": "limit", "branches": ["within": next, "over": other],
                "config": [
                    "key": expression(), "max": .number(Double(below(3))), "window_seconds": 9,
                ],
            ]
        case 5:
            return [
                "type": "sticky", "next": next, "config": ["key": expression(), "ttl_seconds": 9],
            ]
        case 6:
            return [
                "type": "http", "next": next, "on_error": other,
                "config": ["url": "https://crm.example.com/{{ input.call_id }}"],
            ]
        default: return ["type": "note", "next": next]
        }
    }

    private mutating func output() -> JSONObject {
        var fields = JSONArray()
        for name in ["agent_id", "label", "reject", "targets", "version"] where below(2) == 0 {
            let constant: JSONValue =
                ["reject": false, "targets": [], "version": 1][name] ?? "sales"
            fields.append(["name": .string(name), "value": constant])
        }
        fields.append(["name": "initial_context", "value": .string(pick(texts))])
        return ["type": "output", "config": ["fields": .array(fields)]]
    }

    private mutating func expression() -> JSONValue { .string(pick(texts)) }

    private let texts = [
        "{{ input.caller_number }}", "{{ input.door = 'sip' }}", "{{ $millis() % 7 < 3 }}",
        "{{ s1.label = 'a' or s2.v }}", "{{ $random() < 0.5 }}", "{{ $string($) }}", "{{ 1 / 0 }}",
        "{{ $sum([1..300]) > 3 }}", "a {{ s1 }} b", "{{ **.label[0] }}", "{{ $not(s3.found) }}",
        "{{ input.headers.x & 'y' }}", "{{ $.*.v ~> $count }}",
    ]

    private mutating func breakSomething(_ step: inout JSONObject) {
        let key = pick(["id", "type", "config", "next", "branches", "on_error", "name"])
        let values: [JSONValue] = [
            .null, 5, "{{", "s0", "s1", "${x}", [], [[]], ["a": ["b": "{{ ( }}"]], true, "code", "",
            "output", "http", .number(1e300), ["branches": [5, ["label": 1, "when": []]]],
            ["timezone": 1, "weekly": ["mon": [1, "25:00-26:00"]], "dates": [1]],
            ["fields": [1, ["name": "agent_id"], ["name": []]]], ["weights": ["a": -1, "b": "x"]],
        ]
        step[key] = below(6) == 0 ? nil : pick(values)
    }
}

@Suite("Random workflows")
struct RandomDefinitionTests {
    /// Runs a definition to its end, and says all that happened.
    static func run(_ definition: WorkflowDefinition, seed: Int) -> String {
        var explanation = WorkflowExplanation(of: definition)
        explanation.conclude(run(definition, seed: seed, trace: &explanation))
        #expect(explanation.ending != nil)
        return explanation.text + explanation.value.jsonText
    }

    /// Runs a definition to its end; HTTP steps are answered in a way that the seed decides.
    static func run(
        _ definition: WorkflowDefinition,
        seed: Int,
        trace: inout some WorkflowTrace
    ) -> WorkflowAction {
        var services = BenchServices(agents: ["sales"])
        let input = WorkflowBench.call(from: "+1212\(seed)", id: "\(seed)")
        var run = WorkflowRun(definition, input: input)
        var now = Instant(nanoseconds: 0)
        var action = run.start(at: now, services: &services, trace: &trace)
        for turn in 0..<100 {
            guard case .request(let request, let deadline) = action else { break }
            now = now + .milliseconds(300)
            if (seed + turn) % 3 == 0 {
                now = deadline
                action = run.advance(to: now, services: &services, trace: &trace)
            } else {
                let event = WorkflowEvent.response(
                    id: request.id,
                    status: (seed + turn) % 3 == 1 ? 200 : 500,
                    headers: [],
                    body: Array(#"{"a":1}"#.utf8)
                )
                action = run.handle(event, at: now, services: &services, trace: &trace)
            }
        }
        #expect(run.nextDeadline == nil)
        return action
    }

    @Test("a run comes out the same without a trace, and whether or not expressions see everything")
    func whatIsSeen() throws {
        let surroundings = WorkflowSurroundings(
            allowedHosts: ["crm.example.com"],
            timeZoneFile: WorkflowBench.zoneFile
        )
        var runs = 0
        for seed in 0..<3_000 where runs < 500 {
            var generator = DefinitionGenerator(seed: UInt64(seed) + 40_000)
            let json = generator.definition(brokenIn: 0)
            // Expressions over everything would see the step that is put in below.
            guard !["$)", "**", "$.*"].contains(where: json.jsonText.contains),
                let definition = WorkflowDefinition.compile(json, in: surroundings).definition,
                let open = WorkflowDefinition.compile(Self.open(json), in: surroundings).definition
            else { continue }
            runs += 1
            var closedTrace = WorkflowExplanation(of: definition)
            var openTrace = WorkflowExplanation(of: open)
            var noTrace = NoTrace()
            let outcome = Self.text(Self.run(definition, seed: seed, trace: &closedTrace))
            #expect(Self.text(Self.run(definition, seed: seed, trace: &noTrace)) == outcome)
            #expect(Self.text(Self.run(open, seed: seed, trace: &openTrace)) == outcome)
            let visits = openTrace.steps.filter { $0.id != "all" }.map { "\($0)" }
            #expect(closedTrace.steps.map { "\($0)" } == visits)
        }
        #expect(runs == 500)
    }

    /// The definition with a step behind the first whose expression sees everything.
    private static func open(_ json: JSONValue) -> JSONValue {
        var steps = JSONArray()
        for step in json["steps"]?.arrayValue ?? [] {
            guard step["id"] == "s0", var trigger = step.objectValue else {
                steps.append(step)
                continue
            }
            trigger["next"] = "all"
            steps.append(.object(trigger))
            steps.append(
                [
                    "id": "all", "type": "set", "next": "s1",
                    "config": ["values": ["names": "{{ $keys($) }}"]],
                ]
            )
        }
        return ["version": 1, "initial_step": "s0", "steps": .array(steps)]
    }

    private static func text(_ action: WorkflowAction) -> String {
        switch action {
        case .decided(let output): output.value.jsonText
        case .failed(let failure): "\(failure)"
        case .request, .waiting: "waits"
        }
    }

    @Test("1,000 random definitions compile and run alike each time, and nothing traps")
    func soundDefinitions() throws {
        var runs = 0
        for seed in 0..<2_000 where runs < 1_000 {
            var generator = DefinitionGenerator(seed: UInt64(seed))
            let json = generator.definition(brokenIn: 0)
            let surroundings = WorkflowSurroundings(
                allowedHosts: ["crm.example.com"],
                timeZoneFile: WorkflowBench.zoneFile
            )
            let compilation = WorkflowDefinition.compile(json, in: surroundings)
            // A condition may have drawn a text with an expression in it, which can never be true.
            guard let definition = compilation.definition else {
                #expect(!compilation.errors.isEmpty)
                continue
            }
            runs += 1
            #expect(!definition.drawing.isEmpty)
            #expect(Self.run(definition, seed: seed) == Self.run(definition, seed: seed))
        }
        #expect(runs == 1_000)
    }

    @Test("broken definitions have problems with places, and nothing traps")
    func brokenDefinitions() {
        var refused = 0
        for seed in 0..<1_000 {
            var generator = DefinitionGenerator(seed: UInt64(seed) + 7_777)
            let json = generator.definition(brokenIn: 2)
            let compilation = WorkflowDefinition.compile(
                json,
                in: WorkflowSurroundings(timeZoneFile: { _ in nil })
            )
            if compilation.definition == nil {
                refused += 1
                #expect(!compilation.errors.isEmpty)
                #expect(compilation.errors.allSatisfy { !$0.message.isEmpty })
            }
        }
        #expect(refused > 800)
    }
}
