import Primitives

/// The numbers of `$random` and `$shuffle`, which follow from the seed of a run.
package struct RandomSequence {
    private var random: SeededRandom

    /// What the numbers follow from.
    package enum Seed: Sendable {
        case number(UInt64)
        /// Hashed when the first number is drawn, which few expressions do.
        case text(String)
    }

    init(seed: Seed) {
        switch seed {
        case .number(let number): random = SeededRandom(seed: number)
        case .text(let text):
            var hash = SipHash(key: Self.seedKey)
            hash.combine(text.utf8Span.span)
            random = SeededRandom(seed: hash.finalize())
        }
    }

    private static let seedKey = SipHash.Key(0x7472_756E_6B6C_696E, 0x652D_7261_6E64_6F6D)

    /// 0 ≤ number < 1, of 53 bits.
    mutating func nextFraction() -> Double {
        Double(random.next() >> 11) * 0x1p-53
    }

    /// 0 ≤ number < `bound`; `bound` is at least 1.
    mutating func next(below bound: Int) -> Int {
        Int(random.next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
