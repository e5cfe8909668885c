import Primitives
import Routing
import Testing

@Suite("Splits")
struct SplitTests {
    static func bench(_ weights: String) throws -> WorkflowBench {
        try WorkflowBench(
            steps: """
                {"id": "it", "type": "split",
                 "config": {"key": "{{ input.caller_number }}", "weights": {\(weights)}},
                 "branches": {"stable": "done", "canary": "canary"}},
                {"id": "canary", "type": "output",
                 "config": {"fields": [{"name": "agent_id", "value": "canary"}]}}
                """
        )
    }

    static func share(of bench: inout WorkflowBench, keys: Int) -> [Bool] {
        (0..<keys).map { key in
            bench.start(WorkflowBench.call(from: "+1415\(5_000_000 + key)", id: "\(key)"))
                .output?.agentID == "canary"
        }
    }

    @Test("100,000 keys fall out by weight within three standard deviations")
    func evenness() throws {
        var bench = try Self.bench(#""stable": 95, "canary": 5"#)
        let count = Self.share(of: &bench, keys: 100_000).count { $0 }
        // 100,000 × 0.05 = 5,000 ± 3 × √(100,000 × 0.05 × 0.95) = 207
        #expect((4_793...5_207).contains(count))
    }

    @Test(
        "a key stays where it is: in another process, for another call, with weights in another order"
    )
    func stability() throws {
        var bench = try Self.bench(#""stable": 50, "canary": 50"#)
        var reordered = try Self.bench(#""canary": 50, "stable": 50"#)
        let first = Self.share(of: &bench, keys: 500)
        let again = Self.share(of: &bench, keys: 500)
        let other = Self.share(of: &reordered, keys: 500)
        #expect(first == again)
        #expect(first == other)
        let head = first.prefix(24).map { $0 ? "c" : "s" }.joined()
        #expect(head == "cccccccsccccscscscccscss")
    }

    @Test("a change of one percent moves about one key in a hundred")
    func smallChange() throws {
        var before = try Self.bench(#""stable": 95, "canary": 5"#)
        var after = try Self.bench(#""stable": 94, "canary": 6"#)
        let moved = zip(Self.share(of: &before, keys: 5_000), Self.share(of: &after, keys: 5_000))
            .count { $0 != $1 }
        #expect((1...100).contains(moved))
    }

    @Test("a weight of nothing gets nothing")
    func zeroWeight() throws {
        var bench = try Self.bench(#""stable": 1, "canary": 0"#)
        let share = Self.share(of: &bench, keys: 2_000)
        #expect(!share.contains(true))
    }
}
