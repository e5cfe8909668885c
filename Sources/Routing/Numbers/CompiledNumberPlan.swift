import Primitives

/// What a dialled text turned out to be.
package enum DialledNumber: Hashable, Sendable {
    case number(PhoneNumber)
    /// Digits, but too few to be a number, or a national form where no country is known.
    case incomplete
    case notANumber
}

/// How one trunk's numbers are read: the trunk's default country, looked up once.
///
/// The order of readings is fixed, so that a text means the same on every node and every day:
/// 1. `+` and what follows is E.164, digit by digit; only `(0)` in brackets is left out.
/// 2. `00` and the country's own code; its international prefixes (`011`, `0011`, `810` …) and a
///    number that some plan knows; then `00` everywhere.
/// 3. The country's national prefix and a national number: `020 7946 0000` in GB.
/// 4. The country's own calling code and a national number: `442079460000` in GB.
/// 5. A national number alone: `4155550100` in the US is +1 415 555 0100, not a Swiss number.
/// 6. E.164 without its `+`, as Telnyx sends by default: eight digits or more. Without a default
///    country this is the only reading of digits that have no prefix.
///
/// Readings 3 to 5 count only where the plan of the country has numbers of that length and first
/// digit. A number with its country code is taken as it stands when no plan knows it, because
/// plans grow faster than tables do.
package struct CompiledNumberPlan: Sendable {
    private let world: NumberPlans
    private let home: Int?

    /// `defaultCountry` is an ISO 3166-1 alpha-2 code in upper case; nil when the table lacks it.
    package init?(defaultCountry: String?) {
        world = NumberPlans.world
        guard let defaultCountry else {
            home = nil
            return
        }
        guard let index = world.index(ofCountry: defaultCountry) else { return nil }
        home = index
    }

    private init(home: Int?) {
        world = NumberPlans.world
        self.home = home
    }

    /// The plan of a trunk without a default country: E.164 with or without `+`, and `00`.
    package static let international = CompiledNumberPlan(home: nil)

    /// The countries that can be a default country, in alphabetical order.
    package static var countries: [String] { NumberPlans.world.countries }

    /// One plan for each calling code that has countries; for explanations.
    package static var each: [(country: String, plan: CompiledNumberPlan)] {
        NumberPlanRow.all.enumerated().compactMap { index, row in
            guard let country = row.countries.description.split(separator: " ").first else {
                return nil
            }
            return (String(country), CompiledNumberPlan(home: index))
        }
    }

    /// Reads the user part of a SIP URI, the number of a tel URI, or a form field.
    ///
    /// Percent escapes are already undone, parameters (`;npdi` …) already cut off.
    package func read(_ text: Span<UInt8>) -> DialledNumber {
        guard let text = DialledText(text) else { return .notANumber }
        return read(text, home: home)
    }

    /// Reads a local number in the context that its URI names (RFC 3966 §5.1.5).
    ///
    /// `phoneContext` is the parameter's value. A calling code (`+44`) stands in for the default
    /// country; a longer prefix (`+1-914-555`) goes before the digits; a domain name says nothing
    /// about the number.
    package func read(_ text: Span<UInt8>, phoneContext: Span<UInt8>) -> DialledNumber {
        guard let text = DialledText(text) else { return .notANumber }
        guard !text.hasPlus, let context = DialledText(phoneContext), context.hasPlus else {
            return read(text, home: home)
        }
        if let plan = world.index(ofCallingCode: context.digits) { return read(text, home: plan) }
        guard let joined = context.digits.followed(by: text.digits) else { return .notANumber }
        return readInternational(joined, of: text)
    }

    /// Whether calls can reach `number`: with fewer than seven digits it is never read as one.
    package static func reaches(_ number: PhoneNumber) -> Bool {
        DialledDigits(number).count >= digitsMin
    }

    /// The fewest digits of an international number: a small country's code and four digits.
    private static let digitsMin = 7

    /// The fewest digits that are read as E.164 when neither `+` nor a prefix says so.
    private static let bareDigitsMin = 8
}

extension CompiledNumberPlan {
    private func read(_ text: DialledText, home: Int?) -> DialledNumber {
        let digits = text.digits
        if text.hasPlus { return readInternational(digits, of: text) }
        if let home, let rest = strippingPrefix(digits, of: text, home: home) {
            return readInternational(rest, of: text)
        }
        if digits.count > 2, digits.leading(2) == 0 {
            return readInternational(digits.dropping(2), of: text)
        }
        guard let home else { return readBare(digits, of: text) }
        if let number = readNational(digits, home: home) { return .number(number) }
        if digits.count >= Self.bareDigitsMin, world.isKnown(digits), let number = digits.number {
            return .number(number)
        }
        return readUnknown(digits, of: text, home: home)
    }

    /// A country code and a number, whether the table knows it or not.
    private func readInternational(_ digits: DialledDigits, of text: DialledText) -> DialledNumber {
        guard digits.first != 0 else { return .notANumber }
        guard digits.count >= Self.digitsMin else { return .incomplete }
        // Only brackets say that a national prefix is not meant to be dialled; without them the
        // number stands as it is, so that each E.164 number of the directory can be reached.
        let meant = text.hasBracketedPrefix ? world.strippingNationalPrefix(digits) : nil
        guard let number = (meant ?? digits).number else { return .notANumber }
        return .number(number)
    }

    /// What follows the country's own international prefix, when some plan knows that number.
    private func strippingPrefix(
        _ digits: DialledDigits,
        of text: DialledText,
        home: Int
    ) -> DialledDigits? {
        // `0057…` in Colombia is `00` and its own code, though `005` is a carrier's prefix there.
        if digits.count > 2, digits.leading(2) == 0,
            world.plans[home].strippingCallingCode(digits.dropping(2)) != nil
        {
            return digits.dropping(2)
        }
        let count = world.plans[home].international.count
        var index = 0
        while index < count {
            if let rest = world.plans[home].international[index].stripped(from: digits),
                world.isKnown(rest)
                    || text.hasBracketedPrefix && world.strippingNationalPrefix(rest) != nil
            {
                return rest
            }
            index &+= 1
        }
        return nil
    }

    /// A national number of the country with its prefix, with the calling code, or alone.
    private func readNational(_ digits: DialledDigits, home: Int) -> PhoneNumber? {
        let code = world.plans[home].callingCode
        if let rest = world.plans[home].strippingNationalPrefix(digits) {
            return code.followed(by: rest)?.number
        }
        if world.plans[home].strippingCallingCode(digits) != nil { return digits.number }
        guard world.plans[home].isNational(digits) else { return nil }
        return code.followed(by: digits)?.number
    }

    /// E.164 without `+`, where nothing else is known.
    private func readBare(_ digits: DialledDigits, of text: DialledText) -> DialledNumber {
        guard digits.first != 0, digits.count >= Self.bareDigitsMin else { return .incomplete }
        return readInternational(digits, of: text)
    }

    /// No plan has such a number: the prefixes are believed, and long digits are E.164.
    private func readUnknown(
        _ digits: DialledDigits,
        of text: DialledText,
        home: Int
    ) -> DialledNumber {
        let count = world.plans[home].international.count
        var index = 0
        while index < count {
            if let rest = world.plans[home].international[index].stripped(from: digits),
                rest.count >= Self.digitsMin
            {
                return readInternational(rest, of: text)
            }
            index &+= 1
        }
        guard digits.count >= world.plans[home].shortest else { return .incomplete }
        return readBare(digits, of: text)
    }
}
