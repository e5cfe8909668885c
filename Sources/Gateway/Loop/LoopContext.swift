import Primitives
import Transport

/// What every part of a loop needs to know of the present moment.
struct LoopContext {
    let poller: Poller
    let counters: LoopCounters
    /// The time of this turn of the loop.
    var now: Instant
    var wall: WallTime
}
