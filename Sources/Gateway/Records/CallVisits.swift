import Primitives

/// How often the same call has come to a loop: a carrier that follows our redirects back to us sends
/// each time the same Call-ID with the next sequence number (RFC 3261 §8.1.3.4).
///
/// A table of fixed size without search. Of two calls that share a slot the later one counts, so that a
/// call may be counted too low, and never too high.
package struct CallVisits {
    private var slots = [Slot](repeating: Slot(), count: slotCount)

    private struct Slot {
        var call: UInt64 = 0
        var forgotten = Instant(nanoseconds: .min)
        var sequence: UInt32 = 0
        var count: UInt32 = 0
    }

    package init() {}

    /// Counts this visit of `call`; the same sequence number again is the same visit.
    package mutating func count(_ call: UInt64, sequence: UInt32, at now: Instant) -> UInt32 {
        let index = Int(truncatingIfNeeded: call) & (Self.slotCount - 1)
        var slot = slots[index]
        if slot.call != call || slot.forgotten <= now {
            slot = Slot(call: call, sequence: sequence, count: 1)
        } else if slot.sequence != sequence {
            slot.sequence = sequence
            slot.count &+= 1
        }
        slot.forgotten = now + Limits.decisionMemory
        slots[index] = slot
        return slot.count
    }

    /// Which visit of `call` this was; the first, where that is not known any more.
    package func visit(of call: UInt64, sequence: UInt32) -> UInt32 {
        let slot = slots[Int(truncatingIfNeeded: call) & (Self.slotCount - 1)]
        return slot.call == call && slot.sequence == sequence ? slot.count : 1
    }

    /// 32 octets each: the calls of a second on a busy loop.
    private static let slotCount = 4_096
}
