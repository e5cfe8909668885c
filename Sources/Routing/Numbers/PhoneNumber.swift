import Primitives

/// An E.164 number: 2 to 15 digits (ITU-T E.164 §6.2.1), packed in one word.
///
/// One word hashes and compares without memory traffic; E.164 has no leading zero to lose.
/// Its `description` is masked, so that a number in a log line is never whole by accident.
package struct PhoneNumber: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The digits read as one decimal number, 10…999,999,999,999,999.
    package let digits: UInt64

    /// Takes digits that are already an E.164 number; nil when they are out of its range.
    package init?(digits: UInt64) {
        guard digits >= 10, digits <= 999_999_999_999_999 else { return nil }
        self.digits = digits
    }

    /// Reads `+` and 2 to 15 digits, nothing else; other spellings are for `CompiledNumberPlan`.
    package init?(parsing text: Span<UInt8>) {
        guard text.count >= 3, text.count <= 16, text[0] == 0x2B, text[1] != 0x30,
            let value = text.extracting(1..<text.count).decimal()
        else { return nil }
        self.init(digits: UInt64(value))
    }

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(parsing: bytes.span)
    }

    /// The whole number with its `+`, for answers and records.
    package var e164: String {
        var count = 2
        var rest = digits
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return unsafe String(unsafeUninitializedCapacity: count) { room in
            var rest = digits
            unsafe room[0] = 0x2B
            for place in stride(from: count - 1, to: 0, by: -1) {
                unsafe room[place] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
                rest /= 10
            }
            return count
        }
    }

    package static func < (left: PhoneNumber, right: PhoneNumber) -> Bool {
        left.digits < right.digits
    }
}

extension PhoneNumber: CustomStringConvertible {
    /// `+1415•••0100`: the first four digits and the last four.
    package var description: String {
        var buffer = ByteBuffer(capacity: 16)
        buffer.append(masking: self)
        return buffer.text
    }
}

extension ByteBuffer {
    /// The number as its `description` has it.
    package mutating func append(masking number: PhoneNumber) {
        append(0x2B)
        // Below nine digits, four and four would be the whole number.
        if number.digits >= 100_000_000 {
            var first = number.digits
            while first >= 10_000 { first /= 10 }
            appendDecimal(Int(first))
        }
        append("•••")
        guard number.digits >= 100_000_000 else { return }
        appendDecimal(Int(number.digits % 10_000), digits: 4)
    }

    package mutating func append(_ number: PhoneNumber) {
        append(0x2B)
        appendDecimal(Int(number.digits))
    }
}
