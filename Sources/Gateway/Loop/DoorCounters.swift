import Routing

/// What one loop counts of the calls of one door: how they ended, and how long each took.
final class DoorCounters: Sendable {
    let answered = LoopCount()
    /// By `RefusalReason.position`.
    private let refused = RefusalReason.allCases.map { _ in LoopCount() }
    /// How many calls took at most so long as the bound of the same place, and longer than the one
    /// before it; the last place is for those above all bounds.
    private let times = (0...timeBounds.count).map { _ in LoopCount() }
    let microseconds = LoopCount()

    /// Upper bounds of the histogram, microseconds: from what a decision takes to the 4 s after which
    /// carriers go on without us.
    static let timeBounds = [
        50, 100, 200, 500, 1_000, 5_000, 20_000, 100_000, 500_000, 1_500_000, 4_000_000,
    ]

    func add(refusal: RefusalReason?, microseconds taken: Int) {
        if let refusal {
            refused[refusal.position].add()
        } else {
            answered.add()
        }
        times[Self.timeBounds.firstIndex { taken <= $0 } ?? Self.timeBounds.count].add()
        microseconds.add(taken)
    }

    func refused(_ reason: RefusalReason) -> Int { refused[reason.position].value }

    /// How many calls took longer than the bound before `place` and no longer than its own.
    func calls(inTimePlace place: Int) -> Int { times[place].value }
}
