/// A seeded generator (SplitMix64), so that a failing case can be run again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func octets(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// A text of up to `count` characters of `alphabet`.
    mutating func text(upTo count: Int, of alphabet: String) -> String {
        let letters = Array(alphabet)
        return String(
            (0..<Int.random(in: 0...count, using: &self)).map { _ in
                letters.randomElement(using: &self) ?? "?"
            }
        )
    }
}
