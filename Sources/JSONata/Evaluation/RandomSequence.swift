import Primitives

/// The numbers of `$random` and `$shuffle`, which follow from the seed of a run.
struct RandomSequence {
    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// 0 ≤ number < 1, of 53 bits.
    mutating func nextFraction() -> Double {
        Double(random.next() >> 11) * 0x1p-53
    }

    /// 0 ≤ number < `bound`; `bound` is at least 1.
    mutating func next(below bound: Int) -> Int {
        Int(random.next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
