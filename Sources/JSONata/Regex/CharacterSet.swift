/// The code units of a class such as `[a-z\d]`.
struct CharacterSet: Sendable {
    /// In ascending order and apart from each other, once `sort` has run.
    var ranges: [ClosedRange<UInt16>] = []
    var isNegated = false

    func contains(_ unit: CasedUnit) -> Bool {
        var isMember = has(unit.unit)
        if !isMember, unit.ignoresCase {
            isMember = has(unit.folded) || unit.lowered.map(has) ?? false
        }
        return isMember != isNegated
    }

    private func has(_ unit: UInt16) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < unit { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= unit
    }

    mutating func insert(_ unit: UInt16) {
        ranges.append(unit...unit)
    }

    mutating func insert(_ other: CharacterSet) {
        ranges.append(contentsOf: other.isNegated ? other.complement : other.ranges)
    }

    /// Puts the ranges in order and joins those that overlap, so that a class is searched in a few steps
    /// however many members it has.
    mutating func sort() {
        var joined: [ClosedRange<UInt16>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = joined.last, range.lowerBound <= last.upperBound else {
                joined.append(range)
                continue
            }
            let upper = max(last.upperBound, range.upperBound)
            joined[joined.count - 1] = last.lowerBound...upper
        }
        ranges = joined
    }

    private var complement: [ClosedRange<UInt16>] {
        var result: [ClosedRange<UInt16>] = []
        var next: UInt32 = 0
        for range in ranges {
            if UInt32(range.lowerBound) > next {
                result.append(UInt16(next)...(range.lowerBound - 1))
            }
            next = max(next, UInt32(range.upperBound) + 1)
        }
        if next <= 0xFFFF { result.append(UInt16(next)...0xFFFF) }
        return result
    }

    static let digits = CharacterSet(ranges: [0x30...0x39])
    static let words = CharacterSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// ECMA-262 §22.2.2.9: WhiteSpace and LineTerminator.
    static let spaces = CharacterSet(ranges: [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
        0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])

    var negated: CharacterSet {
        CharacterSet(ranges: ranges, isNegated: !isNegated)
    }

    /// ECMA-262 §22.2.2.7.3, Canonicalize: the upper-case form, where that is a single code unit.
    static func folded(_ unit: UInt16) -> UInt16 {
        if unit < 0x80 { return unit &- 0x61 < 26 ? unit & ~0x20 : unit }
        guard let scalar = Unicode.Scalar(unit) else { return unit }
        let mapped = Array(scalar.properties.uppercaseMapping.utf16)
        guard mapped.count == 1, mapped[0] >= 0x80 else { return unit }
        return mapped[0]
    }

    fileprivate static func lowered(_ unit: UInt16) -> UInt16? {
        if unit < 0x80 { return unit &- 0x41 < 26 ? unit | 0x20 : nil }
        guard let scalar = Unicode.Scalar(unit) else { return nil }
        let mapped = Array(scalar.properties.lowercaseMapping.utf16)
        return mapped.count == 1 ? mapped[0] : nil
    }
}

/// A code unit of a text, and what it is with its case changed where that does not count: worked out once
/// for all states that look at it.
struct CasedUnit {
    let unit: UInt16
    let folded: UInt16
    let lowered: UInt16?
    let ignoresCase: Bool

    init(_ unit: UInt16, ignoringCase: Bool) {
        self.unit = unit
        ignoresCase = ignoringCase
        folded = ignoringCase ? CharacterSet.folded(unit) : unit
        lowered = ignoringCase ? CharacterSet.lowered(unit) : nil
    }
}
