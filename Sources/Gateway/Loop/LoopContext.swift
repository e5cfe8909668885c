import Primitives
import Transport

/// What every part of a loop needs to know of the present moment.
package struct LoopContext {
    let poller: Poller
    package let counters: LoopCounters
    /// The time of this turn of the loop.
    package var now: Instant
    package var wall: WallTime

    package init(poller: Poller, counters: LoopCounters, now: Instant, wall: WallTime) {
        self.poller = poller
        self.counters = counters
        self.now = now
        self.wall = wall
    }
}
