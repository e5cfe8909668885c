import Primitives
import Routing
import Testing

@Suite("Decisions while targets are down")
struct HealthDecisionTests {
    private static let uris = ["sip:a@example.com", "sip:b@example.com", "sip:c@example.com"]

    /// A directory whose agent `sales` has these targets, in this order.
    private func directory(_ uris: [String] = uris) throws -> (SampleCall, DirectorySnapshot) {
        var sample = try SampleCall()
        sample.contents.agents[0].versions[0].targets = uris.enumerated().map {
            AgentTarget(uri: $0.element, priority: $0.offset + 1)
        }
        return (sample, try DirectorySnapshot(sample.contents))
    }

    /// The targets that a call is offered while these are down, first to last.
    private func offered(
        _ sample: SampleCall,
        _ directory: DirectorySnapshot,
        down: [String]
    ) throws -> (targets: [String], decision: Decision) {
        let directory = directory.with(down: down.map { Array($0.utf8) })
        var trace = NoTrace()
        let decision = directory.decide(try sample.incoming(directory), trace: &trace)
        let version = directory.agent(decision.agent)?.version(UInt32(decision.version))
        var targets: [String] = []
        var next = decision.targets.next(from: decision.firstTarget)
        while let position = next {
            let uri = version?.targets[decision.targets[position]].uri ?? []
            targets.append(String(decoding: uri, as: UTF8.self))
            next = decision.targets.next(from: position + 1)
        }
        return (targets, decision)
    }

    @Test(
        "targets that are down are left out; where all are, all are tried",
        arguments: zip(
            [[], ["a"], ["b"], ["a", "b"], ["a", "b", "c"], ["c"]],
            [["a", "b", "c"], ["b", "c"], ["a", "c"], ["c"], ["a", "b", "c"], ["a", "b"]]
        )
    )
    func leftOut(down: [String], left: [String]) throws {
        let (sample, directory) = try directory()
        let result = try offered(sample, directory, down: down.map { "sip:\($0)@example.com" })
        #expect(result.targets == left.map { "sip:\($0)@example.com" })
        #expect(result.decision.outcome == .answer)
        #expect(result.decision.targets.offeredCount == left.count)
    }

    @Test("a number is never down, so that the others of its agent are left out while they are")
    func numbers() throws {
        let (sample, directory) = try directory(["sip:a@example.com", "+14155550123"])
        let result = try offered(sample, directory, down: ["sip:a@example.com", "+14155550123"])
        #expect(result.targets == ["+14155550123"])
    }

    @Test("only what this door can offer counts for whether all are down")
    func doors() throws {
        var (sample, directory) = try directory(["wss://w.example.com", "sip:a@example.com"])
        let down = ["sip:a@example.com"]
        #expect(try offered(sample, directory, down: down).targets == ["sip:a@example.com"])
        sample.door = .twilio
        #expect(try offered(sample, directory, down: down).targets == ["wss://w.example.com"])
    }

    @Test("the order of those that are left is the draw that the call had, for 1,000 calls")
    func sameDraw() throws {
        var (sample, directory) = try directory()
        sample.contents.agents[0].versions[0].targets = (0..<8).map {
            AgentTarget(uri: "sip:\($0)@example.com", priority: $0 / 4, weight: $0 + 1)
        }
        directory = try DirectorySnapshot(sample.contents)
        var random = SeededRandom(seed: 302)
        for _ in 0..<1_000 {
            sample.id = random.next()
            let all = try offered(sample, directory, down: []).targets
            let down = all.filter { _ in Bool.random(using: &random) }
            let left = try offered(sample, directory, down: down).targets
            let expected = all.filter { !down.contains($0) }
            #expect(left == (expected.isEmpty ? all : expected))
            #expect(try offered(sample, directory, down: down).targets == left)
        }
    }

    @Test("of many targets the ten that are up are offered, wherever in the order they stand")
    func many() throws {
        let uris = (0..<64).map { "sip:\($0)@example.com" }
        let (sample, directory) = try directory(uris)
        let up = [3, 5, 11, 20, 30, 31, 40, 50, 60, 62, 63]
        let down = (0..<64).filter { !up.contains($0) }.map { uris[$0] }
        #expect(
            try offered(sample, directory, down: down).targets == up.prefix(10).map { uris[$0] }
        )
        #expect(try offered(sample, directory, down: uris).targets == Array(uris.prefix(10)))
    }

    @Test(
        "a call that returns goes on at its position, whatever has changed in between",
        arguments: [
            // Offered before, down at that time, down now, offered next.
            (next: 1, down: ["b"], expected: ["c"]),
            (next: 1, down: ["a"], expected: ["b", "c"]),
            (next: 1, down: ["a", "b"], expected: ["c"]),
            (next: 2, down: ["a", "b"], expected: ["c"]),
            (next: 2, down: [], expected: ["c"]),
            (next: 1, down: ["a", "b", "c"], expected: ["b", "c"]),
            (next: 3, down: ["a"], expected: []),
            (next: 1, down: ["b", "c"], expected: []),
        ]
    )
    func continuation(next: Int, down: [String], expected: [String]) throws {
        var (sample, directory) = try directory()
        sample.door = .twilio
        sample.continuation = ("sales", 1, next)
        let result = try offered(sample, directory, down: down.map { "sip:\($0)@example.com" })
        #expect(result.targets == expected.map { "sip:\($0)@example.com" })
        #expect(result.decision.refusal == (expected.isEmpty ? .targetsExhausted : nil))
    }

    @Test("with nobody left that is up, the fallback agent gets the call that returns")
    func fallback() throws {
        var (sample, directory) = try directory()
        sample.door = .twilio
        sample.continuation = ("sales", 1, 1)
        sample.enableRouting(fallback: "night")
        directory = try DirectorySnapshot(sample.contents)
        let down = ["sip:b@example.com", "sip:c@example.com"]
        let result = try offered(sample, directory, down: down)
        #expect(result.decision.rule == .fallbackAgent)
        #expect(result.targets == ["sip:night@example.com"])
    }

    @Test("2,000 random calls by Twilio get no target twice, and miss none that was up all along")
    func walks() throws {
        let uris = (0..<5).map { "sip:\($0)@example.com" }
        var (sample, directory) = try directory(uris)
        sample.door = .twilio
        var random = SeededRandom(seed: 480)
        for _ in 0..<2_000 {
            sample.id = random.next()
            sample.continuation = nil
            let alwaysUp = Set(uris.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
            var tried: [String] = []
            while true {
                let down = uris.filter { !alwaysUp.contains($0) && Bool.random(using: &random) }
                let result = try offered(sample, directory, down: down)
                guard let target = result.targets.first else { break }
                tried.append(target)
                sample.continuation = ("sales", 1, result.decision.firstTarget + 1)
            }
            #expect(Set(tried).count == tried.count)
            #expect(alwaysUp.isSubset(of: tried))
            #expect(tried == tried.sorted())
        }
    }
}
