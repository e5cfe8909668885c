/// The plans of all calling codes, found by calling code or by country.
final class NumberPlans: Sendable {
    let plans: [NumberPlan]
    /// The plan of a number that begins with these three digits, 0…999; `none` where no code is.
    private let planByLead: [UInt8]
    private let planByCountry: [String: Int]

    static let world = NumberPlans(NumberPlanRow.all)

    private static let none: UInt8 = .max

    init(_ rows: [NumberPlanRow]) {
        var planByLead = [UInt8](repeating: Self.none, count: 1_000)
        var planByCountry: [String: Int] = [:]
        for (index, row) in rows.prefix(Int(Self.none)).enumerated() {
            var lower = Int(row.callingCode)
            var count = 1
            while lower < 100 {
                lower *= 10
                count *= 10
            }
            for lead in lower..<min(lower + count, 1_000) { planByLead[lead] = UInt8(index) }
            for country in row.countries.description.split(separator: " ") {
                planByCountry[String(country)] = index
            }
        }
        plans = rows.prefix(Int(Self.none)).map { NumberPlan($0) }
        self.planByLead = planByLead
        self.planByCountry = planByCountry
    }

    /// The index of the plan of a country by its ISO 3166-1 alpha-2 code, upper case.
    func index(ofCountry country: String) -> Int? { planByCountry[country] }

    /// All countries that the table knows, by their codes.
    var countries: [String] { planByCountry.keys.sorted() }

    /// The index of the plan whose calling code an international number begins with.
    func index(of digits: DialledDigits) -> Int? {
        digits.count > 3 ? index(ofLead: digits.leading(3)) : nil
    }

    /// The index of the plan whose calling code is exactly `digits`.
    func index(ofCallingCode digits: DialledDigits) -> Int? {
        guard 1...3 ~= digits.count else { return nil }
        // No code begins with another, so that zeros behind a code lead to its plan.
        let lead =
            digits.leading(digits.count) &<< UInt64(truncatingIfNeeded: (3 &- digits.count) &* 4)
        guard let index = index(ofLead: lead), plans[index].callingCode == digits else {
            return nil
        }
        return index
    }

    private func index(ofLead lead: UInt64) -> Int? {
        let tens = (lead &>> 8 & 0xF) &* 10 &+ (lead &>> 4 & 0xF)
        let value = Int(truncatingIfNeeded: tens &* 10 &+ (lead & 0xF))
        guard value < planByLead.count, planByLead[value] != Self.none else { return nil }
        return Int(planByLead[value])
    }

    /// Whether some plan has the number that `digits`, country code first, spell.
    func isKnown(_ digits: DialledDigits) -> Bool {
        guard let index = index(of: digits) else { return false }
        return plans[index].isNational(digits.dropping(plans[index].callingCode.count))
    }

    /// `digits` without the national prefix behind the country code, as in `+44 (0)20 7946 0000`.
    ///
    /// Nil when the plan has no such prefix, or the number is one with it, as `+39 (0)6` is in Italy.
    func strippingNationalPrefix(_ digits: DialledDigits) -> DialledDigits? {
        guard let index = index(of: digits), !isKnown(digits) else { return nil }
        let code = plans[index].callingCode
        guard let rest = plans[index].strippingNationalPrefix(digits.dropping(code.count)) else {
            return nil
        }
        return code.followed(by: rest)
    }
}
