import JSONata
import Primitives

/// Opening hours by the clock on the wall: windows for each weekday, and dates that replace theirs.
struct WeeklySchedule: Sendable {
    /// From Sunday to Saturday.
    var weekly: [[Window]] = Array(repeating: [], count: 7)
    /// By days since 1970; an empty list is a day off.
    var dates: [Int: [Window]] = [:]

    /// A span of minutes after midnight.
    ///
    /// One that passes midnight ends above 1,440 and belongs whole to
    /// the day on which it begins.
    struct Window: Hashable, Sendable {
        /// 0…1,439.
        var start: Int
        /// The first minute that is not in it: `start` + 1…`start` + 1,439, or 1,440.
        var end: Int

        /// Reads `HH:MM-HH:MM`; an end at or before the start is on the next day; `24:00` ends the
        /// day.
        init?(_ text: String) {
            let bytes = Array(text.utf8)
            guard bytes.count == 11, bytes[5] == 0x2D, let start = Self.minute(bytes[0..<5]),
                let end = Self.minute(bytes[6..<11]), start < 1_440, start != end
            else { return nil }
            self.start = start
            self.end = end > start ? end : end + 1_440
        }

        private static func minute(_ bytes: ArraySlice<UInt8>) -> Int? {
            let text = Array(bytes)
            guard text[2] == ASCII.colon, let hour = text.span.extracting(0..<2).decimal(limit: 24),
                let minute = text.span.extracting(3..<5).decimal(limit: 59),
                hour < 24 || minute == 0
            else { return nil }
            return hour * 60 + minute
        }
    }

    func isOpen(at time: LocalTime) -> Bool {
        let minute = time.secondOfDay / 60
        return windows(onDay: time.day).contains { $0.start <= minute && minute < $0.end }
            || windows(onDay: time.day - 1).contains { minute + 1_440 < $0.end }
    }

    private func windows(onDay day: Int) -> [Window] {
        dates[day] ?? weekly[LocalTime.weekday(ofDay: day)]
    }

    static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// Days since 1970 of `2026-12-25`; nil when the calendar has no such day.
    static func day(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D,
            let year = bytes.span.extracting(0..<4).decimal(), 1970...9999 ~= year,
            let month = bytes.span.extracting(5..<7).decimal(), 1...12 ~= month,
            let day = bytes.span.extracting(8..<10).decimal(),
            1...CivilDate.daysOfMonth(month, year: year) ~= day
        else { return nil }
        return CivilDate.days(year: year, month: month, day: day)
    }
}
