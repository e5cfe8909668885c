/// A point on the monotonic clock; the cores get it as a parameter and never read a clock.
///
/// Nanoseconds since an arbitrary origin; differences are what matters.
package struct Instant: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The deadline of something that never falls due.
    package static let distantFuture = Instant(nanoseconds: .max)

    package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Saturates instead of trapping, so that no peer-given time-out can end the process.
    package static func + (instant: Instant, interval: Interval) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(interval.nanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    /// The time from `right` to `left`; negative when `left` is earlier.
    package static func - (left: Instant, right: Instant) -> Interval {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(
            right.nanoseconds
        )
        return Interval(nanoseconds: overflow ? .max : difference)
    }
}

/// A length of time in nanoseconds: one word, because it stands in tables with a row for each call.
package struct Interval: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static let zero = Interval(nanoseconds: 0)

    package static func microseconds(_ count: Int64) -> Interval {
        Interval(nanoseconds: count &* 1_000)
    }

    package static func milliseconds(_ count: Int64) -> Interval {
        Interval(nanoseconds: count &* 1_000_000)
    }

    package static func seconds(_ count: Int64) -> Interval {
        Interval(nanoseconds: count &* 1_000_000_000)
    }

    package static func < (left: Interval, right: Interval) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package static func * (interval: Interval, factor: Int64) -> Interval {
        let (product, overflow) = interval.nanoseconds.multipliedReportingOverflow(by: factor)
        return Interval(nanoseconds: overflow ? .max : product)
    }
}

/// A point in civil time, for records and schedules; a parameter of the cores like `Instant`.
///
/// Microseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
package struct WallTime: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package init(seconds: Int64) {
        self.microseconds = seconds &* 1_000_000
    }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    package static func < (left: WallTime, right: WallTime) -> Bool {
        left.microseconds < right.microseconds
    }
}
