import Primitives

/// What is kept of an API key: its SHA-256.
///
/// A key has 190 random bits, so that a plain hash cannot be searched; no salt and no slow hash is needed.
package struct APIKeyHash: Sendable {
    package let digest: InlineArray<32, UInt8>

    /// The hash of a key as a client presents it after `Bearer `.
    package init(presented key: Span<UInt8>) {
        digest = SHA256.digest(key)
    }

    /// The hash as the store keeps it, 32 octets; nil for any other number of them.
    package init?(octets: Span<UInt8>) {
        guard octets.count == 32 else { return nil }
        var digest = InlineArray<32, UInt8>(repeating: 0)
        for index in 0..<32 { digest[index] = octets[index] }
        self.digest = digest
    }

    /// 64 lower-case digits.
    package var hexadecimal: String { Hex.encode(digest.span) }
}

extension APIKeyHash: Hashable {
    /// Compares in constant time.
    package static func == (left: APIKeyHash, right: APIKeyHash) -> Bool {
        left.digest.span.isEqualInConstantTime(to: right.digest.span)
    }

    package func hash(into hasher: inout Hasher) {
        // A part of a digest is as evenly spread as the whole.
        for index in 0..<8 { hasher.combine(digest[index]) }
    }
}

extension APIKeyHash: CustomStringConvertible {
    /// The first 8 digits, enough to tell keys apart in a log.
    package var description: String { "sha256:" + String(hexadecimal.prefix(8)) + "…" }
}
