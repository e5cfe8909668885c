import Primitives

/// Scans that look at eight bytes at a time.
///
/// Each test marks bytes by their top bit. The lowest mark is always right; above it a borrow may
/// have marked a byte wrongly, which is why only the lowest one is ever used.
extension Span where Element == UInt8 {
    /// The index of the first byte below space at or after `start`, or `count`.
    @inline(__always)
    func firstControl(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let marks = Self.marksBelowSpace(word(at: index))
            if marks != 0 { return index &+ marks.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count, self[index] >= 0x20 { index &+= 1 }
        return index
    }

    /// The index of the first colon or byte below space at or after `start`, or `count`.
    @inline(__always)
    func firstColonOrControl(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = word(at: index)
            let marks = Self.marksBelowSpace(word) | Self.marks(of: ASCII.colon, in: word)
            if marks != 0 { return index &+ marks.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count, self[index] >= 0x20, self[index] != ASCII.colon { index &+= 1 }
        return index
    }

    /// The index of the first `byte` in `range`, or its upper bound.
    @inline(__always)
    func first(_ byte: UInt8, in range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index &+ 8 <= range.upperBound {
            let marks = Self.marks(of: byte, in: word(at: index))
            if marks != 0 { return index &+ marks.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < range.upperBound, self[index] != byte { index &+= 1 }
        return index
    }

    /// How often `byte` occurs in `range`, counting no further than is needed to exceed `limit`.
    func occurrences(of byte: UInt8, in range: Range<Int>, limit: Int) -> Int {
        var found = 0
        var index = first(byte, in: range)
        while index < range.upperBound, found <= limit {
            found &+= 1
            index = first(byte, in: (index &+ 1)..<range.upperBound)
        }
        return found
    }

    @inline(__always)
    private static func marksBelowSpace(_ word: UInt64) -> UInt64 {
        (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
    }

    @inline(__always)
    private static func marks(of byte: UInt8, in word: UInt64) -> UInt64 {
        let difference = word ^ (UInt64(byte) &* 0x0101_0101_0101_0101)
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }
}
