import Primitives

/// One `name=value` or `name`.
package struct Parameter: Sendable, BitwiseCopyable {
    package var name: ByteSlice
    /// Without the quotes of a quoted string; empty if there is none.
    package var value: ByteSlice
    /// All of it as it stands in the message, without the semicolon.
    package var whole: ByteSlice
}

/// Walks over `;name=value;name…`: `while let parameter = parameters.next(in: bytes)`.
///
/// RFC 3261 §25.1, generic-param. It stops at the first thing that is none, and says so.
package struct Parameters: Sendable, BitwiseCopyable {
    private var index: Int
    private let end: Int
    /// Whether it stopped before the end of the slice.
    private(set) var isMalformed = false

    /// Walks over a slice that starts with a semicolon or is empty.
    init(_ slice: ByteSlice) {
        index = slice.lowerBound
        end = slice.upperBound
    }

    package mutating func next(in bytes: Span<UInt8>) -> Parameter? {
        guard !isMalformed, end <= bytes.count else { return nil }
        index = bytes.skippingSpace(from: index, to: end)
        guard index < end else { return nil }
        guard bytes[index] == ASCII.semicolon else { return fail() }
        let start = bytes.skippingSpace(from: index &+ 1, to: end)
        let nameEnd = skippingName(in: bytes, from: start)
        guard nameEnd > start else { return fail() }
        let name = ByteSlice(start: start, count: nameEnd &- start)
        index = bytes.skippingSpace(from: nameEnd, to: end)
        guard index < end, bytes[index] == ASCII.equals else {
            return Parameter(name: name, value: .empty, whole: name)
        }
        let valueStart = bytes.skippingSpace(from: index &+ 1, to: end)
        guard let valueEnd = skippingValue(in: bytes, from: valueStart) else { return fail() }
        index = valueEnd
        let isQuoted = bytes[valueStart] == ASCII.quote
        let value = isQuoted ? (valueStart &+ 1)..<(valueEnd &- 1) : valueStart..<valueEnd
        return Parameter(
            name: name,
            value: ByteSlice(value),
            whole: ByteSlice(start: start, count: valueEnd &- start)
        )
    }

    /// The parameter with this name, letters in any case.
    package static func find(
        _ name: StaticString,
        in slice: ByteSlice,
        of bytes: Span<UInt8>
    ) -> Parameter? {
        var parameters = Parameters(slice)
        while let parameter = parameters.next(in: bytes) {
            if bytes.bytes(parameter.name).isEqualIgnoringCase(to: name) { return parameter }
        }
        return nil
    }

    private mutating func fail() -> Parameter? {
        isMalformed = true
        return nil
    }

    /// Names of URI parameters may hold more than those of header fields, escapes for instance.
    private func skippingName(in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < end, bytes[index] != ASCII.equals, Self.isWord(bytes[index]) { index &+= 1 }
        return index
    }

    /// token, host or quoted-string; nil if there is none of them.
    private func skippingValue(in bytes: Span<UInt8>, from start: Int) -> Int? {
        guard start < end else { return nil }
        if bytes[start] == ASCII.quote { return bytes.endOfQuotes(in: start..<end) }
        var index = start
        while index < end, Self.isWord(bytes[index]) { index &+= 1 }
        return index > start ? index : nil
    }

    /// Any octet but white space, controls and the separators that end a parameter.
    @inline(__always)
    private static func isWord(_ byte: UInt8) -> Bool {
        // One bit for each character below 64: all that are visible but `"`, `,`, `;`, `<` and `>`.
        byte < 64 ? (0xA7FF_EFFA_0000_0000 as UInt64 &>> UInt64(byte)) & 1 == 1 : byte != 0x7F
    }
}
