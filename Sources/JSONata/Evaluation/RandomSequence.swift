/// Numbers that look random and follow from a seed (SplitMix64, Steele, Lea, Flood 2014).
struct RandomSequence {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// 0 ≤ number < 1, of 53 bits.
    mutating func nextFraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// 0 ≤ number < `bound`; `bound` is at least 1.
    mutating func next(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
