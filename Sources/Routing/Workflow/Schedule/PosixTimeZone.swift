import Primitives

/// The rule by which a zone goes on after its table: `EST5EDT,M3.2.0,M11.1.0`.
///
/// POSIX.1-2017 §8.3 (`TZ`), with the hours −167…167 of RFC 8536 §3.3.1.
struct PosixTimeZone: Sendable {
    /// Seconds east of UTC.
    private var standardOffset = 0
    /// Nil: there is no daylight-saving time.
    private var daylight: Daylight?

    private struct Daylight: Sendable {
        var offset: Int
        var start: Change
        var end: Change
    }

    /// When the clock changes, by the local time that holds before.
    private struct Change: Sendable {
        var day: Day
        /// Seconds after midnight of that day; may be negative or more than a day.
        var time: Int

        enum Day: Sendable {
            /// Day 1…365 of a year whose February has 28 days.
            case julian(Int)
            /// Day 0…365 of the year.
            case ordinal(Int)
            /// The weekday (0 is Sunday) of week 1…5 of a month; 5 is the last.
            case weekday(month: Int, week: Int, weekday: Int)
        }
    }

    /// Nil when the text is not such a rule.
    init?(parsing text: Span<UInt8>) {
        var reader = Reader(text)
        guard reader.skipName(), let west = reader.time(hours: 0...24) else { return nil }
        standardOffset = -west
        guard !reader.isAtEnd else { return }
        guard reader.skipName() else { return nil }
        var offset = standardOffset + 3_600
        if !reader.isAtEnd, reader.peek != ASCII.comma {
            guard let west = reader.time(hours: 0...24) else { return nil }
            offset = -west
        }
        guard reader.take(ASCII.comma), let start = Self.change(&reader),
            reader.take(ASCII.comma), let end = Self.change(&reader), reader.isAtEnd
        else { return nil }
        daylight = Daylight(offset: offset, start: start, end: end)
    }

    /// Seconds east of UTC at an instant, in seconds since 1970.
    func offset(at seconds: Int64) -> Int {
        guard let daylight else { return standardOffset }
        let local = LocalTime(seconds: seconds, offset: standardOffset)
        let year = CivilDate(WallTime(seconds: Int64(local.day) * 86_400)).year
        let start = Self.instant(of: daylight.start, year: year) - standardOffset
        let end = Self.instant(of: daylight.end, year: year) - daylight.offset
        let now = Int(seconds)
        // South of the equator the year begins and ends with daylight-saving time.
        let isDaylight =
            start < end ? start <= now && now < end : !(end <= now && now < start)
        return isDaylight ? daylight.offset : standardOffset
    }

    /// Seconds since 1970 as if the local time were UTC.
    private static func instant(of change: Change, year: Int) -> Int {
        let firstDay = CivilDate.days(year: year, month: 1, day: 1)
        let day: Int
        switch change.day {
        case .julian(let number):
            let isLeap = CivilDate.daysOfMonth(2, year: year) == 29
            day = firstDay + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .ordinal(let number): day = firstDay + number
        case .weekday(let month, let week, let weekday):
            let first = CivilDate.days(year: year, month: month, day: 1)
            let ahead = (weekday - LocalTime.weekday(ofDay: first) + 7) % 7
            var date = 1 + ahead + (week - 1) * 7
            if date > CivilDate.daysOfMonth(month, year: year) { date -= 7 }
            day = first + date - 1
        }
        return day * 86_400 + change.time
    }

    private static func change(_ reader: inout Reader) -> Change? {
        let day: Change.Day
        if reader.take(0x4D) {
            guard let month = reader.number(1...12), reader.take(0x2E),
                let week = reader.number(1...5), reader.take(0x2E),
                let weekday = reader.number(0...6)
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else if reader.take(0x4A) {
            guard let number = reader.number(1...365) else { return nil }
            day = .julian(number)
        } else {
            guard let number = reader.number(0...365) else { return nil }
            day = .ordinal(number)
        }
        var time = 7_200
        if reader.take(0x2F) {
            guard let given = reader.time(hours: 0...167) else { return nil }
            time = given
        }
        return Change(day: day, time: time)
    }
}

/// Reads the parts of a rule, octet by octet.
private struct Reader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ text: Span<UInt8>) {
        bytes = text.count <= 128 ? text.array : []
    }

    var isAtEnd: Bool { offset >= bytes.count }
    var peek: UInt8 { isAtEnd ? 0 : bytes[offset] }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte, !isAtEnd else { return false }
        offset += 1
        return true
    }

    /// A name of three letters or more, or anything in angle brackets.
    mutating func skipName() -> Bool {
        let start = offset
        if take(ASCII.less) {
            while !isAtEnd, peek != ASCII.greater { offset += 1 }
            return take(ASCII.greater)
        }
        while ASCII.isLetter(peek) { offset += 1 }
        return offset - start >= 3
    }

    /// One to three digits.
    mutating func number(_ allowed: ClosedRange<Int>) -> Int? {
        var value = 0
        let start = offset
        while ASCII.isDigit(peek), offset - start < 3 {
            value = value * 10 + Int(peek &- 0x30)
            offset += 1
        }
        return offset > start && allowed.contains(value) ? value : nil
    }

    /// `[+|-]hh[:mm[:ss]]` in seconds.
    mutating func time(hours allowed: ClosedRange<Int>) -> Int? {
        let isNegative = take(0x2D)
        if !isNegative { _ = take(0x2B) }
        guard let hours = number(allowed) else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] where take(ASCII.colon) {
            guard let part = number(0...59) else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }
}
