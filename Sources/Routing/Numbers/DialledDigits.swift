import Primitives

/// The digits of a dialled text, separators gone: at most 31, packed four bits each.
///
/// Binary-coded decimals keep leading zeros, and cutting a prefix off is a shift, not a division.
struct DialledDigits: Equatable, Sendable, BitwiseCopyable {
    /// The first digit stands highest.
    private(set) var packed: UInt128
    private(set) var count: Int

    init() {
        packed = 0
        count = 0
    }

    init(packed: UInt128, count: Int) {
        self.packed = packed
        self.count = count
    }

    init(_ number: PhoneNumber) {
        self.init()
        var rest = number.digits
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            packed |= UInt128(truncatingIfNeeded: digit) &<< UInt128(truncatingIfNeeded: count &* 4)
            count &+= 1
            rest = quotient
        }
    }

    static let countMax = 31

    /// Adds one digit at the end, 0…9; false when there is no room.
    mutating func append(_ digit: UInt8) -> Bool {
        guard count < Self.countMax else { return false }
        packed = packed &<< 4 | UInt128(truncatingIfNeeded: digit)
        count &+= 1
        return true
    }

    /// The first digit, or nil when there is none.
    var first: Int? {
        count > 0 ? Int(truncatingIfNeeded: leading(1)) : nil
    }

    /// The first `length` digits, packed; the caller has made sure that there are as many.
    func leading(_ length: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: packed &>> UInt128(truncatingIfNeeded: (count &- length) &* 4))
    }

    func dropping(_ length: Int) -> DialledDigits {
        var rest = self
        rest.count = max(count &- length, 0)
        rest.packed &= (1 &<< UInt128(truncatingIfNeeded: rest.count &* 4)) &- 1
        return rest
    }

    /// These digits with `other` behind them, or nil when they are more than fit.
    func followed(by other: DialledDigits) -> DialledDigits? {
        guard count &+ other.count <= Self.countMax else { return nil }
        var joined = self
        joined.count = count &+ other.count
        joined.packed =
            packed &<< UInt128(truncatingIfNeeded: other.count &* 4) | other.packed
        return joined
    }

    /// The digits as an E.164 number; nil when they begin with 0 or are not 2 to 15.
    var number: PhoneNumber? {
        guard count >= 2, count <= 15, leading(1) != 0 else { return nil }
        // Pairs of digits, then pairs of pairs: four steps instead of one for each digit.
        var value = UInt64(truncatingIfNeeded: packed)
        value = value & 0x0F0F_0F0F_0F0F_0F0F &+ (value &>> 4 & 0x0F0F_0F0F_0F0F_0F0F) &* 10
        value = value & 0x00FF_00FF_00FF_00FF &+ (value &>> 8 & 0x00FF_00FF_00FF_00FF) &* 100
        value = value & 0x0000_FFFF_0000_FFFF &+ (value &>> 16 & 0x0000_FFFF_0000_FFFF) &* 10_000
        value = value & 0xFFFF_FFFF &+ (value &>> 32) &* 100_000_000
        return PhoneNumber(digits: value)
    }
}

/// What a dialled text is made of: digits, perhaps after a `+`; or something else.
struct DialledText {
    let digits: DialledDigits
    private(set) var hasPlus = false
    /// Whether one or two digits stand in brackets behind others, as in `+44 (0)20`.
    private(set) var hasBracketedPrefix = false

    /// Nil when the text holds anything but digits, one leading `+` and visual separators.
    ///
    /// RFC 3966 §5.1.1 has `-`, `.`, `(` and `)`; carriers also send spaces and no-break spaces,
    /// as U+00A0 in UTF-8 (C2 A0) or in Latin-1 (A0). All else is refused, so that no text that a
    /// script or a query could read gets through as a number.
    init?(_ text: Span<UInt8>) {
        var packed: UInt128 = 0
        var count = 0
        var opened = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            index &+= 1
            if byte &- 0x30 < 10 {
                packed = packed &<< 4 | UInt128(truncatingIfNeeded: byte &- 0x30)
                count &+= 1
                continue
            }
            switch byte {
            case 0x2D, 0x2E, 0x20, 0xA0:
                continue
            case 0x28:
                opened = count
            case 0x29:
                if opened > 0, 1...2 ~= count &- opened { hasBracketedPrefix = true }
            case 0xC2:
                guard index < text.count, text[index] == 0xA0 else { return nil }
                index &+= 1
            case 0x2B:
                guard count == 0, !hasPlus else { return nil }
                hasPlus = true
            default:
                return nil
            }
        }
        guard count > 0, count <= DialledDigits.countMax else { return nil }
        digits = DialledDigits(packed: packed, count: count)
    }
}
