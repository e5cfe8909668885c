import Primitives

/// A positive decimal number: 0.d₁d₂d₃… × 10^`exponent`, without zeros at either end.
struct Decimal {
    private(set) var digits: [UInt8]
    private(set) var exponent: Int

    init(digits: [UInt8], exponent: Int) {
        self.digits = digits
        self.exponent = exponent
        trim()
    }

    /// The fewest digits that read back as `magnitude`, a finite number not below 0.
    init(shortest magnitude: Double) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var isNegativeExponent = false
        var isInExponent = false
        // The standard library writes `123.0`, `1.5e-07` or `1e+20`, always the shortest digits.
        for byte in magnitude.description.utf8 {
            switch byte {
            case 0x2E: point = digits.count
            case 0x65: isInExponent = true
            case 0x2D: isNegativeExponent = true
            case 0x30...0x39 where isInExponent: exponent = exponent &* 10 &+ Int(byte &- 0x30)
            case 0x30...0x39: digits.append(byte &- 0x30)
            default: break
            }
        }
        self.digits = digits
        self.exponent = (point ?? digits.count) + (isNegativeExponent ? -exponent : exponent)
        trim()
    }

    /// All digits of the binary fraction: up to 767 of them.
    init(exact magnitude: Double) {
        let power =
            Int(magnitude.exponentBitPattern) - (magnitude.exponentBitPattern == 0 ? 1_074 : 1_075)
        let significand =
            magnitude.significandBitPattern
            | (magnitude.exponentBitPattern == 0 ? 0 : 1 << 52)
        var integer = BigInteger(significand)
        // m × 2⁻ᵏ = m × 5ᵏ × 10⁻ᵏ
        integer.multiply(by: power < 0 ? 5 : 2, times: power.magnitude)
        digits = integer.decimalDigits
        exponent = digits.count + min(power, 0)
        trim()
    }

    var isZero: Bool { digits.isEmpty }

    /// The double that is nearest.
    var double: Double {
        var text = "0."
        for digit in digits { text.unicodeScalars.append(Unicode.Scalar(0x30 + digit)) }
        return Double("\(text)0e\(exponent)") ?? .infinity
    }

    /// The number times 10^`places`.
    func shifted(by places: Int) -> Decimal {
        Decimal(digits: digits, exponent: exponent + places)
    }

    mutating func round(toSignificantDigits count: Int) {
        keep(count)
    }

    mutating func round(toPlaces places: Int) {
        keep(exponent + places)
    }

    /// Keeps the first `count` digits, and rounds half up (ECMA-262 §21.1.3.3, §21.1.3.5).
    private mutating func keep(_ count: Int) {
        guard count < digits.count else { return }
        guard count >= 0 else {
            digits = []
            exponent = 0
            return
        }
        let roundsUp = digits[count] >= 5
        digits.removeLast(digits.count - count)
        if roundsUp { increment() }
        trim()
    }

    private mutating func increment() {
        var index = digits.count
        while index > 0 {
            index -= 1
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
        exponent += 1
    }

    private mutating func trim() {
        while digits.last == 0 { digits.removeLast() }
        var zeros = 0
        while zeros < digits.count, digits[zeros] == 0 { zeros += 1 }
        digits.removeFirst(zeros)
        exponent = digits.isEmpty ? 0 : exponent - zeros
    }
}

extension Decimal {
    /// ECMA-262 Number::toString: plain digits between 1e-7 and 1e21, else with an exponent.
    func append(to buffer: inout ByteBuffer) {
        guard !isZero else { return buffer.append("0") }
        if exponent > 21 || exponent < -5 {
            appendScientific(to: &buffer)
        } else if exponent <= 0 {
            buffer.append("0.")
            for _ in 0..<(-exponent) { buffer.append(0x30) }
            for digit in digits { buffer.append(0x30 + digit) }
        } else {
            for index in 0..<max(exponent, digits.count) {
                if index == exponent { buffer.append(0x2E) }
                buffer.append(0x30 + (index < digits.count ? digits[index] : 0))
            }
        }
    }

    private func appendScientific(to buffer: inout ByteBuffer) {
        for (index, digit) in digits.enumerated() {
            if index == 1 { buffer.append(0x2E) }
            buffer.append(0x30 + digit)
        }
        buffer.append(exponent > 0 ? "e+" : "e-")
        buffer.appendDecimal(Int((exponent - 1).magnitude))
    }

    /// JavaScript's `toFixed`: the digits around the point, exactly `places` of them after it.
    ///
    /// Round to that many places before.
    func fixed(places: Int) -> (whole: [UInt8], fraction: [UInt8]) {
        var whole: [UInt8] = []
        for index in 0..<max(exponent, 0) {
            whole.append(index < digits.count ? digits[index] : 0)
        }
        var fraction: [UInt8] = []
        for index in exponent..<(exponent + places) {
            fraction.append(digits.indices.contains(index) ? digits[index] : 0)
        }
        return (whole, fraction)
    }
}

extension Decimal {
    /// Rounds to `places` digits after the point; a half goes to the even neighbour.
    mutating func roundHalfEven(toPlaces places: Int) {
        let kept = exponent + places
        guard kept < digits.count else { return }
        let isHalf = kept >= 0 && digits[kept] == 5 && kept == digits.count - 1
        let isEven = kept <= 0 || digits[kept - 1].isMultiple(of: 2)
        if isHalf, isEven { digits[kept] = 4 }
        round(toPlaces: places)
    }
}
