import Primitives

/// Lets one event of a kind through in each interval, and counts those that it holds back: a flood must
/// not become a flood of log lines.
package struct RateLimit {
    private let interval: Interval
    private var next = Instant(nanoseconds: .min)
    private var suppressed = 0

    package init(interval: Interval) {
        self.interval = interval
    }

    /// How many were held back since the last one, or nil when this one is held back too.
    package mutating func pass(at now: Instant) -> Int? {
        guard now >= next else {
            suppressed += 1
            return nil
        }
        next = now + interval
        defer { suppressed = 0 }
        return suppressed
    }
}
