/// A run of bytes inside a buffer that somebody else holds: a message is one buffer and slices of it.
///
/// Offsets are from the start of the message; a message is at most 64 KiB, so that 32 bits are ample.
@usableFromInline
package struct ByteSlice: Hashable, Sendable, BitwiseCopyable {
    @usableFromInline package var start: UInt32
    @usableFromInline package var count: UInt32

    @inlinable
    package init(start: Int, count: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.count = UInt32(truncatingIfNeeded: count)
    }

    @inlinable
    package init(_ range: Range<Int>) {
        self.init(start: range.lowerBound, count: range.count)
    }

    @inlinable
    package static var empty: ByteSlice { ByteSlice(start: 0, count: 0) }

    @inlinable
    package var isEmpty: Bool { count == 0 }
    @inlinable
    package var lowerBound: Int { Int(start) }
    @inlinable
    package var upperBound: Int { Int(start) &+ Int(count) }
    @inlinable
    package var range: Range<Int> { lowerBound..<upperBound }
}

extension Span where Element == UInt8 {
    /// The bytes of `slice`, cut to what this span really holds, so that a stale slice can never trap.
    @_lifetime(copy self)
    @inlinable
    package func bytes(_ slice: ByteSlice) -> Span<UInt8> {
        let lower = Swift.min(slice.lowerBound, count)
        let upper = Swift.min(slice.upperBound, count)
        return extracting(lower..<upper)
    }

    /// `range` without the spaces and tabs at its ends (OWS, RFC 9110 §5.6.3).
    package func trimmingBlanks(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start] == ASCII.space || self[start] == ASCII.tab { start &+= 1 }
        while end > start, self[end &- 1] == ASCII.space || self[end &- 1] == ASCII.tab {
            end &-= 1
        }
        return start..<end
    }

    /// A copy as text; bytes that are not UTF-8 become U+FFFD.
    ///
    /// For edges and logs, not for parsing.
    package func text(_ slice: ByteSlice) -> String {
        bytes(slice).text
    }

    /// A copy of all bytes as text; bytes that are not UTF-8 become U+FFFD.
    package var text: String {
        unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// A copy of all bytes.
    package var array: [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Whether both hold the same bytes.
    ///
    /// Not for secrets: it stops at the first difference.
    @inlinable
    package func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var index = 0
        while index &+ 8 <= count {
            guard word(at: index) == other.word(at: index) else { return false }
            index &+= 8
        }
        while index < count {
            guard self[index] == other[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether both hold the same bytes once ASCII letters are folded to lower case.
    @inlinable
    package func isEqualIgnoringCase(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var index = 0
        while index &+ 8 <= count {
            guard lowercasedWord(at: index) == other.lowercasedWord(at: index) else { return false }
            index &+= 8
        }
        while index < count {
            let left = ASCII.lowercased(self[index])
            guard left == ASCII.lowercased(other[index]) else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether these bytes are exactly `literal`.
    @inlinable
    package func isEqual(to literal: StaticString) -> Bool {
        literal.withUTF8Buffer { unsafe isEqual(to: $0.span) }
    }

    /// Whether these bytes are `literal` once ASCII letters are folded to lower case.
    @inlinable
    package func isEqualIgnoringCase(to literal: StaticString) -> Bool {
        literal.withUTF8Buffer { unsafe isEqualIgnoringCase(to: $0.span) }
    }

    /// The first index of `byte` at or after `start`, or nil.
    @inlinable
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        var index = Swift.max(start, 0)
        while index < count {
            if self[index] == byte { return index }
            index &+= 1
        }
        return nil
    }

    /// The first eight bytes, most significant first, zeros where there are fewer.
    ///
    /// Two that differ in it differ, and stand in its order.
    package var firstWord: UInt64 {
        if count >= 8 { return word(at: 0).bigEndian }
        var word: UInt64 = 0
        var index = 0
        while index < count {
            word |= UInt64(self[index]) << UInt64(56 &- index &* 8)
            index &+= 1
        }
        return word
    }

    /// Eight bytes at `index`, which the span must hold, the first one lowest.
    @inlinable
    package func word(at index: Int) -> UInt64 {
        let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        return UInt64(littleEndian: word)
    }

    /// The same with ASCII letters in lower case.
    @inlinable func lowercasedWord(at index: Int) -> UInt64 {
        let word = word(at: index)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let low = word & (ones &* 0x7F)
        // The top bit of a byte of each sum says: at least A; above Z. Bytes from 0x80 are no letters.
        let letters = ((low &+ ones &* 0x3F) ^ (low &+ ones &* 0x25)) & ~word & (ones &* 0x80)
        return word | letters >> 2
    }
}
