import Primitives
import Routing
import Testing

/// How a country dials, written apart from the table under test.
private struct Dialling {
    let country: String
    let code: String
    let trunkPrefix: String
    let internationalPrefix: String
    let firstDigits: ClosedRange<Int>
    let lengths: ClosedRange<Int>

    static let all = [
        Dialling("US", "1", "1", "011", 2...9, 10...10),
        Dialling("GB", "44", "0", "00", 2...3, 10...10),
        Dialling("DE", "49", "0", "00", 2...9, 8...11),
        Dialling("FR", "33", "0", "00", 1...9, 9...9),
        Dialling("IT", "39", "", "00", 0...0, 9...11),
        Dialling("ES", "34", "", "00", 4...9, 9...9),
        Dialling("RU", "7", "8", "810", 3...9, 10...10),
        Dialling("AU", "61", "0", "0011", 2...4, 9...9),
        Dialling("JP", "81", "0", "010", 1...9, 9...9),
        Dialling("BR", "55", "0", "0021", 1...2, 10...11),
        Dialling("IN", "91", "0", "00", 2...9, 10...10),
        Dialling("SG", "65", "", "001", 6...6, 8...8),
        Dialling("HU", "36", "06", "00", 2...3, 8...9),
        Dialling("MX", "52", "", "00", 2...9, 10...10),
    ]

    init(
        _ country: String,
        _ code: String,
        _ trunkPrefix: String,
        _ internationalPrefix: String,
        _ firstDigits: ClosedRange<Int>,
        _ lengths: ClosedRange<Int>
    ) {
        self.country = country
        self.code = code
        self.trunkPrefix = trunkPrefix
        self.internationalPrefix = internationalPrefix
        self.firstDigits = firstDigits
        self.lengths = lengths
    }

    func nationalNumber(_ random: inout SeededRandom) -> String {
        var digits = String(Int.random(in: firstDigits, using: &random))
        for position in 1..<Int.random(in: lengths, using: &random) {
            // No area code has 0 in the second place where the test's countries are concerned.
            digits += String(Int.random(in: (position == 1 ? 1 : 0)...9, using: &random))
        }
        return digits
    }

    /// One of the ways in which a trunk of `home` may be sent the number `code` + `national`.
    func spelling(of national: String, in home: Dialling, _ random: inout SeededRandom) -> String {
        let international = code + national
        var forms = [
            "+" + international, home.internationalPrefix + international,
            home.internationalPrefix + " " + international,
        ]
        if !trunkPrefix.isEmpty, trunkPrefix != "1" {
            forms.append("+\(code) (\(trunkPrefix)) \(national)")
        }
        if home.country == country {
            forms += [international, trunkPrefix + national]
            // With its own country code in front, a text has another reading that goes first.
            if !national.hasPrefix(code) { forms.append(national) }
        }
        return forms[Int.random(in: 0..<forms.count, using: &random)]
    }
}

/// Puts visual separators between the digits here and there.
private func separated(_ text: String, _ random: inout SeededRandom) -> [UInt8] {
    let separators = [[0x20], [0x2D], [0x2E], [0x20, 0x20], [0xA0], [0xC2, 0xA0]] as [[UInt8]]
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        bytes.append(byte)
        if Int.random(in: 0..<6, using: &random) == 0 {
            bytes += separators[Int.random(in: 0..<separators.count, using: &random)]
        }
    }
    return bytes
}

@Suite("Spellings")
struct NumberSpellingTests {
    @Test("each spelling of a number reaches it, and spellings of different numbers never meet")
    func spellings() throws {
        var random = SeededRandom(seed: 5)
        let plans = try Dialling.all.map { dialling in
            try #require(CompiledNumberPlan(defaultCountry: dialling.country))
        }
        for _ in 0..<randomCaseCount(usual: 200_000) {
            let home = Int.random(in: 0..<plans.count, using: &random)
            // Half of the numbers are the country's own, half come from anywhere.
            let isOwn = Bool.random(using: &random)
            let owner = isOwn ? home : Int.random(in: 0..<plans.count, using: &random)
            let dialling = Dialling.all[owner]
            let first = dialling.nationalNumber(&random)
            var second = first
            let changed = second.index(
                second.startIndex,
                offsetBy: Int.random(in: 2..<second.count, using: &random)
            )
            let digit = Int.random(in: 0...9, using: &random)
            second.replaceSubrange(changed...changed, with: String(digit))

            let one = dialling.spelling(of: first, in: Dialling.all[home], &random)
            let two = dialling.spelling(of: second, in: Dialling.all[home], &random)
            let left = plans[home].read(separated(one, &random).span)
            let right = plans[home].read(separated(two, &random).span)
            let expected = PhoneNumber("+" + dialling.code + first).map { DialledNumber.number($0) }
            guard left == expected, (left == right) == (first == second) else {
                Issue.record("\(one) and \(two) in \(Dialling.all[home].country)")
                return
            }
        }
    }

    @Test("no text traps, and a number that is read ends in the digits of the text")
    func anyText() throws {
        var random = SeededRandom(seed: 6)
        let countries = CompiledNumberPlan.countries
        let alphabet = Array("00112345678990+-.() \u{A0};=&\r\nax%".utf8) + [0xC2, 0xA0, 0xFF, 0]
        var numbers = 0
        for _ in 0..<randomCaseCount(usual: 200_000) {
            let country = countries[Int.random(in: 0..<countries.count, using: &random)]
            let plan = try #require(CompiledNumberPlan(defaultCountry: country))
            // Most texts keep to digits, so that many of them are numbers.
            let span = Bool.random(using: &random) ? 14 : alphabet.count
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<span, using: &random)]
            }
            _ = plan.readCaller(text.span)
            _ = plan.read(text.span, phoneContext: text.reversed().span)
            guard case .number(let number) = plan.read(text.span) else { continue }
            numbers += 1
            let digits = text.filter { 0x30...0x39 ~= $0 }
            guard digits.suffix(4).elementsEqual(number.e164.utf8.suffix(4)),
                7...15 ~= number.e164.utf8.count - 1
            else {
                Issue.record("\(String(decoding: text, as: UTF8.self)) in \(country)")
                return
            }
        }
        #expect(numbers > 0)
    }
}
