extension WallTime {
    /// Reads an RFC 3339 §5.6 time: `2026-11-21T07:05:09.123456Z`, or with an offset such as `+01:00`.
    ///
    /// Years 1970…9999; more than six digits of a fraction are cut; a leap second reads as the next one.
    package init?(rfc3339 text: Span<UInt8>) {
        guard text.count >= 20, text.count <= 64, text[4] == 0x2D, text[7] == 0x2D,
            text[10] | 0x20 == 0x74, text[13] == ASCII.colon, text[16] == ASCII.colon,
            let year = text.number(0..<4, 1970...9999), let month = text.number(5..<7, 1...12),
            let day = text.number(8..<10, 1...CivilDate.daysOfMonth(month, year: year)),
            let hour = text.number(11..<13, 0...23), let minute = text.number(14..<16, 0...59),
            let second = text.number(17..<19, 0...60)
        else { return nil }
        var index = 19
        var fraction = 0
        if text[index] == 0x2E {
            var scale = 100_000
            let start = index + 1
            index = start
            while index < text.count, ASCII.isDigit(text[index]) {
                fraction += Int(text[index] &- 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        guard let offset = text.offsetMinutes(at: index) else { return nil }
        let days = CivilDate.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + (minute - offset) * 60 + second
        self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
    }

    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        self.init(rfc3339: bytes.span)
    }

    /// RFC 3339 in UTC: `2026-11-21T07:05:09.123456Z` with `fraction` digits (0, 3 or 6).
    package func text(fraction: Int = 3) -> String {
        var out = ByteBuffer(capacity: 27)
        out.appendTimestamp(self, fraction: fraction)
        return out.text
    }
}

extension CivilDate {
    /// 28…31, for a month 1…12.
    package static func daysOfMonth(_ month: Int, year: Int) -> Int {
        let next =
            month == 12
            ? days(year: year + 1, month: 1, day: 1) : days(year: year, month: month + 1, day: 1)
        return next - days(year: year, month: month, day: 1)
    }
}

extension Span where Element == UInt8 {
    fileprivate func number(_ range: Range<Int>, _ allowed: ClosedRange<Int>) -> Int? {
        guard let value = extracting(range).decimal(), allowed.contains(value) else { return nil }
        return value
    }

    /// Minutes east of UTC from `Z` or `±hh:mm` at the end of the text.
    fileprivate func offsetMinutes(at index: Int) -> Int? {
        if index + 1 == count, self[index] | 0x20 == 0x7A { return 0 }
        guard index + 6 == count, self[index] == 0x2B || self[index] == 0x2D,
            self[index + 3] == ASCII.colon,
            let hours = number((index + 1)..<(index + 3), 0...23),
            let minutes = number((index + 4)..<(index + 6), 0...59)
        else { return nil }
        let total = hours * 60 + minutes
        return self[index] == 0x2D ? -total : total
    }
}
