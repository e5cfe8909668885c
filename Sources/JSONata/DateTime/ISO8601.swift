import Primitives

/// The form of times that needs no picture: `2017-10-30T16:25:32.935Z`, or its beginning.
struct ISO8601 {
    private let bytes: [UInt8]
    private var index = 0

    /// Milliseconds since 1970, or nil if the text is not of that form.
    ///
    /// A time without a zone is UTC.
    static func milliseconds(_ text: String) -> Double? {
        var reader = ISO8601(text)
        return reader.read()
    }

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    private mutating func read() -> Double? {
        guard let year = digits(4) else { return nil }
        var month = 1
        var day = 1
        if take(0x2D) {
            guard let value = digits(2), (1...12).contains(value) else { return nil }
            month = value
            if take(0x2D) {
                guard let value = digits(2), (1...31).contains(value) else { return nil }
                day = value
            }
        }
        var milliseconds = Double(CivilDate.days(year: year, month: month, day: day)) * 86_400_000
        if take(0x54) {
            guard let time = timeOfDay() else { return nil }
            milliseconds += time
        }
        guard let offset = zone(), index == bytes.count else { return nil }
        return milliseconds - Double(offset) * 60_000
    }

    private mutating func timeOfDay() -> Double? {
        guard let hour = digits(2), hour <= 24, take(0x3A), let minute = digits(2), minute < 60,
            take(0x3A), let second = digits(2), second < 60, hour < 24 || minute + second == 0
        else { return nil }
        var milliseconds = Double((hour * 60 + minute) * 60 + second) * 1_000
        if take(0x2E) {
            var unit = 100.0
            let start = index
            while index < bytes.count, ASCII.isDigit(bytes[index]) {
                milliseconds += Double(bytes[index] - 0x30) * unit.rounded(.down)
                unit /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        return milliseconds
    }

    /// Minutes east of UTC; 0 if there is no zone.
    private mutating func zone() -> Int? {
        guard index < bytes.count else { return 0 }
        if take(0x5A) { return 0 }
        let isWest = bytes[index] == 0x2D
        guard take(0x2B) || take(0x2D), let hours = digits(2) else { return nil }
        _ = take(0x3A)
        guard hours < 24, let minutes = digits(2), minutes < 60 else { return nil }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard index + count <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<count {
            guard ASCII.isDigit(bytes[index]) else { return nil }
            value = value * 10 + Int(bytes[index] - 0x30)
            index += 1
        }
        return value
    }
}
