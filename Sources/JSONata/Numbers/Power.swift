/// Powers, which the standard library does not have without C's mathematics.
///
/// Whole exponents up to 2⁵³ and halves are computed by multiplication and square root in twice the
/// precision of a double and are correct to the last digit in nearly all cases; other exponents go
/// through logarithms in the same precision and are within 1 unit in the last place.
enum Power {
    static func power(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 0 { return 1 }
        if base.isNaN || exponent.isNaN { return .nan }
        let isWhole = exponent.rounded(.towardZero) == exponent
        guard base.isFinite, exponent.isFinite, base != 0, base.magnitude != 1 else {
            return special(base, exponent, isWhole: isWhole)
        }
        guard isWhole else { return base < 0 ? .nan : fractional(base, exponent) }
        if exponent.magnitude > 0x1p20 {
            let isOdd = exponent.truncatingRemainder(dividingBy: 2) != 0
            let result = fractional(base.magnitude, exponent)
            return base < 0 && isOdd ? -result : result
        }
        return whole(base, Int(exponent))
    }

    /// ECMA-262 §6.1.6.1.3, Number::exponentiate, for zeros, ones and infinities.
    private static func special(_ base: Double, _ exponent: Double, isWhole: Bool) -> Double {
        let isOdd = isWhole && exponent.truncatingRemainder(dividingBy: 2) != 0
        if base.magnitude == 1 {
            guard exponent.isFinite, base > 0 || isWhole else { return .nan }
            return isOdd ? base : 1
        }
        let grows = (base.magnitude > 1) == (exponent > 0)
        let result: Double = grows ? .infinity : 0
        return base.sign == .minus && isOdd ? -result : result
    }

    private static func whole(_ base: Double, _ exponent: Int) -> Double {
        var result = TwoDoubles(1)
        var factor = TwoDoubles(base)
        var rest = exponent.magnitude
        while rest > 0 {
            if rest & 1 == 1 { result = result * factor }
            rest >>= 1
            if rest > 0 { factor = factor * factor }
        }
        guard exponent < 0 else { return result.value }
        // A power that overflows may still have an inverse above zero; so small is close enough.
        return result.value.isFinite && result.high != 0
            ? (TwoDoubles(1) / result).value : fractional(base.magnitude, Double(exponent))
    }

    private static func fractional(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 0.5 { return base.squareRoot() }
        let logarithm = TwoDoubles(exponent) * TwoDoubles.logarithm(of: base)
        return TwoDoubles.exponential(of: logarithm)
    }
}

/// A number as the sum of two doubles: about 106 bits (Dekker 1971).
struct TwoDoubles {
    var high: Double
    var low: Double

    init(_ value: Double) {
        high = value
        low = 0
    }

    private init(_ high: Double, _ low: Double) {
        let sum = high + low
        self.low = sum.isFinite ? low - (sum - high) : 0
        self.high = sum
    }

    var value: Double { high + low }

    static func + (left: TwoDoubles, right: TwoDoubles) -> TwoDoubles {
        let sum = left.high + right.high
        let part = sum - left.high
        let error = (left.high - (sum - part)) + (right.high - part)
        return TwoDoubles(sum, error + left.low + right.low)
    }

    static func * (left: TwoDoubles, right: TwoDoubles) -> TwoDoubles {
        let product = left.high * right.high
        guard product.isFinite else { return TwoDoubles(product) }
        let error = (-product).addingProduct(left.high, right.high)
        return TwoDoubles(product, error + (left.high * right.low + left.low * right.high))
    }

    static func / (left: TwoDoubles, right: TwoDoubles) -> TwoDoubles {
        let first = left.high / right.high
        guard first.isFinite else { return TwoDoubles(first) }
        let rest = left + TwoDoubles(-first) * right
        return TwoDoubles(first, rest.high / right.high)
    }

    /// ln 2, to 106 bits.
    private static let logarithmOf2 = TwoDoubles(
        0x1.62e42fefa39efp-1,
        0x1.abc9e3b39803fp-56
    )

    /// The natural logarithm of a positive number: 2 artanh((m − 1) / (m + 1)) + e ln 2.
    static func logarithm(of number: Double) -> TwoDoubles {
        var mantissa = number.significand
        var exponent = Double(number.exponent)
        if mantissa > 1.414 {
            mantissa /= 2
            exponent += 1
        }
        let ratio = (TwoDoubles(mantissa) + TwoDoubles(-1)) / (TwoDoubles(mantissa) + TwoDoubles(1))
        let square = ratio * ratio
        // |ratio| < 0.172, so that the term after the 22nd is below 2⁻¹¹⁰.
        var sum = TwoDoubles(0)
        for term in stride(from: 45, through: 1, by: -2) {
            sum = sum * square + TwoDoubles(1) / TwoDoubles(Double(term))
        }
        return sum * ratio * TwoDoubles(2) + TwoDoubles(exponent) * logarithmOf2
    }

    /// e to a power: the power is cut to |r| ≤ ln 2 / 2⁹ and squared back eight times.
    static func exponential(of power: TwoDoubles) -> Double {
        if power.high > 710 { return .infinity }
        if power.high < -746 { return 0 }
        let twos = (power.high / logarithmOf2.high).rounded()
        var rest = power + TwoDoubles(-twos) * logarithmOf2
        rest = TwoDoubles(rest.high / 256, rest.low / 256)
        var sum = TwoDoubles(1)
        for term in stride(from: 12, through: 1, by: -1) {
            sum = sum * rest / TwoDoubles(Double(term)) + TwoDoubles(1)
        }
        for _ in 0..<8 { sum = sum * sum }
        // In two steps, because 2^twos alone may be below the smallest double.
        let half = Int(twos) / 2
        return sum.value * Double(sign: .plus, exponent: half, significand: 1)
            * Double(sign: .plus, exponent: Int(twos) - half, significand: 1)
    }
}
