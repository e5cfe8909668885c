import Primitives

/// The time that calls get which are under way when the daemon is told to end.
struct Drain {
    private let deadline: Instant
    private let floor: Instant

    init(timeout: Interval, from now: Instant) {
        deadline = now + timeout
        // Long enough for carriers' next OPTIONS or INVITE to see that they have to go elsewhere.
        floor = now + min(.milliseconds(500), timeout)
    }

    /// Whether the daemon may end; `isIdle`: no call is under way.
    func isOver(at now: Instant, isIdle: Bool) -> Bool {
        now >= deadline || now >= floor && isIdle
    }

    /// How often the daemon looks whether it is over.
    static let lookGap = Interval.milliseconds(20)
}
