import Gateway
import Primitives
import Testing

@Suite("Points in time as people type them")
struct PointInTimeTests {
    private let now = WallTime(seconds: 1_795_244_709)

    @Test(
        "a date, a time, or how long ago",
        arguments: zip(
            ["2026-11-21T07:05:09Z", "2026-11-21", "0s", "15m", "2h", "1d", "2024-02-29"],
            [
                1_795_244_709, 1_795_219_200, 1_795_244_709, 1_795_243_809, 1_795_237_509,
                1_795_158_309, 1_709_164_800,
            ] as [Int64]
        )
    )
    func reads(text: String, seconds: Int64) throws {
        #expect(try PointInTime.parse(text, now: now).seconds == seconds)
    }

    @Test("a time to come is a date, a time, or how far from now")
    func readsAhead() throws {
        #expect(try PointInTime.ahead("90d", now: now).seconds == now.seconds + 90 * 86_400)
        #expect(try PointInTime.ahead("1s", now: now).seconds == now.seconds + 1)
        #expect(try PointInTime.ahead("2026-11-22", now: now).seconds == 1_795_305_600)
        for text in ["", "0s", "2026-11-21", "2026-11-21T07:05:09Z", "tomorrow", "9999999d"] {
            #expect(throws: UsageError.self) { try PointInTime.ahead(text, now: now) }
        }
    }

    @Test(
        "what is no point in time is refused with what to write",
        arguments: [
            "", "yesterday", "5", "-5m", "1w", "m", "2026", "2026-11", "2026-13-01", "2026-11-32",
            "2026-02-30", "2026-11-21T24:00:00Z", "2026-11-21T07:60:00Z", "2026-11-21T07:05:09",
            "99999999999999999999d", "9999999d", "2026-11-21x", "x2026-11-21",
            "2026-11-21T07:05:09+01:00Z",
        ]
    )
    func refuses(text: String) {
        #expect(throws: UsageError.self) { try PointInTime.parse(text, now: now) }
    }
}
