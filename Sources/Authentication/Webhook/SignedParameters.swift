import Primitives

/// The part of the signed text that the parameters of a form make: names and values, sorted, joined.
///
/// Names are sorted by their octets, then the values of one name; each name stands before each of its
/// values, nothing stands between them, and a pair that comes twice counts once. The libraries disagree
/// on a name that comes twice:
///
/// | library | signs | accepted here |
/// |---|---|---|
/// | python, node | each different value once, sorted, the name before each | yes: this form |
/// | ruby | the same for different values; equal pairs stay double | where no pair comes twice |
/// | java, go | one value for each name | where no name comes twice |
/// | php, csharp | fail, or join the values with a comma | where no name comes twice |
///
/// Go sorts names glued to values, which differs when one name starts another (`Sid`, `SidAccount`); the
/// other six agree on the names alone. Twilio itself repeats no name in a voice webhook.
package struct SignedParameters: Sendable {
    private var pairs: [Pair] = []
    private var text = ByteBuffer()

    private struct Pair {
        /// The first eight octets of the name, so that most comparisons are one of words.
        var key: UInt64
        var name: ByteSlice
        var value: ByteSlice
    }

    package init() {}

    /// Forgets the parameters and keeps the memory.
    package mutating func removeAll() {
        pairs.removeAll(keepingCapacity: true)
        text.removeAll()
    }

    /// Adds a decoded parameter that lies in `source`; every slice is of the same source.
    package mutating func append(name: ByteSlice, value: ByteSlice, in source: Span<UInt8>) {
        let key = source.bytes(name).firstWord
        pairs.append(Pair(key: key, name: name, value: value))
    }

    /// Sorts and joins what was added, and passes the result to `body`.
    package mutating func withJoined<Result>(
        from source: Span<UInt8>,
        _ body: (Span<UInt8>) -> Result
    ) -> Result {
        sort(source)
        text.removeAll()
        for index in pairs.indices {
            let pair = pairs[index]
            if index > 0, Self.compare(pairs[index &- 1], pair, source) == 0 { continue }
            text.append(source.bytes(pair.name))
            text.append(source.bytes(pair.value))
        }
        return body(text.span)
    }

    private mutating func sort(_ source: Span<UInt8>) {
        unsafe source.withUnsafeBufferPointer { bytes in
            pairs.sort { left, right in unsafe Self.compare(left, right, bytes.span) < 0 }
        }
    }

    private static func compare(_ left: Pair, _ right: Pair, _ source: Span<UInt8>) -> Int {
        if left.key != right.key { return left.key < right.key ? -1 : 1 }
        let names = source.bytes(left.name).compared(to: source.bytes(right.name))
        if names != 0 { return names }
        return source.bytes(left.value).compared(to: source.bytes(right.value))
    }
}

extension Span where Element == UInt8 {
    /// Negative, zero or positive as these octets stand before, equal, or after the others.
    fileprivate func compared(to other: Span<UInt8>) -> Int {
        var index = 0
        while index < count, index < other.count {
            if self[index] != other[index] { return self[index] < other[index] ? -1 : 1 }
            index &+= 1
        }
        return count &- other.count
    }
}
