import Primitives

/// A new API key, shown once to the one who asked for it and then forgotten.
///
/// A prefix that tells what it is (`ak_`, `sk_live_`, …) and 32 letters and digits: 190 random bits.
package struct APIKey: Sendable {
    package let prefix: String
    private let letters: Secret

    /// How many random octets `init` asks for; the few that would favour some letters are skipped.
    package static let randomByteCount = 64

    /// Makes a key from random octets; nil if there are too few that can be used.
    ///
    /// With `randomByteCount` octets the chance of that is under 10⁻²⁰; draw again.
    package init?(prefix: String, randomBytes: Span<UInt8>) {
        var letters: [UInt8] = []
        for index in randomBytes.indices where letters.count < 32 {
            // 248 is the largest multiple of 62: higher octets would come out as the first letters.
            guard randomBytes[index] < 248 else { continue }
            letters.append(Self.letter(randomBytes[index] % 62))
        }
        guard letters.count == 32 else { return nil }
        self.prefix = prefix
        self.letters = Secret(letters)
    }

    /// The key in full, for the one answer that shows it.
    package var exposed: String {
        prefix + letters.withBytes { $0.text }
    }

    package var hash: APIKeyHash {
        let text = Array(exposed.utf8)
        return APIKeyHash(presented: text.span)
    }

    private static func letter(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<10: 0x30 &+ value
        case 10..<36: 0x41 &+ (value &- 10)
        default: 0x61 &+ (value &- 36)
        }
    }
}

extension APIKey: Redacted {
    /// The prefix alone.
    package var description: String { prefix + "‹secret›" }
    package var debugDescription: String { description }
}
