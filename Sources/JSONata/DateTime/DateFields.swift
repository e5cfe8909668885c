import Primitives

/// A point in time as the components of a date picture see it.
struct DateFields {
    private let date: CivilDate
    private let millisecond: Int

    /// - Parameter milliseconds: since 1970, within `range`; a time zone is already added.
    init(milliseconds: Int) {
        date = CivilDate(WallTime(microseconds: Int64(milliseconds) &* 1_000))
        millisecond = date.microsecond / 1_000
    }

    /// ECMA-262 §21.4.1.1: 100 million days around 1970.
    static let range = -8.64e15...8.64e15

    /// The value of a component that is a number; nil for all others.
    func value(_ letter: Character) -> Int? {
        switch letter {
        case "Y": date.year
        case "M": date.month
        case "D": date.day
        case "d": today - CivilDate.days(year: date.year, month: 1, day: 1) + 1
        case "F": date.weekday == 0 ? 7 : date.weekday
        case "W":
            week(
                from: Self.firstWeek(date.year, 1),
                Self.firstWeek(date.year - 1, 1),
                Self.firstWeek(date.year + 1, 1)
            )
        case "w":
            week(
                from: Self.firstWeek(date.year, date.month),
                Self.firstWeek(date.year, date.month - 1),
                Self.firstWeek(date.year, date.month + 1)
            )
        case "X": weekYear
        case "x": weekMonth
        case "H": date.hour
        case "h": date.hour % 12 == 0 ? 12 : date.hour % 12
        case "m": date.minute
        case "s": date.second
        case "f": millisecond
        case "P": date.hour >= 12 ? 1 : 0
        default: nil
        }
    }

    private var today: Int {
        CivilDate.days(year: date.year, month: date.month, day: date.day)
    }

    /// The day, counted from 1970, on which the first week of a year or month starts.
    ///
    /// ISO 8601: the first week is the one with the first Thursday, and weeks start on Monday. F&O
    /// numbers the weeks of a month likewise.
    private static func firstWeek(_ year: Int, _ month: Int) -> Int {
        let year = year + (month > 12 ? 1 : month < 1 ? -1 : 0)
        let first = CivilDate.days(
            year: year,
            month: month > 12 ? 1 : month < 1 ? 12 : month,
            day: 1
        )
        // 1970-01-01 was a Thursday; Monday is 0.
        let weekday = ((first + 3) % 7 + 7) % 7
        return weekday > 3 ? first + 7 - weekday : first - weekday
    }

    private func week(from start: Int, _ previous: Int, _ following: Int) -> Int {
        if today >= following { return 1 }
        return (today - (today < start ? previous : start)) / 7 + 1
    }

    /// The year that the week belongs to.
    private var weekYear: Int {
        if today < Self.firstWeek(date.year, 1) { return date.year - 1 }
        return today >= Self.firstWeek(date.year + 1, 1) ? date.year + 1 : date.year
    }

    /// The month that the week belongs to.
    private var weekMonth: Int {
        if today < Self.firstWeek(date.year, date.month) {
            return date.month == 1 ? 12 : date.month - 1
        }
        guard today >= Self.firstWeek(date.year, date.month + 1) else { return date.month }
        return date.month == 12 ? 1 : date.month + 1
    }

    static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    /// Monday first.
    static let dayNames = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
}
