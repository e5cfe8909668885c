import Primitives

/// Numbers as JavaScript writes and reads them (ECMA-262 §6.1.6.1.20, Number::toString).
enum NumberText {
    /// The shortest text that reads back as the same double.
    static func append(_ number: Double, to buffer: inout ByteBuffer) {
        if number.magnitude < 1e15, number.rounded(.towardZero) == number {
            return buffer.appendDecimal(Int(number))
        }
        guard number.isFinite else {
            return buffer.append(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        }
        if number < 0 { buffer.append(0x2D) }
        Decimal(shortest: number.magnitude).append(to: &buffer)
    }

    static func text(_ number: Double) -> String {
        var buffer = ByteBuffer()
        append(number, to: &buffer)
        return buffer.text
    }

    /// JavaScript's `Number(x.toPrecision(15))`; whole numbers stay as they are.
    static func roundedTo15Digits(_ number: Double) -> Double {
        guard number.isFinite, number.rounded(.towardZero) != number else { return number }
        guard Decimal(shortest: number.magnitude).digits.count > 15 else { return number }
        var decimal = Decimal(exact: number.magnitude)
        decimal.round(toSignificantDigits: 15)
        return number < 0 ? -decimal.double : decimal.double
    }

    /// A run of at most 15 digits, perhaps after a minus sign, that the caller has checked.
    static func integer(_ text: Span<UInt8>) -> Double {
        var value = 0
        for index in text.indices where text[index] != 0x2D {
            value = value &* 10 &+ Int(text[index] &- 0x30)
        }
        return text[0] == 0x2D ? -Double(value) : Double(value)
    }
}

extension NumberText {
    /// What `$number` reads: decimal digits with or without point and exponent, and whole numbers
    /// in base 16 (`0x`), 8 (`0o`) and 2 (`0b`).
    ///
    /// nil for everything else and for what is out of range.
    static func number(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        if bytes.count > 2, bytes[0] == 0x30 {
            switch bytes[1] | 0x20 {
            case 0x78: return whole(bytes, base: 16)
            case 0x6F: return whole(bytes, base: 8)
            case 0x62: return whole(bytes, base: 2)
            default: break
            }
        }
        guard isDecimal(bytes), let number = Double(text), number.isFinite else { return nil }
        return number
    }

    private static func whole(_ bytes: [UInt8], base: UInt8) -> Double? {
        var value = 0.0
        for byte in bytes.dropFirst(2) {
            guard let digit = ASCII.hexValue(byte), digit < base else { return nil }
            value = value * Double(base) + Double(digit)
        }
        return value.isFinite ? value : nil
    }

    private static func isDecimal(_ bytes: [UInt8]) -> Bool {
        var index = bytes.first == 0x2D ? 1 : 0
        func skipDigits() -> Bool {
            let start = index
            while index < bytes.count, ASCII.isDigit(bytes[index]) { index += 1 }
            return index > start
        }
        guard skipDigits() else { return false }
        if index < bytes.count, bytes[index] == 0x2E {
            index += 1
            guard skipDigits() else { return false }
        }
        if index < bytes.count, bytes[index] | 0x20 == 0x65 {
            index += 1
            if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
            guard skipDigits() else { return false }
        }
        return index == bytes.count
    }
}
