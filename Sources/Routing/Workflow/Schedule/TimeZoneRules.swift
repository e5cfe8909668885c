import Primitives

/// A time zone: when its distance from UTC changed, and by which rule it goes on changing.
package struct TimeZoneRules: Sendable {
    /// Seconds since 1970 of each change, ascending.
    private let transitions: [Int64]
    /// Seconds east of UTC from the transition with the same index on.
    private let offsets: [Int32]
    /// Seconds east of UTC before the first transition.
    private let firstOffset: Int32
    /// What holds after the last transition.
    private let tail: PosixTimeZone?

    init(transitions: [Int64], offsets: [Int32], firstOffset: Int32, tail: PosixTimeZone?) {
        self.transitions = transitions
        self.offsets = offsets
        self.firstOffset = firstOffset
        self.tail = tail
    }

    /// Coordinated Universal Time.
    static let utc = TimeZoneRules(
        transitions: [],
        offsets: [],
        firstOffset: 0,
        tail: nil
    )

    /// Seconds east of UTC at an instant, in seconds since 1970.
    package func offset(at seconds: Int64) -> Int {
        if transitions.isEmpty || seconds >= transitions[transitions.count - 1] {
            return tail?.offset(at: seconds) ?? Int(offsets.last ?? firstOffset)
        }
        var lower = 0
        var upper = transitions.count
        while lower < upper {
            let middle = (lower &+ upper) / 2
            if transitions[middle] <= seconds { lower = middle &+ 1 } else { upper = middle }
        }
        return Int(lower == 0 ? firstOffset : offsets[lower &- 1])
    }

    package func localTime(at time: WallTime) -> LocalTime {
        let seconds = time.seconds
        return LocalTime(seconds: seconds, offset: offset(at: seconds))
    }
}

/// What a clock on the wall of a place shows.
package struct LocalTime: Hashable, Sendable {
    /// Days since 1970-01-01 by the local calendar.
    package let day: Int
    /// 0…86,399.
    let secondOfDay: Int
    /// Seconds east of UTC.
    package let offset: Int

    init(seconds: Int64, offset: Int) {
        // Years −32,768…32,767 are what the calendar can show.
        let local = min(max(seconds, -1_000_000_000_000), 1_000_000_000_000) + Int64(offset)
        var day = Int(local / 86_400)
        var second = Int(local % 86_400)
        if second < 0 {
            day -= 1
            second += 86_400
        }
        self.day = day
        secondOfDay = second
        self.offset = offset
    }

    /// 0 is Sunday; 1970-01-01 was a Thursday.
    static func weekday(ofDay day: Int) -> Int { ((day + 4) % 7 + 7) % 7 }

    /// Octets of `text`.
    static let textByteCount = 25

    /// RFC 3339, such as `2026-11-21T02:05:09-05:00`.
    package var text: String {
        var buffer = ByteBuffer(capacity: Self.textByteCount)
        let local = WallTime(seconds: Int64(day) * 86_400 + Int64(secondOfDay))
        buffer.appendTimestamp(local, fraction: 0)
        buffer.truncate(to: buffer.count - 1)
        buffer.append(offset < 0 ? 0x2D : 0x2B)
        let minutes = offset.magnitude / 60
        buffer.appendDecimal(Int(minutes / 60), digits: 2)
        buffer.append(ASCII.colon)
        buffer.appendDecimal(Int(minutes % 60), digits: 2)
        return buffer.text
    }
}
