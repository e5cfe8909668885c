/// Some of the 128 ASCII characters, written as a literal of them: `"-._~"`.
package struct ASCIISet: ExpressibleByStringLiteral, Sendable {
    /// One bit for each character: 0…63 and 64…127.
    private var low: UInt64
    private var high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Octets beyond ASCII are never in a set.
    package init(stringLiteral characters: StaticString) {
        self.init(low: 0, high: 0)
        characters.withUTF8Buffer { octets in
            let octets = unsafe octets.span
            for index in octets.indices {
                let byte = octets[index]
                if byte < 64 { low |= 1 &<< UInt64(byte) }
                if byte >= 64, byte < 128 { high |= 1 &<< UInt64(byte & 63) }
            }
        }
    }

    /// RFC 3986 §2.3: letters, digits, `-`, `.`, `_` and `~`.
    package static let unreserved = ASCIISet(
        low: 0x03FF_6000_0000_0000,
        high: 0x47FF_FFFE_87FF_FFFE
    )

    package func union(_ other: ASCIISet) -> ASCIISet {
        ASCIISet(low: low | other.low, high: high | other.high)
    }

    package func contains(_ byte: UInt8) -> Bool {
        let set = byte < 64 ? low : high
        return byte < 128 && (set &>> UInt64(byte & 63)) & 1 == 1
    }
}
