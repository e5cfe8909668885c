import Primitives

/// A configured number that somebody may have meant who dialled one that is not, and why it missed.
///
/// For explanations only: it reads the text in every way there is, and allocates.
package struct NearMiss: Hashable, Sendable {
    package let configured: PhoneNumber
    package let difference: Difference

    package enum Difference: Hashable, Sendable {
        /// The trunk has no default country; with this one (ISO alpha-2) the text is the number.
        case noDefaultCountry(suggested: String)
        /// The trunk's default country is not the one that the text is spelled for.
        case otherCountry(suggested: String)
        /// The number was dialled with a national prefix that E.164 does not have.
        case nationalPrefixTooMuch
        /// The number that was configured has a national prefix that the dialled one lacks.
        case nationalPrefixMissing
        case digitMissing
        case digitTooMuch
        case neighboursSwapped
    }

    /// One sentence for people: what is configured, what was dialled, and what differs.
    package func sentence(dialled: String) -> String {
        let start = "\(configured.e164) is configured; this call said \(dialled)"
        return switch difference {
        case .noDefaultCountry(let country):
            "\(start) and the trunk has no default country (\(country) would fit)"
        case .otherCountry(let country):
            "\(start), which is that number in \(country) but not in the trunk's default country"
        case .nationalPrefixTooMuch: "\(start), which has a national prefix too much"
        case .nationalPrefixMissing: "\(start), which lacks the national prefix"
        case .digitMissing: "\(start), which has one digit too few"
        case .digitTooMuch: "\(start), which has one digit too many"
        case .neighboursSwapped: "\(start), in which two neighbouring digits are swapped"
        }
    }
}

extension DirectorySnapshot {
    /// Configured numbers of some organizations that `dialled` nearly is, the likeliest first.
    ///
    /// `dialled` is the text as received, `trunk` the one that the call came by. Numbers of other
    /// organizations are never shown. At most `limit` of them; some thousand lookups, however many
    /// organizations there are.
    package func nearMisses(
        dialled: Span<UInt8>,
        trunk: TrunkEntry?,
        organizations: Set<UInt32>,
        limit: Int = 3
    ) -> [NearMiss] {
        var found = NearMissSearch(snapshot: self, organizations: organizations, limit: limit)
        guard let text = DialledText(dialled) else { return [] }
        let plan = trunk?.numberPlan ?? .international
        let digits = NearMissSearch.international(text, read: plan.read(dialled))
        if let digits { found.tryPrefixes(digits) }
        found.tryCountries(dialled, read: plan.read(dialled), default: trunk?.defaultCountry)
        if let digits { found.tryEdits(digits) }
        return found.misses
    }
}

/// The candidates that are looked up for one dialled text.
private struct NearMissSearch {
    let snapshot: DirectorySnapshot
    let organizations: Set<UInt32>
    let limit: Int
    var misses: [NearMiss] = []

    init(snapshot: DirectorySnapshot, organizations: Set<UInt32>, limit: Int) {
        self.snapshot = snapshot
        self.organizations = organizations
        self.limit = limit
    }

    /// The digits, country code first, as far as the reading found one.
    static func international(_ text: DialledText, read: DialledNumber) -> DialledDigits? {
        if case .number(let number) = read { return DialledDigits(number) }
        return text.hasPlus ? text.digits : nil
    }

    mutating func tryCountries(
        _ dialled: Span<UInt8>,
        read: DialledNumber,
        default country: String?
    ) {
        for (suggested, plan) in CompiledNumberPlan.each {
            let other = plan.read(dialled)
            guard other != read, case .number(let number) = other else { continue }
            add(
                number,
                country == nil
                    ? .noDefaultCountry(suggested: suggested) : .otherCountry(suggested: suggested)
            )
        }
    }

    /// The number with its country's national prefix after the country code, and without it.
    mutating func tryPrefixes(_ digits: DialledDigits) {
        let world = NumberPlans.world
        guard let index = world.index(of: digits) else { return }
        let plan = world.plans[index]
        let rest = digits.dropping(plan.callingCode.count)
        for prefix in plan.national where prefix.lower == prefix.upper {
            if let short = prefix.stripped(from: rest) {
                add(plan.callingCode.followed(by: short), .nationalPrefixTooMuch)
            }
            add(
                plan.callingCode.followed(by: prefix.digits)?.followed(by: rest),
                .nationalPrefixMissing
            )
        }
    }

    mutating func tryEdits(_ digits: DialledDigits) {
        for position in 0..<digits.count {
            add(digits.removing(at: position), .digitTooMuch)
            add(digits.swapping(at: position), .neighboursSwapped)
        }
        for position in 0...digits.count {
            for digit in 0..<UInt8(10) {
                add(digits.inserting(digit, at: position), .digitMissing)
            }
        }
    }

    private mutating func add(_ digits: DialledDigits?, _ difference: NearMiss.Difference) {
        if let number = digits?.number { add(number, difference) }
    }

    private mutating func add(_ number: PhoneNumber, _ difference: NearMiss.Difference) {
        guard misses.count < limit, !misses.contains(where: { $0.configured == number }),
            let entry = snapshot.entry(number), organizations.contains(entry.organization)
        else { return }
        misses.append(NearMiss(configured: number, difference: difference))
    }
}

extension DialPrefix {
    /// The prefix itself, when it is one and not a range.
    fileprivate var digits: DialledDigits {
        DialledDigits(packed: UInt128(lower), count: length)
    }
}

extension DialledDigits {
    fileprivate func removing(at position: Int) -> DialledDigits? {
        let tail = dropping(position + 1)
        return prefix(position).followed(by: tail)
    }

    /// The digit at `position` changes places with the next; nil when that changes nothing.
    fileprivate func swapping(at position: Int) -> DialledDigits? {
        guard position + 1 < count else { return nil }
        let tail = dropping(position)
        var middle = DialledDigits()
        let first = UInt8(truncatingIfNeeded: tail.leading(1))
        let second = UInt8(truncatingIfNeeded: tail.dropping(1).leading(1))
        guard first != second, middle.append(second), middle.append(first) else { return nil }
        return prefix(position).followed(by: middle)?.followed(by: tail.dropping(2))
    }

    fileprivate func inserting(_ digit: UInt8, at position: Int) -> DialledDigits? {
        var head = prefix(position)
        guard head.append(digit) else { return nil }
        return head.followed(by: dropping(position))
    }

    private func prefix(_ length: Int) -> DialledDigits {
        DialledDigits(
            packed: packed &>> UInt128(truncatingIfNeeded: (count &- length) &* 4),
            count: length
        )
    }
}
