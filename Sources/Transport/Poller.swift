import CLinux
import Glibc
import Primitives

/// Waits for descriptors to become ready: one epoll instance, level-triggered, for one event loop.
package final class Poller {
    private let descriptor: Int32
    private var ready: [clinux_event]

    package init(capacity: Int = 128) throws(SystemError) {
        descriptor = try check(clinux_poller_create(), "create an event poller")
        ready = Array(repeating: clinux_event(), count: capacity)
    }

    deinit {
        close(descriptor)
    }

    /// What a descriptor is waited for.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let readable = Interest(rawValue: 1)
        package static let writable = Interest(rawValue: 2)
        /// The peer is gone or the descriptor failed; reported without being asked for.
        package static let hangup = Interest(rawValue: 4)

        // With integers, because the algebra of sets is slow from another module: a microsecond for each
        // webhook.

        /// What a connection waits for.
        package init(reading: Bool, writing: Bool) {
            rawValue = (reading ? 1 : 0) | (writing ? 2 : 0)
        }

        /// Whether a read would tell something: octets, their end, or what went wrong.
        package var callsForRead: Bool { rawValue & 5 != 0 }
    }

    /// A ready descriptor, by the token that it was added with.
    package struct Event {
        package let token: UInt64
        package let readiness: Interest
    }

    /// Watches a descriptor; its events carry `token`.
    package func add(
        _ fd: Int32,
        token: UInt64,
        interest: Interest = .readable
    ) throws(SystemError) {
        try check(
            clinux_poller_add(descriptor, fd, token, interest.rawValue),
            "watch a descriptor"
        )
    }

    /// Watches a descriptor for something else from now on.
    package func change(_ fd: Int32, token: UInt64, interest: Interest) {
        _ = clinux_poller_change(descriptor, fd, token, interest.rawValue)
    }

    /// Watches a descriptor no longer.
    package func remove(_ fd: Int32) {
        _ = clinux_poller_remove(descriptor, fd)
    }

    /// Sleeps until a descriptor is ready or `deadline` has come; returns how many events there are.
    ///
    /// A deadline between two milliseconds is rounded up, so that the loop never spins towards it.
    package func wait(until deadline: Instant?, now: Instant) throws(SystemError) -> Int {
        var milliseconds: Int32 = -1
        if let deadline {
            let left = max(0, (deadline - now).nanoseconds)
            milliseconds = Int32(
                clamping: min(left / 1_000_000 + (left % 1_000_000 > 0 ? 1 : 0), 3_600_000)
            )
        }
        let count = clinux_poller_wait(descriptor, &ready, Int32(ready.count), milliseconds)
        return Int(try check(count, "wait for events"))
    }

    package subscript(index: Int) -> Event {
        Event(
            token: ready[index].token,
            readiness: Interest(rawValue: ready[index].flags)
        )
    }
}
