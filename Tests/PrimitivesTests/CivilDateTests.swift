import Primitives
import Testing

@Suite("Civil dates")
struct CivilDateTests {
    @Test("every day from 1970 to 2100 is the one that counting days gives")
    func everyDay() {
        var naive = (year: 1970, month: 1, day: 1)
        // 1970-01-01 was a Thursday.
        var weekday = 4
        var dayNumber = 0
        while naive.year <= 2100 {
            let date = CivilDate(WallTime(seconds: Int64(dayNumber) * 86_400 + 86_399))
            let isRight =
                date.year == naive.year && date.month == naive.month && date.day == naive.day
                && date.weekday == weekday && date.hour == 23 && date.minute == 59
                && date.second == 59
                && CivilDate.days(year: naive.year, month: naive.month, day: naive.day)
                    == dayNumber
            if !isRight { Issue.record("\(naive): \(date)") }
            naive = dayAfter(naive)
            weekday = (weekday + 1) % 7
            dayNumber += 1
        }
        #expect(dayNumber == 47_847)
    }

    /// The calendar as children learn it.
    private func dayAfter(
        _ date: (year: Int, month: Int, day: Int)
    ) -> (year: Int, month: Int, day: Int) {
        let isLeap =
            date.year.isMultiple(of: 4)
            && (!date.year.isMultiple(of: 100) || date.year.isMultiple(of: 400))
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if date.day < lengths[date.month - 1] { return (date.year, date.month, date.day + 1) }
        return date.month < 12 ? (date.year, date.month + 1, 1) : (date.year + 1, 1, 1)
    }

    @Test(
        "a year has a 29 February when it is a leap year",
        arguments: zip([1900, 1996, 2000, 2023, 2024, 2100, 2400], [28, 29, 29, 28, 29, 28, 29])
    )
    func leapYears(year: Int, length: Int) {
        #expect(CivilDate.daysOfMonth(2, year: year) == length)
    }

    @Test("times before 1970 count backwards")
    func negativeTimes() {
        let last = CivilDate(WallTime(microseconds: -1))
        #expect((last.year, last.month, last.day) == (1969, 12, 31))
        #expect((last.hour, last.minute, last.second, last.microsecond) == (23, 59, 59, 999_999))
        #expect(last.weekday == 3)
        let leapDay = CivilDate(WallTime(seconds: -2_203_891_200 - 86_400))
        #expect((leapDay.year, leapDay.month, leapDay.day) == (1900, 2, 28))
        #expect(WallTime(microseconds: -1).seconds == -1)
    }

    @Test("timestamps have as many digits of a fraction as were asked for")
    func timestamps() {
        let time = WallTime(microseconds: 1_795_244_709_012_345)
        var buffer = ByteBuffer()
        for fraction in [0, 3, 6] {
            buffer.appendTimestamp(time, fraction: fraction)
            buffer.append(" ")
        }
        #expect(
            buffer.text
                == "2026-11-21T07:05:09Z 2026-11-21T07:05:09.012Z 2026-11-21T07:05:09.012345Z "
        )
    }

    @Test("the Date header has the form of RFC 9110 §5.6.7")
    func httpDate() {
        var buffer = ByteBuffer()
        // The example of the RFC.
        buffer.appendHTTPDate(WallTime(seconds: 784_111_777))
        #expect(buffer.text == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test(
        "RFC 3339 times are read with their offset",
        arguments: zip(
            [
                "1970-01-01T00:00:00Z", "2026-11-21T07:05:09.5Z", "2026-11-21T08:05:09+01:00",
                "1990-12-31T23:59:60Z", "2026-11-21t07:05:09z", "2024-02-29T00:00:00Z",
            ],
            [
                0, 1_795_244_709_500_000, 1_795_244_709_000_000, 662_688_000_000_000,
                1_795_244_709_000_000, 1_709_164_800_000_000,
            ] as [Int64]
        )
    )
    func readsTimes(text: String, microseconds: Int64) {
        #expect(WallTime(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        "what is no RFC 3339 time is refused",
        arguments: [
            "", "2026-11-21", "2026-11-21T07:05:09", "2026-13-21T07:05:09Z", "2025-02-29T00:00:00Z",
            "2026-11-21T24:00:00Z", "2026-11-21T07:60:09Z", "2026-11-21T07:05:61Z",
            "2026-11-21T07:05:09.Z", "2026-11-21T07:05:09+1:00", "2026-11-21T07:05:09+24:00",
            "1969-12-31T23:59:59Z", "2026-11-21T07:05:09Zz", "２026-11-21T07:05:09Z",
        ]
    )
    func refusesTimes(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }
}
