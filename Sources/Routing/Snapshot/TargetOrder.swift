/// The order in which the targets of an agent version are offered to one call.
///
/// By priority; within one priority a draw by weight without putting back, which the call's hash
/// alone decides: the same call gets the same order again, on any node, with no memory of it.
package struct TargetOrder: Sendable {
    /// How many targets are offered, 0…`countMax`.
    package private(set) var count = 0
    private var indices = InlineArray<10, UInt16>(repeating: 0)

    /// Ten Contacts fit a datagram, and no carrier hunts longer than its caller waits.
    package static let countMax = 10

    /// No target at all.
    package init() {}

    /// Draws the order of those of `targets` that `isOffered` lets through, by their index.
    ///
    /// `targets` are in ascending order of priority. A weight of 0 comes only after all others of
    /// its priority. Time is linear in the targets for each that is offered; nothing is allocated.
    package init(
        of targets: [TargetEntry],
        call: UInt64,
        where isOffered: (Int) -> Bool = { _ in true }
    ) {
        let total = min(targets.count, Int(UInt16.max))
        var start = 0
        while start < total, count < Self.countMax {
            var end = start
            while end < total, targets[end].priority == targets[start].priority { end &+= 1 }
            draw(targets, in: start..<end, call: call, where: isOffered)
            start = end
        }
    }

    /// The index of the target in its version, first to last.
    package subscript(position: Int) -> Int { Int(indices[position]) }

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
        call: UInt64,
        where isOffered: (Int) -> Bool
    ) {
        let first = count
        while count < Self.countMax {
            var left = 0
            var sum: UInt64 = 0
            for index in range where isOffered(index) && !isDrawn(index, since: first) {
                left &+= 1
                sum &+= UInt64(targets[index].weight)
            }
            guard left > 0 else { return }
            // When only zero weights are left, each of them counts as one.
            let isWeighted = sum > 0
            var rest = Self.random(call, draw: count, below: isWeighted ? sum : UInt64(left))
            for index in range where isOffered(index) && !isDrawn(index, since: first) {
                let share = isWeighted ? UInt64(targets[index].weight) : 1
                if rest < share {
                    indices[count] = UInt16(truncatingIfNeeded: index)
                    count &+= 1
                    break
                }
                rest &-= share
            }
        }
    }

    private func isDrawn(_ index: Int, since first: Int) -> Bool {
        var position = first
        while position < count {
            if indices[position] == UInt16(truncatingIfNeeded: index) { return true }
            position &+= 1
        }
        return false
    }

    /// A number below `bound` for each draw of a call (the mixing steps of SplitMix64).
    private static func random(_ call: UInt64, draw: Int, below bound: UInt64) -> UInt64 {
        var word = call &+ UInt64(truncatingIfNeeded: draw &+ 1) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ word &>> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word &>> 27) &* 0x94D0_49BB_1331_11EB
        word ^= word &>> 31
        return word.multipliedFullWidth(by: bound).high
    }
}
