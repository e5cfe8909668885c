/// Rounding as `$round` does it, on decimal digits rather than on binary fractions.
enum Rounding {
    /// Rounds to `places` decimal places, or to tens and hundreds if it is negative; a half goes to the
    /// even neighbour.
    static func halfEven(_ number: Double, places: Int) -> Double {
        guard number.isFinite else { return number }
        // Beyond these, either nothing is left to round or nothing is left at all.
        let places = min(max(places, -400), 400)
        let shifted = places == 0 ? number : self.shifted(number, by: places)
        guard shifted.isFinite else { return number }
        let rounded = shifted.rounded(.toNearestOrEven)
        let result = places == 0 ? rounded : self.shifted(rounded, by: -places)
        return result == 0 ? 0 : result
    }

    /// The number times a power of ten, without the error of a multiplication.
    private static func shifted(_ number: Double, by places: Int) -> Double {
        let value = Decimal(shortest: number.magnitude).shifted(by: places).double
        return number < 0 ? -value : value
    }

    /// A whole number in a base from 2 to 36.
    ///
    /// Digits below the precision of the double are zeros.
    static func text(_ number: Double, base: Int) -> String {
        var rest = number.magnitude
        var zeros = 0
        while rest >= 0x1p53 {
            rest = (rest / Double(base)).rounded(.down)
            zeros += 1
        }
        let digits = String(Int(rest), radix: base) + String(repeating: "0", count: zeros)
        return number < 0 ? "-" + digits : digits
    }
}
