/// Bytes on their way out: a growing buffer that is emptied and filled again without new memory.
@usableFromInline
package struct ByteBuffer: Sendable {
    @usableFromInline var storage: [UInt8]

    package var bytes: [UInt8] { storage }

    package init(capacity: Int = 0) {
        storage = []
        storage.reserveCapacity(capacity)
    }

    @inlinable
    package var count: Int { storage.count }
    @inlinable
    package var isEmpty: Bool { storage.isEmpty }

    /// Everything written so far.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span }
    }

    /// A copy as text, for tests and logs.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Empties the buffer and keeps its memory.
    package mutating func removeAll() {
        storage.removeAll(keepingCapacity: true)
    }

    /// Cuts the buffer back to its first `count` bytes, for an answer that turned out too long.
    package mutating func truncate(to count: Int) {
        guard count < storage.count else { return }
        storage.removeLast(storage.count - Swift.max(count, 0))
    }

    @inlinable
    package mutating func append(_ byte: UInt8) {
        storage.append(byte)
    }

    @inlinable
    package mutating func append(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe storage.append(contentsOf: $0) }
    }

    @inlinable
    package mutating func append(_ literal: StaticString) {
        literal.withUTF8Buffer { unsafe storage.append(contentsOf: $0) }
    }

    /// Literals go to the overload above: a `String` made for each would cost more than its octets.
    @_disfavoredOverload
    package mutating func append(_ text: String) {
        storage.append(contentsOf: text.utf8)
    }

    package mutating func append(_ array: [UInt8]) {
        storage.append(contentsOf: array)
    }

    /// Appends a number in decimal digits, with `-` before a negative one.
    package mutating func appendDecimal(_ value: Int) {
        if value < 0 { storage.append(0x2D) }
        var rest = value.magnitude
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &digits) { room in
            var index = room.count
            repeat {
                index -= 1
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
                unsafe room[index] = UInt8(truncatingIfNeeded: remainder) &+ 0x30
                rest = quotient
            } while rest > 0
            unsafe storage.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[index...]))
        }
    }

    /// `value` as exactly `digits` decimal digits, zeros in front, higher digits cut off.
    package mutating func appendDecimal(_ value: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<Swift.max(digits, 1) { divisor = divisor &* 10 }
        var rest = value
        while divisor > 0 {
            storage.append(UInt8(truncatingIfNeeded: (rest / divisor) % 10) &+ 0x30)
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
            storage.append(Hex.digit(UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 0x0F))
        }
    }
}
