/// Numbers in English words: “three hundred and twenty-seven thousand, seven hundred and thirteenth”.
enum NumberWords {
    /// In title case, with small “and”.
    static func text(_ number: Double, isOrdinal: Bool) -> String {
        words(number, isOrdinal: isOrdinal)
    }

    private static func words(_ number: Double, isOrdinal: Bool) -> String {
        switch number {
        case ..<20:
            return (isOrdinal ? ordinals : units)[Int(number)]
        case ..<100:
            let ten = tens[Int(number) / 10 - 2]
            let rest = number.truncatingRemainder(dividingBy: 10)
            if rest > 0 { return "\(ten)-\(words(rest, isOrdinal: isOrdinal))" }
            return isOrdinal ? ten.dropLast() + "ieth" : ten
        case ..<1_000:
            let head = "\(units[Int(number) / 100]) Hundred"
            return joined(head, number.truncatingRemainder(dividingBy: 100), isOrdinal)
        default:
            var size = 1_000.0
            var name = 0
            while name < magnitudes.count - 1, number >= size * 1_000 {
                size *= 1_000
                name += 1
            }
            let count = (number / size).rounded(.down)
            let head = "\(words(count, isOrdinal: false)) \(magnitudes[name])"
            return joined(head, number - count * size, isOrdinal)
        }
    }

    private static func joined(_ head: String, _ rest: Double, _ isOrdinal: Bool) -> String {
        guard rest > 0 else { return isOrdinal ? head + "th" : head }
        let link = rest < 100 ? " and " : ", "
        return head + link + words(rest, isOrdinal: isOrdinal)
    }

    /// nil if there is a word in it that is no number.
    static func number(_ text: String) -> Double? {
        var segments: [Double] = [0]
        let words = text.lowercased().unicodeScalars.split {
            $0 == " " || $0 == "-" || $0 == "," || $0.properties.isWhitespace
        }
        for word in words.map({ String($0) }) where word != "and" {
            guard let value = values[word], var last = segments.popLast() else { return nil }
            if value >= 100 {
                segments.append(last * value)
                continue
            }
            if last >= 1_000 {
                segments.append(last)
                last = 0
            }
            segments.append(last + value)
        }
        let sum = segments.reduce(0, +)
        return words.isEmpty || !sum.isFinite ? nil : sum
    }

    /// All words that numbers are made of, in lower case.
    static var vocabulary: [String] { Array(values.keys) }

    private static let values: [String: Double] = {
        var values: [String: Double] = ["hundred": 100, "hundredth": 100]
        for (index, word) in units.enumerated() { values[word.lowercased()] = Double(index) }
        for (index, word) in ordinals.enumerated() { values[word.lowercased()] = Double(index) }
        for (index, word) in tens.enumerated() {
            values[word.lowercased()] = Double(index + 2) * 10
            values[word.lowercased().dropLast() + "ieth"] = Double(index + 2) * 10
        }
        var size = 1_000.0
        for word in magnitudes {
            values[word.lowercased()] = size
            values[word.lowercased() + "th"] = size
            size *= 1_000
        }
        return values
    }()

    private static let units = [
        "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
        "Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen",
        "Nineteen",
    ]
    private static let ordinals = [
        "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth",
        "Ninth", "Tenth", "Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth",
        "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth",
    ]
    private static let tens = [
        "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety",
    ]
    private static let magnitudes = ["Thousand", "Million", "Billion", "Trillion"]
}

/// Roman numerals.
enum RomanNumeral {
    static func text(_ number: Double) throws(JSONataError) -> String {
        guard number <= numberMax else { throw JSONataError(.U1003, value: .number(number)) }
        var rest = Int(number)
        var result = ""
        for (value, letters) in steps {
            while rest >= value {
                result += letters
                rest -= value
            }
        }
        return result
    }

    /// nil if there is a letter in it that is no numeral.
    static func number(_ text: String) -> Double? {
        var sum = 0
        var most = 1
        for letter in text.uppercased().reversed() {
            guard let value = values[letter] else { return nil }
            if value < most {
                sum -= value
            } else {
                most = value
                sum += value
            }
        }
        return Double(sum)
    }

    /// There is no letter above M, so that a million is a thousand of them.
    private static let numberMax = 1_000_000.0
    private static let values: [Character: Int] = [
        "M": 1_000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1,
    ]
    private static let steps = [
        (1_000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
        (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ]
}
