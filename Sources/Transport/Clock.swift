import CLinux
import Primitives

/// The only place where time is read; everything else gets it as a parameter.
package enum Clock {
    /// CLOCK_MONOTONIC: for time-outs, never steps.
    package static func now() -> Instant {
        Instant(nanoseconds: clinux_monotonic_ns())
    }

    /// CLOCK_REALTIME: for records and schedules, may step.
    package static func wall() -> WallTime {
        WallTime(microseconds: clinux_wall_us())
    }
}

/// The only place where randomness is drawn: the kernel's generator.
package enum Randomness {
    /// Octets of the kernel's generator.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { room, initialized in
            // getrandom without flags fails only on a bad address or before the pool is ready.
            precondition(clinux_random(room.baseAddress, count) == 0, "getrandom failed")
            initialized = count
        }
    }

    /// 64 bits of the kernel's generator.
    package static func word() -> UInt64 {
        var word: UInt64 = 0
        precondition(clinux_random(&word, 8) == 0, "getrandom failed")
        return word
    }

    /// A key that nobody else knows.
    package static func key() -> SipHash.Key {
        SipHash.Key(word(), word())
    }
}
