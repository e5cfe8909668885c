/// A date and time of day in the Gregorian calendar, UTC, by arithmetic alone.
///
/// Days are counted in eras of 400 years, in which the calendar repeats; years −32,768…32,767.
package struct CivilDate: Hashable, Sendable {
    package var year: Int
    /// 1…12.
    package var month: Int
    /// 1…31.
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int
    package var microsecond: Int

    package init(_ time: WallTime) {
        let seconds = time.seconds
        microsecond = Int(time.microseconds &- seconds &* 1_000_000)
        var days = seconds / 86_400
        var rest = Int(seconds % 86_400)
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
        // Count from 1 March of year 0, so that a leap day is the last day of its year.
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// 0 is Sunday.
    package var weekday: Int {
        let days = Self.days(year: year, month: month, day: day)
        return ((days + 4) % 7 + 7) % 7
    }

    /// Days from 1970-01-01 to the given date.
    package static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension ByteBuffer {
    /// RFC 3339 in UTC: `2026-11-21T07:05:09.123456Z` with `fraction` digits (0, 3 or 6).
    package mutating func appendTimestamp(_ time: WallTime, fraction: Int = 3) {
        let date = CivilDate(time)
        appendDecimal(date.year, digits: 4)
        append(0x2D)
        appendDecimal(date.month, digits: 2)
        append(0x2D)
        appendDecimal(date.day, digits: 2)
        append(0x54)
        appendTimeOfDay(date)
        if fraction > 0 {
            append(0x2E)
            appendDecimal(
                fraction == 3 ? date.microsecond / 1_000 : date.microsecond,
                digits: fraction == 3 ? 3 : 6
            )
        }
        append(0x5A)
    }

    /// The form of `Date` headers in HTTP and SIP (RFC 9110 §5.6.7): `Sat, 21 Nov 2026 07:05:09 GMT`.
    package mutating func appendHTTPDate(_ time: WallTime) {
        let date = CivilDate(time)
        appendName(date.weekday, of: "SunMonTueWedThuFriSat")
        append(", ")
        appendDecimal(date.day, digits: 2)
        append(ASCII.space)
        appendName(date.month - 1, of: "JanFebMarAprMayJunJulAugSepOctNovDec")
        append(ASCII.space)
        appendDecimal(date.year, digits: 4)
        append(ASCII.space)
        appendTimeOfDay(date)
        append(" GMT")
    }

    private mutating func appendTimeOfDay(_ date: CivilDate) {
        appendDecimal(date.hour, digits: 2)
        append(ASCII.colon)
        appendDecimal(date.minute, digits: 2)
        append(ASCII.colon)
        appendDecimal(date.second, digits: 2)
    }

    private mutating func appendName(_ index: Int, of names: StaticString) {
        names.withUTF8Buffer { room in
            append(unsafe room.span.extracting((index * 3)..<(index * 3 + 3)))
        }
    }
}
