import Primitives
import Routing
import Testing

/// A number as a test writes it.
private func phone(_ text: String) throws -> PhoneNumber {
    try #require(PhoneNumber(text))
}

/// Reads `text` as a trunk with this default country does, and shows the result as one line.
private func reading(_ text: String, country: String?, phoneContext: String? = nil) -> String {
    guard let plan = CompiledNumberPlan(defaultCountry: country) else { return "unknown country" }
    let bytes = Array(text.utf8)
    let result: DialledNumber
    if let phoneContext {
        let context = Array(phoneContext.utf8)
        result = plan.read(bytes.span, phoneContext: context.span)
    } else {
        result = plan.read(bytes.span)
    }
    return switch result {
    case .number(let number): number.e164
    case .incomplete: "incomplete"
    case .notANumber: "not a number"
    }
}

@Suite("Dialled text")
struct NumberPlanTests {
    @Test(
        "every spelling of a number in the United States is the same number",
        arguments: [
            "+15551230000", "15551230000", "5551230000", "+1 555 123 0000", "+1 (555) 123-0000",
            "1-555-123-0000", "(555) 123 0000", "555.123.0000", "01115551230000",
            "0015551230000", "+1\u{A0}555\u{A0}123\u{A0}0000", " +15551230000", "(+1) 5551230000",
        ]
    )
    func unitedStates(text: String) {
        #expect(reading(text, country: "US") == "+15551230000")
    }

    @Test(
        "every spelling of a number in London is the same number",
        arguments: [
            "+442079460000", "442079460000", "02079460000", "2079460000", "00442079460000",
            "020 7946 0000", "(020) 7946-0000", "+44 (0)20 7946 0000", "+44 (20) 7946 0000",
            "0044 (0) 20 7946 0000",
        ]
    )
    func london(text: String) {
        #expect(reading(text, country: "GB") == "+442079460000")
    }

    @Test(
        "national forms follow the plan of the trunk's country",
        arguments: [
            ("030 123456", "DE", "+4930123456"),
            ("01 23 45 67 89", "FR", "+33123456789"),
            ("06 1234 5678", "IT", "+390612345678"),  // Italy keeps the 0
            ("0039 06 1234 5678", "IT", "+390612345678"),
            ("3931234567", "IT", "+393931234567"),  // a mobile, not +39 31234567
            ("912 345 678", "ES", "+34912345678"),
            ("8 (495) 123-45-67", "RU", "+74951234567"),
            ("810 44 20 7946 0000", "RU", "+442079460000"),
            ("8 701 123 4567", "KZ", "+77011234567"),
            ("06 1 234 5678", "HU", "+3612345678"),
            ("03-1234-5678", "JP", "+81312345678"),
            ("010 44 20 7946 0000", "JP", "+442079460000"),
            ("02 9374 4000", "AU", "+61293744000"),
            ("0011 44 20 7946 0000", "AU", "+442079460000"),
            ("0 21 11 98765-4321", "BR", "+5511987654321"),  // by carrier 21
            ("0 11 98765-4321", "BR", "+5511987654321"),
            ("00 21 44 20 7946 0000", "BR", "+442079460000"),
            ("001 44 20 7946 0000", "SG", "+442079460000"),
            ("6123 4567", "SG", "+6561234567"),
            ("416 555 0100", "CA", "+14165550100"),
            ("0057 301 123 4567", "CO", "+573011234567"),  // not 005 and a Russian number
            ("990 44 20 7946 0000", "FI", "+442079460000"),
            ("01 23 45 67 89", "CI", "+2250123456789"),
        ]
    )
    func national(text: String, country: String, number: String) {
        #expect(reading(text, country: country) == number)
    }

    @Test(
        "of two readings the one that the order names first wins",
        arguments: [
            ("4155550100", "US", "+14155550100"),  // not Switzerland, +41 55 550100
            ("4155550100", nil, "+4155550100"),
            ("442079460000", "US", "+442079460000"),  // no number in the US is that long
            ("84951234567", "RU", "+74951234567"),  // not Viet Nam
            ("4930123456", "DE", "+4930123456"),  // not +49 4930 123456
            ("15551230000", nil, "+15551230000"),
            ("0015551230000", nil, "+15551230000"),
        ] as [(String, String?, String)]
    )
    func precedence(text: String, country: String?, number: String) {
        #expect(reading(text, country: country) == number)
    }

    @Test(
        "a number with its country code is taken as it stands where no plan knows it",
        arguments: [
            ("+999123456789", "+999123456789"), ("+441234567890123", "+441234567890123"),
            ("+4412345678901234", "not a number"), ("+33012", "incomplete"),
        ]
    )
    func unknownNumbers(text: String, result: String) {
        #expect(reading(text, country: "GB") == result)
        #expect(reading(text, country: nil) == result)
    }

    @Test(
        "digits too few to be a number are incomplete",
        arguments: [
            ("911", "US"), ("112", nil), ("1234567", nil), ("5551230", "US"), ("415555010", "US"),
            ("02079460000", nil), ("+4420", "GB"), ("020", "GB"), ("0", "GB"), ("00", "GB"),
        ] as [(String, String?)]
    )
    func incomplete(text: String, country: String?) {
        #expect(reading(text, country: country) == "incomplete")
    }

    @Test(
        "text that is not made of digits is no number, and nothing of it is kept",
        arguments: [
            "", "+", "-", "sales", "1-800-FLOWERS", "+1415555010O", "+1415;555", "4155550100&x=1",
            "4155550100\r\nVia:", "++14155550100", "1+4155550100", "*97", "#31#4155550100",
            "٤١٥٥٥٥٠١٠٠", "4155550100\0", "\u{202E}4155550100", "+0123456789", "000000000000",
            "12345678901234567890123456789012345678901234567890",
        ]
    )
    func notNumbers(text: String) {
        for country in [nil, "US", "GB", "BR", "KR"] {
            #expect(reading(text, country: country) == "not a number")
        }
    }

    @Test("a no-break space is a separator in UTF-8 and in Latin-1, and half of one is not")
    func noBreakSpaces() throws {
        let latin: [UInt8] = Array("+1415".utf8) + [0xA0] + Array("5550100".utf8)
        let cut: [UInt8] = Array("+14155550100".utf8) + [0xC2]
        let plan = CompiledNumberPlan.international
        let number = try #require(PhoneNumber("+14155550100"))
        #expect(plan.read(latin.span) == .number(number))
        #expect(plan.read(cut.span) == .notANumber)
    }

    @Test(
        "phone-context completes a local number (RFC 3966 §5.1.5)",
        arguments: [
            ("2079460000", "+44", "+442079460000"),
            ("020 7946 0000", "+44", "+442079460000"),
            ("555-1234", "+1-914", "+19145551234"),
            ("+442079460000", "+1", "+442079460000"),
            ("4155550100", "example.com", "+14155550100"),
            ("4155550100", "", "+14155550100"),
            ("4155550100", "+", "+14155550100"),
            ("06 1234 5678", "+39", "+390612345678"),
        ]
    )
    func phoneContext(text: String, context: String, number: String) {
        #expect(reading(text, country: "US", phoneContext: context) == number)
    }

    @Test("every country of the table has two capital letters and a plan, and none occurs twice")
    func countries() {
        let countries = CompiledNumberPlan.countries
        #expect(countries.count >= 240)
        #expect(Set(countries).count == countries.count)
        for country in countries {
            #expect(country.utf8.count == 2)
            #expect(country.utf8.allSatisfy { 0x41...0x5A ~= $0 })
            #expect(reading("+442079460000", country: country) == "+442079460000")
            #expect(reading("00442079460000", country: country) == "+442079460000")
        }
        #expect(CompiledNumberPlan(defaultCountry: "ZZ") == nil)
        #expect(CompiledNumberPlan(defaultCountry: "us") == nil)
    }

    @Test(
        "an international number is taken digit by digit, so that every row can be reached",
        arguments: ["+4402079460000", "+390612345678", "+2001234567", "+10000000001", "+9990000"]
    )
    func exact(text: String) throws {
        #expect(try CompiledNumberPlan.reaches(phone(text)))
        for country in [nil, "GB", "IT", "US"] {
            #expect(reading(text, country: country) == text)
            #expect(reading("00" + text.dropFirst(), country: country) == text)
        }
    }

    @Test("a national prefix in brackets is left out where the country has one, and kept in Italy")
    func brackets() {
        #expect(reading("+49 (0)30 123456", country: nil) == "+4930123456")
        #expect(reading("+36 (06) 1 234 5678", country: nil) == "+3612345678")
        #expect(reading("+39 (0)6 1234 5678", country: nil) == "+390612345678")
        #expect(reading("(0)30 123456", country: "DE") == "+4930123456")
        #expect(reading("011 44 (0)20 7946 0000", country: "US") == "+442079460000")
    }

    @Test("a number with fewer than seven digits is never reached")
    func unreachable() throws {
        #expect(try !CompiledNumberPlan.reaches(phone("+442079")))
        #expect(reading("+442079", country: "GB") == "incomplete")
    }
}

@Suite("Callers")
struct CallerTests {
    private func caller(_ text: String, country: String? = nil) -> Caller {
        guard let plan = CompiledNumberPlan(defaultCountry: country) else { return .other }
        let bytes = Array(text.utf8)
        return plan.readCaller(bytes.span)
    }

    @Test(
        "callers who withhold their number are anonymous, in words and in Twilio's digits",
        arguments: [
            "anonymous", "Anonymous", "ANONYMOUS", "restricted", "unavailable", "unknown",
            "private",
            "withheld", "blocked", "", "+266696687", "+7378742833", "+2562533", "+8656696",
            "+86282452253", "+7748283", "266696687",
        ]
    )
    func anonymous(text: String) {
        #expect(caller(text) == .anonymous)
    }

    @Test("a number that only looks like a keypad word is a number")
    func austin() throws {
        let number = try #require(PhoneNumber("+17378742833"))
        #expect(caller("7378742833", country: "US") == .number(number))
        #expect(caller("+17378742833") == .number(number))
    }

    @Test(
        "users and short codes are neither a number nor anonymous",
        arguments: ["client:alice", "alice", "72345", "anonymous1", "an0nymous"]
    )
    func others(text: String) {
        #expect(caller(text) == .other)
    }
}
