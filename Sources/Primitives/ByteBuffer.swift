/// Bytes on their way out: a growing buffer that is emptied and filled again without new memory.
///
/// The room behind what is written belongs to the array, too: an answer or a record is put together of
/// a hundred pieces, and `Array.append` would cost more than most of them. Invariant: `count` ≤
/// `room.count`.
@usableFromInline
package struct ByteBuffer: Sendable {
    @usableFromInline var room: [UInt8]
    @usableFromInline package var count = 0

    package init(capacity: Int = 0) {
        room = [UInt8](repeating: 0, count: capacity)
    }

    @inlinable
    package var isEmpty: Bool { count == 0 }

    /// How many bytes fit before the buffer asks for memory.
    package var capacity: Int { room.count }

    /// Everything written so far.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get { room.span.extracting(0..<count) }
    }

    /// A copy of what is written.
    package var bytes: [UInt8] { Array(room[0..<count]) }

    /// A copy as text, for tests and logs.
    package var text: String { String(decoding: room[0..<count], as: UTF8.self) }

    /// Empties the buffer and keeps its memory.
    package mutating func removeAll() {
        count = 0
    }

    /// Lets go of the first `count` bytes; what follows them moves down.
    package mutating func removeFirst(_ count: Int) {
        let left = Swift.max(self.count - count, 0)
        for index in 0..<left { room[index] = room[count + index] }
        self.count = left
    }

    /// Cuts the buffer back to its first `count` bytes, for an answer that turned out too long.
    package mutating func truncate(to count: Int) {
        self.count = Swift.min(self.count, Swift.max(count, 0))
    }

    @inlinable
    package mutating func append(_ byte: UInt8) {
        if count == room.count { grow(by: 1) }
        room[count] = byte
        count &+= 1
    }

    @inlinable
    package mutating func append(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append($0) }
    }

    @inlinable
    package mutating func append(_ literal: StaticString) {
        literal.withUTF8Buffer { unsafe append($0) }
    }

    /// Literals go to the overload above: a `String` made for each would cost more than its octets.
    @_disfavoredOverload
    package mutating func append(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe append($0) }
    }

    package mutating func append(_ array: [UInt8]) {
        append(array.span)
    }

    @usableFromInline
    mutating func append(_ octets: UnsafeBufferPointer<UInt8>) {
        guard let source = octets.baseAddress else { return }
        if room.count &- count < octets.count { grow(by: octets.count) }
        let end = count
        var target = room.mutableSpan
        unsafe target.withUnsafeMutableBufferPointer { room in
            guard let start = room.baseAddress else { return }
            unsafe (start + end).update(from: source, count: octets.count)
        }
        count = end &+ octets.count
    }

    /// Makes room for `more` bytes, and for as many again as there are.
    @usableFromInline
    mutating func grow(by more: Int) {
        let larger = Swift.max(count + more, room.count * 2, 64)
        room.reserveCapacity(larger)
        room.append(contentsOf: repeatElement(0, count: larger - room.count))
    }

    /// Appends a number in decimal digits, with `-` before a negative one.
    package mutating func appendDecimal(_ value: Int) {
        if value < 0 { append(0x2D) }
        var rest = value.magnitude
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &digits) { digits in
            var index = digits.count
            repeat {
                index -= 1
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
                unsafe digits[index] = UInt8(truncatingIfNeeded: remainder) &+ 0x30
                rest = quotient
            } while rest > 0
            unsafe UnsafeRawBufferPointer(rebasing: digits[index...])
                .withMemoryRebound(to: UInt8.self) { unsafe append($0) }
        }
    }

    /// `value` as exactly `digits` decimal digits, zeros in front, higher digits cut off.
    package mutating func appendDecimal(_ value: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<Swift.max(digits, 1) { divisor = divisor &* 10 }
        var rest = value
        while divisor > 0 {
            append(UInt8(truncatingIfNeeded: (rest / divisor) % 10) &+ 0x30)
            rest %= divisor
            divisor /= 10
        }
    }

    /// `value` as `digits` lower-case hexadecimal digits, the low ones.
    @inlinable
    package mutating func appendHex(_ value: UInt64, digits: Int = 16) {
        var shift = digits * 4
        while shift > 0 {
            shift -= 4
            append(Hex.digit(UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 0x0F))
        }
    }
}
