import Primitives

extension SeededRandom {
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
