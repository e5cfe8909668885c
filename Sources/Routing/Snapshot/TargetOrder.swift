import Primitives

/// The order in which the targets of an agent version are offered to one call.
///
/// By priority; within one priority a draw by weight without putting back, which the call's hash
/// alone decides: the same call gets the same order again, on any node, with no memory of it.
///
/// A target that is down keeps its position and is left out. So a position means the same target
/// before and after another one goes down or comes back, and a call that returns between two targets
/// neither skips one nor gets one twice on account of another.
package struct TargetOrder: Sendable {
    /// How many positions there are, 0…`positionsMax`, those that are left out among them.
    package private(set) var count = 0
    private var indices = InlineArray<64, UInt8>(repeating: 0)
    /// Bit n is set when the target at position n is left out.
    private var leftOut: UInt64 = 0

    /// Ten Contacts fit a datagram, and no carrier hunts longer than its caller waits.
    package static let countMax = 10
    /// Targets of one version that are looked at: a version has no more (`DirectoryFile`).
    package static let positionsMax = 64

    /// No target at all.
    package init() {}

    /// Draws the order of those of `targets` that `isOffered` lets through, by their index.
    ///
    /// `targets` are in ascending order of priority. A weight of 0 comes only after all others of
    /// its priority. Those that are down are left out; where all are, none is. Time is linear in the
    /// targets for each that is drawn; nothing is allocated.
    package init(
        of targets: [TargetEntry],
        call: UInt64,
        where isOffered: (Int) -> Bool = { _ in true },
        unless isDown: (Int) -> Bool = { _ in false }
    ) {
        let total = min(targets.count, Self.positionsMax)
        var random = SeededRandom(seed: call)
        var start = 0
        while start < total, offeredCount < Self.countMax {
            var end = start
            while end < total, targets[end].priority == targets[start].priority { end &+= 1 }
            draw(targets, in: start..<end, &random, where: isOffered, unless: isDown)
            start = end
        }
        guard offeredCount == 0 else { return }
        leftOut = 0
        count = min(count, Self.countMax)
    }

    /// The index of the target in its version, first to last.
    package subscript(position: Int) -> Int { Int(indices[position]) }

    /// How many targets are offered, 0…`countMax`.
    package var offeredCount: Int { count &- leftOut.nonzeroBitCount }

    /// Whether the target at a position is left out, because it is known to be down.
    func isLeftOut(_ position: Int) -> Bool {
        leftOut & (1 &<< UInt64(truncatingIfNeeded: position)) != 0
    }

    /// The first position at or after `position` whose target is offered, or nil.
    package func next(from position: Int) -> Int? {
        var position = max(position, 0)
        while position < count {
            if !isLeftOut(position) { return position }
            position &+= 1
        }
        return nil
    }

    /// The q value of the Contact at `position`, in thousandths: 1,000, 900 … 100.
    ///
    /// All differ, because equal ones may be rung at once (RFC 3261 §16.6); at most three decimals
    /// (§25.1, qvalue).
    package static func qThousandths(at position: Int) -> Int {
        max(1_000 - min(max(position, 0), 10) * 100, 0)
    }

    private mutating func draw(
        _ targets: [TargetEntry],
        in range: Range<Int>,
        _ random: inout SeededRandom,
        where isOffered: (Int) -> Bool,
        unless isDown: (Int) -> Bool
    ) {
        // Bit n is set while the target with index n can still be drawn.
        var waiting: UInt64 = 0
        for index in range where isOffered(index) { waiting |= 1 &<< UInt64(index) }
        while waiting != 0, offeredCount < Self.countMax {
            var sum: UInt64 = 0
            for index in range where waiting & (1 &<< UInt64(index)) != 0 {
                sum &+= UInt64(targets[index].weight)
            }
            // When only zero weights are left, each of them counts as one.
            let isWeighted = sum > 0
            let bound = isWeighted ? sum : UInt64(waiting.nonzeroBitCount)
            var rest = random.next().multipliedFullWidth(by: bound).high
            for index in range where waiting & (1 &<< UInt64(index)) != 0 {
                let share = isWeighted ? UInt64(targets[index].weight) : 1
                if rest < share {
                    waiting &= ~(1 &<< UInt64(index))
                    append(index, isLeftOut: isDown(index))
                    break
                }
                rest &-= share
            }
        }
    }

    private mutating func append(_ index: Int, isLeftOut: Bool) {
        indices[count] = UInt8(truncatingIfNeeded: index)
        if isLeftOut { leftOut |= 1 &<< UInt64(truncatingIfNeeded: count) }
        count &+= 1
    }
}
