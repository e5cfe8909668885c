/// A picture of `$formatInteger` and `$parseInteger`, such as `#,##0`, `w;o` or `I` (F&O 3.1, §4.6,
/// fn:format-integer).
///
/// Dates use it for their components too.
struct IntegerPicture {
    private(set) var form: Form
    private(set) var isOrdinal = false
    /// Digits of a decimal form; a date may ask for more.
    var digitCountMin = 0
    private(set) var optionalDigitCount = 0
    private var zero: UInt32 = 0x30
    /// Separators by the number of digits behind them; the nearest to the end first.
    private(set) var separators: [(position: Int, character: Unicode.Scalar)] = []
    /// The distance of separators that are regular, or 0.
    private(set) var regularDistance = 0
    /// The others by their position.
    private var irregularSeparators: [Int: Unicode.Scalar] = [:]

    enum Form {
        case decimal
        case letters(isUpper: Bool)
        case roman(isUpper: Bool)
        case words(Capitals)
        /// A numbering that we do not know.
        case sequence(String)
    }

    enum Capitals {
        case lower
        case upper
        case title
    }

    init(_ picture: String) throws(JSONataError) {
        var primary = picture
        if let semicolon = picture.lastIndex(of: ";") {
            primary = String(picture[..<semicolon])
            isOrdinal = picture[picture.index(after: semicolon)...].first == "o"
        }
        switch primary {
        case "A": form = .letters(isUpper: true)
        case "a": form = .letters(isUpper: false)
        case "I": form = .roman(isUpper: true)
        case "i": form = .roman(isUpper: false)
        case "W": form = .words(.upper)
        case "Ww": form = .words(.title)
        case "w": form = .words(.lower)
        default:
            form = .decimal
            try readDigits(primary)
            if digitCountMin == 0 { form = .sequence(primary) }
        }
    }

    private mutating func readDigits(_ picture: String) throws(JSONataError) {
        var script: UInt32?
        var position = 0
        for scalar in picture.unicodeScalars.reversed() {
            if scalar.properties.generalCategory == .decimalNumber,
                let value = scalar.properties.numericValue
            {
                let zero = scalar.value - UInt32(value)
                guard script == nil || script == zero else { throw JSONataError(.D3131) }
                script = zero
                digitCountMin += 1
                position += 1
            } else if scalar == "#" {
                optionalDigitCount += 1
                position += 1
            } else {
                separators.append((position, scalar))
            }
        }
        zero = script ?? 0x30
        if let first = separators.first,
            separators.allSatisfy({ $0.character == first.character })
        {
            regularDistance = DigitGroups.regularDistance(of: separators.map(\.position))
        }
        guard regularDistance == 0 else { return }
        for (position, character) in separators where irregularSeparators[position] == nil {
            irregularSeparators[position] = character
        }
    }

    // MARK: Writing

    /// Writes a whole number.
    func format(_ number: Double) throws(JSONataError) -> String {
        let magnitude = number.magnitude
        guard magnitude.isFinite else { throw JSONataError(.D3001, value: .number(number)) }
        let text: String
        switch form {
        case .decimal: text = decimal(magnitude)
        case .letters(let isUpper): text = letters(magnitude, first: isUpper ? 0x41 : 0x61)
        case .roman(let isUpper):
            let roman = try RomanNumeral.text(magnitude)
            text = isUpper ? roman.uppercased() : roman
        case .words(let capitals):
            let words = NumberWords.text(magnitude, isOrdinal: isOrdinal)
            text =
                switch capitals {
                case .lower: words.lowercased()
                case .upper: words.uppercased()
                case .title: words
                }
        case .sequence(let name): throw JSONataError(.D3130, value: .string(name))
        }
        return number < 0 ? "-" + text : text
    }

    private func decimal(_ magnitude: Double) -> String {
        var digits = Decimal(shortest: magnitude).fixed(places: 0).whole
        let missing = max(digitCountMin, 1) - digits.count
        if missing > 0 { digits = [UInt8](repeating: 0, count: missing) + digits }
        var result = String.UnicodeScalarView()
        for (index, digit) in digits.enumerated() {
            let rest = digits.count - index
            if index > 0, let separator = separator(before: rest) { result.append(separator) }
            result.append(Unicode.Scalar(zero + UInt32(digit)) ?? "0")
        }
        if isOrdinal { result.append(contentsOf: ordinalSuffix(digits).unicodeScalars) }
        return String(result)
    }

    private func separator(before rest: Int) -> Unicode.Scalar? {
        if regularDistance > 0 {
            return rest.isMultiple(of: regularDistance) ? separators.first?.character : nil
        }
        return irregularSeparators[rest]
    }

    private func ordinalSuffix(_ digits: [UInt8]) -> String {
        let isTeen = digits.count > 1 && digits[digits.count - 2] == 1
        return switch digits.last {
        case 1 where !isTeen: "st"
        case 2 where !isTeen: "nd"
        case 3 where !isTeen: "rd"
        default: "th"
        }
    }

    /// a…z, aa…az and so on, as the columns of a spreadsheet.
    private func letters(_ magnitude: Double, first: UInt8) -> String {
        var rest = magnitude
        var letters: [UInt8] = []
        while rest > 0 {
            letters.append(first + UInt8((rest - 1).truncatingRemainder(dividingBy: 26)))
            rest = ((rest - 1) / 26).rounded(.down)
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }

    // MARK: Reading

    /// The number that a text says in this form; nil if it does not say one.
    func parse(_ text: String) throws(JSONataError) -> Double? {
        switch form {
        case .decimal: return parsedDecimal(text)
        case .letters(let isUpper):
            var value = 0.0
            for byte in text.utf8 {
                value = value * 26 + Double(byte) - (isUpper ? 0x40 : 0x60)
            }
            return value.isFinite ? value : nil
        case .roman: return RomanNumeral.number(text)
        case .words: return NumberWords.number(text)
        case .sequence(let name): throw JSONataError(.D3130, value: .string(name))
        }
    }

    private func parsedDecimal(_ text: String) -> Double? {
        var scalars = Array(text.unicodeScalars)
        if isOrdinal { scalars.removeLast(min(2, scalars.count)) }
        let marks = Set(separators.map(\.character))
        var digits = ""
        for scalar in scalars where !marks.contains(scalar) {
            if scalar == "-" || scalar == "+", digits.isEmpty {
                digits.unicodeScalars.append(scalar)
                continue
            }
            guard scalar.value >= zero, scalar.value - zero < 10 else { break }
            digits += "\(scalar.value - zero)"
        }
        return Double(digits).flatMap { $0.isFinite ? $0 : nil }
    }
}
