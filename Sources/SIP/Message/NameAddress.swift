import Primitives

/// `"Display name" <uri>;parameters`, or `uri;parameters` without brackets (RFC 3261 §20.10).
package struct NameAddress: Sendable, BitwiseCopyable {
    /// As it stands, quotes included; empty if there is none.
    package var displayName = ByteSlice.empty
    package var uri = ByteSlice.empty
    /// From the first semicolon after the address; those of the URI are not among them.
    package var parameters = ByteSlice.empty
    /// The value of `;tag`; empty if there is none.
    package var tag = ByteSlice.empty

    package init() {}

    /// Reads one value; nil if it is none, the quotes or brackets are not closed, say.
    package init?(_ slice: ByteSlice, in bytes: Span<UInt8>) {
        guard !slice.isEmpty, slice.upperBound <= bytes.count else { return nil }
        guard let end = readAddress(slice.range, in: bytes) else { return nil }
        parameters = ByteSlice(start: end, count: slice.upperBound &- end)
        var rest = Parameters(parameters)
        while let parameter = rest.next(in: bytes) {
            let name = bytes.bytes(parameter.name)
            if name.count == 3, name.isEqualIgnoringCase(to: "tag") {
                // RFC 3261 §25.1, tag-param: a tag has a value, or nobody could answer with it.
                guard !parameter.value.isEmpty else { return nil }
                tag = parameter.value
            }
        }
        if rest.isMalformed { return nil }
    }

    package var hasTag: Bool { !tag.isEmpty }

    /// The value of a parameter of this address, not of its URI.
    package func parameter(_ name: StaticString, in bytes: Span<UInt8>) -> Parameter? {
        Parameters.find(name, in: parameters, of: bytes)
    }

    /// Sets the name and the URI; returns where the parameters start.
    private mutating func readAddress(_ range: Range<Int>, in bytes: Span<UInt8>) -> Int? {
        let end = range.upperBound
        var index = range.lowerBound
        if bytes[index] == ASCII.quote {
            guard let quoteEnd = bytes.endOfQuotes(in: range) else { return nil }
            displayName = ByteSlice(start: index, count: quoteEnd &- index)
            index = bytes.skippingSpace(from: quoteEnd, to: end)
            guard index < end, bytes[index] == ASCII.less else { return nil }
        } else {
            guard let bracket = bytes.bracket(in: range) else {
                return readBareURI(range, in: bytes)
            }
            // RFC 3261 §25.1 has tokens here. Peers send other characters without quotes too, and a
            // name that nobody routes by is no reason to lose a call.
            displayName = ByteSlice(bytes.trimmed(index..<bracket))
            index = bracket
        }
        let close = bytes.first(ASCII.greater, in: index..<end)
        guard close < end else { return nil }
        uri = ByteSlice(bytes.trimmed((index &+ 1)..<close))
        return uri.isEmpty ? nil : bytes.skippingSpace(from: close &+ 1, to: end)
    }

    /// RFC 3261 §20: without brackets, all that follows a semicolon belongs to the header field.
    private mutating func readBareURI(_ range: Range<Int>, in bytes: Span<UInt8>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound, bytes[index] != ASCII.semicolon, !bytes.isSpace(at: index) {
            guard bytes[index] != ASCII.quote, bytes[index] != ASCII.greater else { return nil }
            index &+= 1
        }
        uri = ByteSlice(start: range.lowerBound, count: index &- range.lowerBound)
        return uri.isEmpty ? nil : bytes.skippingSpace(from: index, to: range.upperBound)
    }
}

extension Span where Element == UInt8 {
    /// The opening bracket of an address whose name has no quotes, or nil if the URI stands alone.
    fileprivate func bracket(in range: Range<Int>) -> Int? {
        let bracket = first(ASCII.less, in: range)
        guard bracket < range.upperBound else { return nil }
        // A bracket inside a quoted parameter is none: `sip:a@b;x="<"`.
        return first(ASCII.quote, in: range.lowerBound..<bracket) < bracket ? nil : bracket
    }
}
