/// A picture of `$fromMillis` and `$toMillis`, such as `[D1o] [MNn] [Y0001]` (F&O 3.1, §9.8.4).
struct DatePicture {
    private(set) var parts: [Part] = []

    enum Part {
        case literal(String)
        case component(Component)
    }

    struct Component {
        /// One of `YMDdFWwXxHhPmsfZzCE`.
        var letter: Character
        var names: IntegerPicture.Capitals?
        var integer: IntegerPicture?
        var isTraditional = false
        /// The largest number of characters of a name.
        var widthMax: Int?
        /// The digits that a year is cut to, or nil.
        var yearDigitCount: Int?
    }

    static let iso8601 = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"

    init(_ picture: String) throws(JSONataError) {
        let letters = Array(picture)
        var literal = ""
        var index = 0
        while index < letters.count {
            let letter = letters[index]
            let isDoubled = index + 1 < letters.count && letters[index + 1] == letter
            if letter == "[" || letter == "]", isDoubled {
                literal.append(letter)
                index += 2
                continue
            }
            guard letter == "[" else {
                literal.append(letter)
                index += 1
                continue
            }
            guard let end = letters[index...].firstIndex(of: "]") else {
                throw JSONataError(.D3135)
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            let marker = letters[(index + 1)..<end].filter { !$0.isWhitespace }
            parts.append(.component(try Component(Array(marker))))
            index = end + 1
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
    }
}

extension DatePicture.Component {
    /// Reads `marker`, what stands between the brackets without white space.
    init(_ marker: [Character]) throws(JSONataError) {
        letter = marker.first ?? " "
        guard let standard = Self.standardForms[letter] else {
            throw JSONataError(.D3132, value: .string(String(letter)))
        }
        var form = String(marker.dropFirst())
        var width: Width?
        if let comma = form.lastIndex(of: ",") {
            width = Width(form[form.index(after: comma)...])
            form = String(form[..<comma])
        }
        widthMax = width?.most
        var modifier = ""
        if form.isEmpty {
            form = standard
        } else if form.count > 1, let last = form.last, "atco".contains(last) {
            modifier = String(last)
            form.removeLast()
        }
        isTraditional = modifier == "t"
        if form.hasPrefix("n") {
            names = .lower
        } else if form.hasPrefix("Nn") {
            names = .title
        } else if form.hasPrefix("N") {
            names = .upper
        } else if "YMDdFWwXxHhmsf".contains(letter) {
            try readInteger(modifier.isEmpty ? form : "\(form);\(modifier)", width)
        }
        if letter == "Z" || letter == "z" { integer = try IntegerPicture(form) }
    }

    private mutating func readInteger(_ picture: String, _ width: Width?) throws(JSONataError) {
        var integer = try IntegerPicture(picture)
        if let least = width?.least { integer.digitCountMin = max(integer.digitCountMin, least) }
        if letter == "Y" {
            if let most = width?.most {
                yearDigitCount = most
                integer.digitCountMin = most
            } else if integer.digitCountMin + integer.optionalDigitCount >= 2 {
                yearDigitCount = integer.digitCountMin + integer.optionalDigitCount
            }
        }
        self.integer = integer
    }

    /// `least-most`, where `*` or a missing number sets no bound.
    struct Width {
        var least: Int?
        var most: Int?

        init(_ text: Substring) {
            let bounds = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            least = bounds.first.flatMap(Self.number)
            most = bounds.count > 1 ? Self.number(bounds[1]) : nil
        }

        private static func number(_ text: Substring) -> Int? {
            Int(text).flatMap { (1...100).contains($0) ? $0 : nil }
        }
    }

    /// The form of a component that asks for none.
    private static let standardForms: [Character: String] = [
        "Y": "1", "M": "1", "D": "1", "d": "1", "F": "n", "W": "1", "w": "1", "X": "1", "x": "1",
        "H": "1", "h": "1", "P": "n", "m": "01", "s": "01", "f": "1", "Z": "01:01", "z": "01:01",
        "C": "n", "E": "n",
    ]
}
