import Primitives
import Testing

@Suite("Times as text (RFC 3339)")
struct WallTimeTextTests {
    @Test(
        "a time is read with its fraction and its offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T07:05:09Z", 1_795_244_709_000_000),
            ("2026-11-21T07:05:09.123456Z", 1_795_244_709_123_456),
            ("2026-11-21t07:05:09.5z", 1_795_244_709_500_000),
            ("2026-11-21T07:05:09.1234567891Z", 1_795_244_709_123_456),
            ("2026-11-21T08:05:09+01:00", 1_795_244_709_000_000),
            ("2026-11-20T22:35:09-08:30", 1_795_244_709_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
        ]
    )
    func readsTimes(text: String, microseconds: Int64) {
        #expect(WallTime(rfc3339: text) == WallTime(microseconds: microseconds))
    }

    @Test(
        "what is no time is nil",
        arguments: [
            "", "2026-11-21", "2026-11-21T07:05:09", "2026-11-21 07:05:09Z", "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "2026-00-10T00:00:00Z", "2026-11-31T00:00:00Z",
            "2026-11-21T24:00:00Z", "2026-11-21T07:60:00Z", "2026-11-21T07:05:61Z",
            "2026-11-21T07:05:09.Z", "2026-11-21T07:05:09+0100", "2026-11-21T07:05:09+24:00",
            "2026-11-21T07:05:09Zulu", "-026-11-21T07:05:09Z", "1969-12-31T23:59:59Z",
            "2026-11-21T07:05:09.99999999999999999999999999999999999999999999999999999999Z",
        ]
    )
    func refusesOthers(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test(
        "a time that was written is read again",
        arguments: [0, 1, 951_782_399_999_999, 4_102_444_800_000_001]
    )
    func readsWhatWasWritten(microseconds: Int64) {
        var buffer = ByteBuffer()
        buffer.appendTimestamp(WallTime(microseconds: microseconds), fraction: 6)
        #expect(WallTime(rfc3339: buffer.span) == WallTime(microseconds: microseconds))
    }
}
