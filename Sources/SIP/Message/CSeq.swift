import Primitives

/// The sequence number and method of a request (RFC 3261 §20.16).
package struct CSeq: Sendable, BitwiseCopyable {
    /// 0…2³¹−1.
    package var number: UInt32 = 0
    package var methodName = ByteSlice.empty

    package init() {}

    package init?(_ slice: ByteSlice, in bytes: Span<UInt8>) {
        guard slice.upperBound <= bytes.count else { return nil }
        let end = slice.upperBound
        var index = slice.lowerBound
        while index < end, ASCII.isDigit(bytes[index]) { index &+= 1 }
        let digits = bytes.extracting(slice.lowerBound..<index)
        guard digits.count <= SIPLimits.numberDigits,
            let value = digits.decimal(limit: SIPLimits.sequenceNumber)
        else { return nil }
        let start = bytes.skippingSpace(from: index, to: end)
        guard start > index, bytes.skippingToken(from: start, to: end) == end, start < end else {
            return nil
        }
        number = UInt32(truncatingIfNeeded: value)
        methodName = ByteSlice(start: start, count: end &- start)
    }
}
