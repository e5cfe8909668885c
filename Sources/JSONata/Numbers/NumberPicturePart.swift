/// One of the two parts of a number picture, analysed (F&O 3.1, §4.7.3 and §4.7.4).
struct NumberPicturePart {
    var prefix: [Unicode.Scalar]
    private(set) var suffix: [Unicode.Scalar]
    /// Powers of ten that the number is multiplied with: 2 for percent, 3 for per mille.
    private(set) var scale = 0
    private(set) var wholeSizeMin = 0
    private(set) var fractionSizeMin = 0
    private(set) var fractionSizeMax = 0
    private(set) var exponentSizeMin = 0
    /// Digits of the mantissa before the point.
    private(set) var scalingFactor = 0
    /// The distance of grouping separators, or 0 if they are not regular.
    private(set) var regularGroup = 0
    /// How many digits follow each separator before the point.
    private(set) var wholeGroups: Set<Int> = []
    /// How many digits stand before each separator behind the point.
    private(set) var fractionGroups: Set<Int> = []
    private(set) var hasDecimalSeparator = false

    /// The pieces of a part's text.
    private struct Pieces {
        var all: [Unicode.Scalar]
        var active: [Unicode.Scalar] = []
        var whole: [Unicode.Scalar] = []
        var fraction: [Unicode.Scalar] = []
        var exponent: [Unicode.Scalar]?
    }

    init(_ text: [Unicode.Scalar], _ symbols: NumberSymbols) throws(JSONataError) {
        // A text without any active character has no text around it either, and breaks the rules below.
        let first = text.firstIndex(where: symbols.isActive) ?? 0
        let end = (text.lastIndex(where: symbols.isActive) ?? text.count - 1) + 1
        prefix = Array(text[..<first])
        suffix = Array(text[end...])
        var pieces = Pieces(all: text, active: Array(text[first..<end]))
        var mantissa = pieces.active[...]
        if let index = mantissa.firstIndex(of: symbols.exponentSeparator) {
            pieces.exponent = Array(mantissa[(index + 1)...])
            mantissa = mantissa[..<index]
        }
        pieces.whole = Array(mantissa)
        if let index = mantissa.firstIndex(of: symbols.decimalSeparator) {
            pieces.whole = Array(mantissa[..<index])
            pieces.fraction = Array(mantissa[(index + 1)...])
            hasDecimalSeparator = true
        }
        if let code = Self.fault(pieces, symbols) { throw JSONataError(code) }
        analyse(pieces, symbols)
    }

    // MARK: Validation

    /// The last of the rules that the text breaks, as the reference reports it.
    private static func fault(_ pieces: Pieces, _ symbols: NumberSymbols) -> JSONataError.Code? {
        let text = pieces.all
        var fault: JSONataError.Code?
        let percents = text.occurrences(of: symbols.percent)
        let perMilles = text.occurrences(of: symbols.perMille)
        if text.count(where: { $0 == symbols.decimalSeparator }) > 1 { fault = .D3081 }
        if percents > 1 { fault = .D3082 }
        if perMilles > 1 { fault = .D3083 }
        if percents > 0, perMilles > 0 { fault = .D3084 }
        let mantissa = pieces.whole + pieces.fraction
        if !mantissa.contains(where: { symbols.isDigit($0) || $0 == symbols.optionalDigit }) {
            fault = .D3085
        }
        if !pieces.active.allSatisfy({ symbols.isActive($0) || $0 == symbols.exponentSeparator }) {
            fault = .D3086
        }
        fault = groupingFault(pieces, symbols) ?? fault
        if let index = pieces.whole.firstIndex(of: symbols.optionalDigit),
            pieces.whole[..<index].contains(where: symbols.isDigit)
        {
            fault = .D3090
        }
        if let index = pieces.fraction.lastIndex(of: symbols.optionalDigit),
            pieces.fraction[index...].contains(where: symbols.isDigit)
        {
            fault = .D3091
        }
        if let exponent = pieces.exponent {
            if !exponent.isEmpty, percents + perMilles > 0 { fault = .D3092 }
            if exponent.isEmpty || !exponent.allSatisfy(symbols.isDigit) { fault = .D3093 }
        }
        return fault
    }

    private static func groupingFault(
        _ pieces: Pieces,
        _ symbols: NumberSymbols
    )
        -> JSONataError.Code?
    {
        let text = pieces.all
        var fault: JSONataError.Code?
        if let index = text.firstIndex(of: symbols.decimalSeparator) {
            let before = index > 0 ? text[index - 1] : nil
            let after = index + 1 < text.count ? text[index + 1] : nil
            if before == symbols.groupingSeparator || after == symbols.groupingSeparator {
                fault = .D3087
            }
        } else if pieces.whole.last == symbols.groupingSeparator {
            fault = .D3088
        }
        let separator = symbols.groupingSeparator
        if zip(text, text.dropFirst()).contains(where: { $0 == separator && $1 == separator }) {
            fault = .D3089
        }
        return fault
    }

    // MARK: Analysis

    private mutating func analyse(_ pieces: Pieces, _ symbols: NumberSymbols) {
        if pieces.all.occurrences(of: symbols.percent) > 0 {
            scale = 2
        } else if pieces.all.occurrences(of: symbols.perMille) > 0 {
            scale = 3
        }
        wholeSizeMin = pieces.whole.count(where: symbols.isDigit)
        scalingFactor = wholeSizeMin
        fractionSizeMin = pieces.fraction.count(where: symbols.isDigit)
        fractionSizeMax =
            fractionSizeMin + pieces.fraction.count(where: { $0 == symbols.optionalDigit })
        let hasExponent = pieces.exponent != nil
        if wholeSizeMin == 0, fractionSizeMax == 0 {
            if hasExponent {
                fractionSizeMin = 1
                fractionSizeMax = 1
                hasDecimalSeparator = true
            } else {
                wholeSizeMin = 1
            }
        }
        if hasExponent, wholeSizeMin == 0, pieces.whole.contains(symbols.optionalDigit) {
            wholeSizeMin = 1
        }
        if wholeSizeMin == 0, fractionSizeMin == 0 { fractionSizeMin = 1 }
        exponentSizeMin = pieces.exponent?.count(where: symbols.isDigit) ?? 0
        analyseGroups(pieces, symbols)
    }

    private mutating func analyseGroups(_ pieces: Pieces, _ symbols: NumberSymbols) {
        let whole = DigitGroups.positions(in: pieces.whole.reversed(), symbols)
        wholeGroups = Set(whole)
        fractionGroups = Set(DigitGroups.positions(in: pieces.fraction, symbols))
        regularGroup = DigitGroups.regularDistance(of: whole)
    }
}

/// Where separators stand in a run of digits.
enum DigitGroups {
    /// How many digits stand before each separator, from the start of the run.
    fileprivate static func positions(
        in run: [Unicode.Scalar],
        _ symbols: NumberSymbols
    ) -> [Int] {
        var positions: [Int] = []
        var digitCount = 0
        for scalar in run {
            if symbols.isDigit(scalar) || scalar == symbols.optionalDigit { digitCount += 1 }
            if scalar == symbols.groupingSeparator { positions.append(digitCount) }
        }
        return positions
    }

    /// The distance d if the positions, which ascend, are d, 2d, 3d and so on without a gap; else 0.
    static func regularDistance(of positions: [Int]) -> Int {
        guard let distance = positions.first else { return 0 }
        for (index, position) in positions.enumerated() where position != (index + 1) * distance {
            return 0
        }
        return distance
    }
}

extension [Unicode.Scalar] {
    /// How often a text occurs, overlaps not counted.
    fileprivate func occurrences(of text: String) -> Int {
        let search = TextSearch(text)
        guard !search.pattern.isEmpty else { return 0 }
        let bytes = [UInt8](String(String.UnicodeScalarView(self)).utf8)
        var count = 0
        var start = 0
        while let index = search.first(in: bytes, from: start) {
            count += 1
            start = index + search.pattern.count
        }
        return count
    }
}
