import Primitives

/// Walks over the values of a list field: `while let value = values.next(of: message, in: bytes)`.
///
/// RFC 3261 §7.3.1: several lines of one name and one line with commas mean the same. Commas inside
/// quoted strings and angle brackets do not separate. Empty values are left out.
package struct FieldValues: Sendable {
    private let id: HeaderName
    private var fieldIndex = 0
    private var rest = 0..<0
    private var isDone: Bool

    init(id: HeaderName, isAbsent: Bool) {
        self.id = id
        isDone = isAbsent
    }

    package mutating func next(of message: SIPMessage, in bytes: Span<UInt8>) -> ByteSlice? {
        while !isDone {
            while !rest.isEmpty {
                let end = bytes.endOfListItem(in: rest)
                let item = bytes.trimmed(rest.lowerBound..<end)
                rest = Swift.min(end &+ 1, rest.upperBound)..<rest.upperBound
                if !item.isEmpty { return ByteSlice(item) }
            }
            rest = nextField(of: message, in: bytes)
        }
        return nil
    }

    private mutating func nextField(of message: SIPMessage, in bytes: Span<UInt8>) -> Range<Int> {
        while fieldIndex < message.fields.count {
            let field = message.fields[fieldIndex]
            fieldIndex &+= 1
            if field.id == id, field.value.upperBound <= bytes.count { return field.value.range }
        }
        isDone = true
        return 0..<0
    }
}

extension Span where Element == UInt8 {
    /// The first comma in `range` outside quotes and angle brackets, or the end of `range`.
    func endOfListItem(in range: Range<Int>) -> Int {
        var index = range.lowerBound
        var isInBrackets = false
        while index < range.upperBound {
            switch self[index] {
            case ASCII.comma where !isInBrackets: return index
            case ASCII.quote where !isInBrackets:
                index = endOfQuotes(in: index..<range.upperBound) ?? range.upperBound
                continue
            case ASCII.less: isInBrackets = true
            case ASCII.greater: isInBrackets = false
            default: break
            }
            index &+= 1
        }
        return index
    }

    /// The index after the closing quote of the quoted string that `range` starts with, or nil.
    func endOfQuotes(in range: Range<Int>) -> Int? {
        var index = range.lowerBound &+ 1
        while index < range.upperBound {
            if self[index] == ASCII.quote { return index &+ 1 }
            index &+= self[index] == ASCII.backslash ? 2 : 1
        }
        return nil
    }

    /// `range` without the linear white space at both ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, isSpace(at: lower) { lower &+= 1 }
        while upper > lower, isSpace(at: upper &- 1) { upper &-= 1 }
        return lower..<upper
    }

    /// An octet of linear white space: space, tab, or part of the line break of a folded field.
    @inline(__always)
    func isSpace(at index: Int) -> Bool {
        let byte = self[index]
        return byte == ASCII.space || byte == ASCII.tab || byte == ASCII.carriageReturn
            || byte == ASCII.lineFeed
    }

    /// The first index at or after `index` that is not linear white space, at most `end`.
    @inline(__always)
    func skippingSpace(from index: Int, to end: Int) -> Int {
        var index = index
        while index < end, isSpace(at: index) { index &+= 1 }
        return index
    }

    /// The first index at or after `index` that is not a token character, at most `end`.
    @inline(__always)
    func skippingToken(from index: Int, to end: Int) -> Int {
        var index = index
        while index < end, ASCII.isToken(self[index]) { index &+= 1 }
        return index
    }
}
