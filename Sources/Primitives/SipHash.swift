/// SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash that strangers cannot steer.
///
/// It names transactions, makes To tags and picks buckets of tables that peers fill.
package struct SipHash: Sendable {
    private var v0, v1, v2, v3: UInt64
    private var tail: UInt64 = 0
    private var length: UInt64 = 0

    package init(key: Key) {
        v0 = key.first ^ 0x736f_6d65_7073_6575
        v1 = key.second ^ 0x646f_7261_6e64_6f6d
        v2 = key.first ^ 0x6c79_6765_6e65_7261
        v3 = key.second ^ 0x7465_6462_7974_6573
    }

    /// Two random words; nodes that must agree on To tags share them.
    package struct Key: Hashable, Sendable {
        package var first: UInt64
        package var second: UInt64

        package init(_ first: UInt64, _ second: UInt64) {
            self.first = first
            self.second = second
        }
    }

    package mutating func combine(_ byte: UInt8) {
        tail |= UInt64(byte) << ((length & 7) &* 8)
        length &+= 1
        if length & 7 == 0 {
            absorb(tail)
            tail = 0
        }
    }

    package mutating func combine(_ bytes: Span<UInt8>) {
        var index = 0
        while index < bytes.count, length & 7 != 0 {
            combine(bytes[index])
            index &+= 1
        }
        while index &+ 8 <= bytes.count {
            absorb(bytes.word(at: index))
            length &+= 8
            index &+= 8
        }
        while index < bytes.count {
            combine(bytes[index])
            index &+= 1
        }
    }

    /// The eight octets of `word`, the lowest first.
    package mutating func combine(_ word: UInt64) {
        let filled = (length & 7) &* 8
        absorb(tail | word &<< filled)
        tail = filled == 0 ? 0 : word &>> (64 &- filled)
        length &+= 8
    }

    /// The hash of all that was combined.
    package consuming func finalize() -> UInt64 {
        absorb(tail | length << 56)
        v2 ^= 0xFF
        round()
        round()
        round()
        round()
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    private mutating func round() {
        v0 = v0 &+ v1
        v1 = rotated(v1, by: 13) ^ v0
        v0 = rotated(v0, by: 32)
        v2 = v2 &+ v3
        v3 = rotated(v3, by: 16) ^ v2
        v0 = v0 &+ v3
        v3 = rotated(v3, by: 21) ^ v0
        v2 = v2 &+ v1
        v1 = rotated(v1, by: 17) ^ v2
        v2 = rotated(v2, by: 32)
    }

    private func rotated(_ word: UInt64, by bits: UInt64) -> UInt64 {
        word &<< bits | word &>> (64 &- bits)
    }
}
