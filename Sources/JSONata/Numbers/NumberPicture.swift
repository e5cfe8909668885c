/// A picture of `$formatNumber`, such as `#,##0.00;(#,##0.00)` (XPath and XQuery Functions and Operators
/// 3.1, §4.7, fn:format-number).
struct NumberPicture {
    let symbols: NumberSymbols
    private var positive: NumberPicturePart
    private var negative: NumberPicturePart

    /// Reads a picture; `options` replace symbols, by the names that XPath gives them.
    init(_ picture: String, options: JSONObject?) throws(JSONataError) {
        symbols = NumberSymbols(options)
        let parts = picture.unicodeScalars.split(
            separator: symbols.patternSeparator,
            omittingEmptySubsequences: false
        )
        guard parts.count <= 2 else { throw JSONataError(.D3080) }
        positive = try NumberPicturePart(Array(parts[0]), symbols)
        if parts.count == 2 {
            negative = try NumberPicturePart(Array(parts[1]), symbols)
        } else {
            negative = positive
            negative.prefix = Array(symbols.minus.unicodeScalars) + negative.prefix
        }
    }

    func format(_ number: Double) -> String {
        let part = number >= 0 ? positive : negative
        var result = String.UnicodeScalarView()
        result.append(contentsOf: part.prefix)
        if number.isFinite {
            appendNumber(number.magnitude, part, to: &result)
        } else {
            result.append(contentsOf: symbols.infinity.unicodeScalars)
        }
        result.append(contentsOf: part.suffix)
        return String(result)
    }

    private func appendNumber(
        _ magnitude: Double,
        _ part: NumberPicturePart,
        to result: inout String.UnicodeScalarView
    ) {
        var decimal = Decimal(shortest: magnitude).shifted(by: part.scale)
        var exponent: Int?
        if part.exponentSizeMin > 0 {
            let shift = mantissaShift(decimal, scalingFactor: part.scalingFactor)
            exponent = shift
            decimal = decimal.shifted(by: -shift)
        }
        decimal.roundHalfEven(toPlaces: part.fractionSizeMax)
        var (whole, fraction) = decimal.fixed(places: part.fractionSizeMax)
        while fraction.last == 0, fraction.count > part.fractionSizeMin { fraction.removeLast() }
        if whole.count < part.wholeSizeMin {
            whole = [UInt8](repeating: 0, count: part.wholeSizeMin - whole.count) + whole
        }
        appendWhole(whole, part, to: &result)
        if part.hasDecimalSeparator, !fraction.isEmpty {
            result.append(symbols.decimalSeparator)
        }
        for (index, digit) in fraction.enumerated() {
            if part.fractionGroups.contains(index) { result.append(symbols.groupingSeparator) }
            result.append(symbols.digit(digit))
        }
        if let exponent { append(exponent, part, to: &result) }
    }

    /// The power of ten that leaves a mantissa with the wished number of digits before the point.
    private func mantissaShift(_ decimal: Decimal, scalingFactor: Int) -> Int {
        guard !decimal.isZero else { return 0 }
        let shift = decimal.exponent - scalingFactor
        // The reference stops dividing at a mantissa that is itself a power of ten.
        return shift > 0 && decimal.digits == [1] ? shift - 1 : shift
    }

    private func appendWhole(
        _ digits: [UInt8],
        _ part: NumberPicturePart,
        to result: inout String.UnicodeScalarView
    ) {
        for (index, digit) in digits.enumerated() {
            let rest = digits.count - index
            let isGroupEnd =
                part.regularGroup > 0
                ? rest.isMultiple(of: part.regularGroup) : part.wholeGroups.contains(rest)
            if index > 0, isGroupEnd { result.append(symbols.groupingSeparator) }
            result.append(symbols.digit(digit))
        }
    }

    private func append(
        _ exponent: Int,
        _ part: NumberPicturePart,
        to result: inout String.UnicodeScalarView
    ) {
        result.append(symbols.exponentSeparator)
        if exponent < 0 { result.append(contentsOf: symbols.minus.unicodeScalars) }
        let digits = "\(exponent.magnitude)".utf8.map { $0 - 0x30 }
        for _ in 0..<max(part.exponentSizeMin - digits.count, 0) {
            result.append(symbols.digit(0))
        }
        for digit in digits { result.append(symbols.digit(digit)) }
    }
}

/// The characters with a meaning in a picture.
struct NumberSymbols {
    var decimalSeparator: Unicode.Scalar = "."
    var groupingSeparator: Unicode.Scalar = ","
    var exponentSeparator: Unicode.Scalar = "e"
    var optionalDigit: Unicode.Scalar = "#"
    var patternSeparator: Unicode.Scalar = ";"
    var zero: Unicode.Scalar = "0"
    var minus = "-"
    var percent = "%"
    var perMille = "‰"
    var infinity = "Infinity"

    init(_ options: JSONObject?) {
        for entry in options?.entries ?? [] {
            guard case .string(let text) = entry.value, let scalar = text.unicodeScalars.first
            else { continue }
            switch entry.key {
            case "decimal-separator": decimalSeparator = scalar
            case "grouping-separator": groupingSeparator = scalar
            case "exponent-separator": exponentSeparator = scalar
            case "digit": optionalDigit = scalar
            case "pattern-separator": patternSeparator = scalar
            case "zero-digit": zero = scalar
            case "minus-sign": minus = text
            case "percent": percent = text
            case "per-mille": perMille = text
            case "infinity": infinity = text
            default: continue
            }
        }
    }

    func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= zero.value && scalar.value - zero.value < 10
    }

    func digit(_ value: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(zero.value + UInt32(value)) ?? zero
    }

    /// Whether the character is part of the number, and not of the text around it.
    func isActive(_ scalar: Unicode.Scalar) -> Bool {
        isDigit(scalar) || scalar == decimalSeparator || scalar == groupingSeparator
            || scalar == optionalDigit || scalar == patternSeparator
    }
}
