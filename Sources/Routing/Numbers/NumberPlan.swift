/// How the numbers of one calling code are spelled: prefixes before them and lengths of them.
struct NumberPlan: Sendable {
    let callingCode: DialledDigits
    /// What is dialled before a foreign number; the longest first.
    let international: [DialPrefix]
    /// What is dialled before a national number; tried in this order.
    let national: [DialPrefix]
    /// For each first digit, bit n is set when a national number of n digits may begin with it.
    let lengths: InlineArray<10, UInt16>
    /// The digits of the shortest national number.
    let shortest: Int

    /// Whether `digits` look like a national number of this plan, without any prefix.
    func isNational(_ digits: DialledDigits) -> Bool {
        guard digits.count <= 15, let first = digits.first, first < 10 else { return false }
        return lengths[first] &>> UInt16(truncatingIfNeeded: digits.count) & 1 == 1
    }

    /// `digits` without this plan's national prefix, when that leaves a national number.
    func strippingNationalPrefix(_ digits: DialledDigits) -> DialledDigits? {
        var index = 0
        while index < national.count {
            if let rest = national[index].stripped(from: digits), isNational(rest) { return rest }
            index &+= 1
        }
        return nil
    }

    /// `digits` without the calling code, when that leaves a national number.
    func strippingCallingCode(_ digits: DialledDigits) -> DialledDigits? {
        guard begins(digits) else { return nil }
        let rest = digits.dropping(callingCode.count)
        return isNational(rest) ? rest : nil
    }

    func begins(_ digits: DialledDigits) -> Bool {
        digits.count > callingCode.count
            && digits.leading(callingCode.count) == callingCode.leading(callingCode.count)
    }
}

/// A range of prefixes of one length: `00`, or `012-019`.
struct DialPrefix: Sendable, BitwiseCopyable {
    var length: Int
    /// Both ends belong to the range; packed like `DialledDigits`.
    var lower: UInt64
    var upper: UInt64

    /// What follows the prefix, or nil when `digits` do not begin with it or end with it.
    func stripped(from digits: DialledDigits) -> DialledDigits? {
        guard digits.count > length else { return nil }
        let lead = digits.leading(length)
        return lead >= lower && lead <= upper ? digits.dropping(length) : nil
    }
}

extension NumberPlan {
    /// Reads a row of the table of all plans.
    init(_ row: NumberPlanRow) {
        var code = DialledDigits()
        for digit in String(row.callingCode).utf8 { _ = code.append(digit &- 0x30) }
        callingCode = code
        international = DialPrefix.list(row.international).sorted { $0.length > $1.length }
        national = DialPrefix.list(row.national)
        var lengths = InlineArray<10, UInt16>(repeating: 0)
        var shortest = 15
        for group in row.lengths.description.split(separator: " ") {
            let halves = group.split(separator: ":")
            guard halves.count == 2 else { continue }
            for digit in Self.ranges(halves[0]).joined() where digit < 10 {
                for length in Self.ranges(halves[1]).joined() where length < 16 {
                    lengths[digit] |= 1 << UInt16(length)
                    shortest = min(shortest, length)
                }
            }
        }
        self.lengths = lengths
        self.shortest = shortest
    }

    /// `2-4,7` as 2…4 and 7…7.
    private static func ranges(_ text: Substring) -> [ClosedRange<Int>] {
        text.split(separator: ",").compactMap { part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let lower = ends.first, let upper = ends.last, lower <= upper else { return nil }
            return lower...upper
        }
    }
}

extension DialPrefix {
    /// `00,990-991` as two ranges.
    fileprivate static func list(_ text: StaticString) -> [DialPrefix] {
        text.description.split(separator: ",").compactMap { part in
            let ends = part.split(separator: "-")
            guard let first = ends.first, let last = ends.last,
                let lower = UInt64(first, radix: 16), let upper = UInt64(last, radix: 16)
            else { return nil }
            return DialPrefix(length: first.utf8.count, lower: lower, upper: upper)
        }
    }
}
