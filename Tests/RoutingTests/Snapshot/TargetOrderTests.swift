import Primitives
import Routing
import Testing

/// Targets with these priorities and weights, in ascending order of priority.
private func targets(_ shares: [(priority: Int, weight: Int)]) -> [TargetEntry] {
    shares.enumerated().compactMap { index, share in
        TargetEntry(
            AgentTarget(uri: "sip:\(index)@a", priority: share.priority, weight: share.weight)
        )
    }
}

private func order(
    of targets: [TargetEntry],
    call: UInt64,
    where isOffered: (Int) -> Bool = { _ in true }
) -> [Int] {
    let order = TargetOrder(of: targets, call: call, where: isOffered)
    return (0..<order.count).map { order[$0] }
}

@Suite("The order of targets")
struct TargetOrderTests {
    @Test("each target is offered once, lower priorities first, the same for the same call")
    func permutation() {
        let targets = targets([(1, 3), (1, 0), (1, 7), (2, 1), (5, 2), (5, 2)])
        for call in UInt64(0)..<1_000 {
            let order = order(of: targets, call: call)
            #expect(Set(order) == Set(0..<6))
            #expect(Set(order.prefix(3)) == [0, 1, 2])
            #expect(order[3] == 3)
            #expect(orders(of: targets, call: call).allSatisfy { $0 == order })
        }
    }

    /// The same call on three nodes.
    private func orders(of targets: [TargetEntry], call: UInt64) -> [[Int]] {
        (0..<3).map { _ in order(of: targets, call: call) }
    }

    @Test("a weight of 0 comes after all others of its priority, and before the next priority")
    func zeroWeights() {
        let targets = targets([(1, 0), (1, 1), (1, 0), (2, 9)])
        var first: Set<Int> = []
        for call in UInt64(0)..<1_000 {
            let order = order(of: targets, call: call)
            #expect(order[0] == 1 && order[3] == 3)
            first.insert(order[1])
        }
        #expect(first == [0, 2])
    }

    @Test("100,000 calls split by weight within three standard deviations")
    func split() {
        let weights = [50, 30, 15, 5]
        let targets = targets(weights.map { (1, $0) })
        let calls = 100_000
        var random = SeededRandom(seed: 8)
        var counts = [Int](repeating: 0, count: weights.count)
        var seconds = [Int](repeating: 0, count: weights.count)
        for _ in 0..<calls {
            let order = TargetOrder(of: targets, call: random.next())
            counts[order[0]] += 1
            if order[0] == 0 { seconds[order[1]] += 1 }
        }
        expect(counts, split: weights.map { Double($0) / 100 }, of: calls)
        // Once the first is gone, the others share what is left: 30 : 15 : 5.
        expect(seconds, split: [0, 0.6, 0.3, 0.1], of: counts[0])
    }

    @Test("calls whose hashes are consecutive numbers split as well")
    func consecutive() {
        let targets = targets([(1, 1), (1, 1), (1, 1)])
        var counts = [0, 0, 0]
        for call in UInt64(0)..<100_000 { counts[TargetOrder(of: targets, call: call)[0]] += 1 }
        expect(counts, split: [1.0 / 3, 1.0 / 3, 1.0 / 3], of: 100_000)
    }

    private func expect(_ counts: [Int], split shares: [Double], of calls: Int) {
        for (count, share) in zip(counts, shares) {
            let deviation = (Double(calls) * share * (1 - share)).squareRoot()
            #expect(abs(Double(count) - Double(calls) * share) <= 3 * deviation)
        }
    }

    @Test("targets that this door cannot offer are left out, and none at all is none")
    func offered() {
        let targets = targets([(1, 1), (1, 1), (2, 1)])
        for call in UInt64(0)..<100 {
            #expect(order(of: targets, call: call) { $0 != 1 } == [0, 2])
            #expect(order(of: targets, call: call) { _ in false }.isEmpty)
        }
        #expect(order(of: [], call: 1).isEmpty)
    }

    @Test(
        "of many targets ten are offered, all different, and the heaviest weights do not overflow"
    )
    func many() {
        let targets = targets([(0, 65_535)] + Array(repeating: (1, 65_535), count: 500))
        for call in UInt64(0)..<200 {
            let order = order(of: targets, call: call)
            #expect(order.count == TargetOrder.countMax)
            #expect(order[0] == 0)
            #expect(Set(order).count == order.count)
        }
    }

    @Test("q values fall from 1.0 in tenths and never meet")
    func qualities() {
        let values = (0..<TargetOrder.countMax).map { TargetOrder.qThousandths(at: $0) }
        #expect(values == [1_000, 900, 800, 700, 600, 500, 400, 300, 200, 100])
    }
}
