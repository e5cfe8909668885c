/// The timers of one event loop: what falls due is taken out one by one, in the order of its tick.
///
/// A hierarchical timing wheel (Varghese, Lauck 1987): eight levels of 64 slots, a slot of each level
/// as long as the whole level below it. Setting and cancelling take constant time, and nothing is
/// allocated once as many timers have been set as are ever set at once; the room of a flood is given back
/// when its last timer has ended.
///
/// A tick is one millisecond: RFC 3261 counts its timers in hundreds of them. A timer never fires
/// before its deadline, and `nextDeadline` is the tick that follows it. Instants count from zero up,
/// as the monotonic clock does; one below zero counts as zero.
///
/// Invariant: elapsed < tick of every timer, except of those in the slot that is being emptied.
package struct TimerWheel: ~Copyable, Sendable {
    /// The ends of all slots' rings come first, then the timers.
    private var nodes: [Node]
    private var occupied = InlineArray<8, UInt64>(repeating: 0)
    private var elapsed: UInt64 = 0
    private var firstFree = Node.none
    /// The generation of nodes that are made: no smaller than that of any node which was given back.
    private var firstGeneration: UInt32 = 0
    /// How many timers are set.
    package private(set) var count = 0

    /// Makes room for `capacity` timers; more than that grow it.
    package init(capacity: Int = 0) {
        nodes = []
        nodes.reserveCapacity(slotCount + capacity)
        for slot in 0..<UInt32(slotCount) {
            nodes.append(Node(next: slot, previous: slot))
        }
    }

    /// Sets a timer: `token` falls due at `deadline`, or at the next tick if that has passed.
    @discardableResult
    package mutating func schedule(at deadline: Instant, token: UInt64) -> TimerID {
        let index = takeNode()
        nodes[index].tick = max(tick(notBefore: deadline), elapsed &+ 1)
        nodes[index].token = token
        link(index)
        count &+= 1
        return TimerID(
            index: UInt32(truncatingIfNeeded: index),
            generation: nodes[index].generation
        )
    }

    /// Takes a timer back; false if it has fired or was cancelled before.
    @discardableResult
    package mutating func cancel(_ id: TimerID) -> Bool {
        let index = Int(id.index)
        guard index >= slotCount, index < nodes.count, nodes[index].generation == id.generation
        else { return false }
        unlink(index)
        freeNode(index)
        return true
    }

    /// Takes out the token of one timer that is due at `now`; call it until it says nil.
    ///
    /// Between two calls timers may be set and cancelled. One that is set for a past deadline falls
    /// due at the next tick, so that the calls for one `now` come to an end.
    package mutating func popDue(at now: Instant) -> UInt64? {
        let nowTick = UInt64(max(now.nanoseconds, 0)) / tickNanoseconds
        while let slot = nextSlot(), slot.tick <= nowTick {
            elapsed = slot.tick
            if slot.level == 0 {
                let index = Int(nodes[slot.index].next)
                unlink(index)
                freeNode(index)
                return nodes[index].token
            }
            moveDown(slot.index)
        }
        elapsed = max(elapsed, nowTick)
        giveBack()
        return nil
    }

    private mutating func giveBack() {
        guard count == 0, nodes.count > slotCount + spareNodes else { return }
        for node in nodes { firstGeneration = max(firstGeneration, node.generation) }
        nodes = Array(nodes[..<slotCount])
        firstFree = Node.none
    }

    /// When to call `popDue` again, or nil if no timer is set.
    ///
    /// Exact for a timer of the next 64 ms; for a later one it may be earlier than the deadline, at
    /// most once for each level of the wheel, and never later.
    package var nextDeadline: Instant? {
        guard let slot = nextSlot() else { return nil }
        let (nanoseconds, overflow) = Int64(slot.tick).multipliedReportingOverflow(
            by: Int64(tickNanoseconds)
        )
        return overflow ? .distantFuture : Instant(nanoseconds: nanoseconds)
    }

    /// The first slot that holds a timer, and the tick at which it begins.
    ///
    /// A timer of level n shares with `elapsed` all digits (base 64) above n and has a greater digit n,
    /// hence the lowest level comes first and, in a level, the lowest slot.
    private func nextSlot() -> (index: Int, level: Int, tick: UInt64)? {
        var level = 0
        while level < levelCount {
            let slots = occupied[level]
            if slots != 0 {
                let digit = slots.trailingZeroBitCount
                let shift = UInt64(level &* bitsPerLevel)
                let above = elapsed >> shift & ~UInt64(slotsPerLevel &- 1)
                return (level &* slotsPerLevel &+ digit, level, (above | UInt64(digit)) << shift)
            }
            level &+= 1
        }
        return nil
    }

    /// Spreads a slot whose time has come over the levels below.
    private mutating func moveDown(_ slot: Int) {
        while nodes[slot].next != slot {
            let index = Int(nodes[slot].next)
            unlink(index)
            link(index)
        }
    }

    private mutating func link(_ index: Int) {
        let tick = nodes[index].tick
        let level = (63 &- ((tick ^ elapsed) | 1).leadingZeroBitCount) / bitsPerLevel
        let digit = Int(tick >> UInt64(level &* bitsPerLevel)) & (slotsPerLevel &- 1)
        occupied[level] |= 1 << UInt64(digit)
        let slot = level &* slotsPerLevel &+ digit
        var nodes = nodes.mutableSpan
        let last = nodes[slot].previous
        nodes[index].next = UInt32(truncatingIfNeeded: slot)
        nodes[index].previous = last
        nodes[Int(last)].next = UInt32(truncatingIfNeeded: index)
        nodes[slot].previous = UInt32(truncatingIfNeeded: index)
    }

    private mutating func unlink(_ index: Int) {
        let next = nodes[index].next
        let previous = nodes[index].previous
        // Only the end of a ring can be on both sides of its last timer.
        if next == previous {
            let slot = Int(next)
            occupied[slot / slotsPerLevel] &= ~(1 << UInt64(slot % slotsPerLevel))
        }
        var nodes = nodes.mutableSpan
        nodes[Int(next)].previous = previous
        nodes[Int(previous)].next = next
    }

    private mutating func takeNode() -> Int {
        guard firstFree != Node.none else {
            nodes.append(
                Node(next: Node.none, previous: Node.none, generation: firstGeneration)
            )
            return nodes.count - 1
        }
        let index = Int(firstFree)
        firstFree = nodes[index].next
        return index
    }

    private mutating func freeNode(_ index: Int) {
        nodes[index].generation &+= 1
        nodes[index].next = firstFree
        firstFree = UInt32(truncatingIfNeeded: index)
        count &-= 1
    }

    private func tick(notBefore deadline: Instant) -> UInt64 {
        (UInt64(max(deadline.nanoseconds, 0)) &+ (tickNanoseconds &- 1)) / tickNanoseconds
    }
}

/// A timer that was set; it is known until it fires or is cancelled, and never taken for a later one.
package struct TimerID: Hashable, Sendable, BitwiseCopyable {
    fileprivate var index: UInt32
    fileprivate var generation: UInt32

    /// Names no timer: cancelling it does nothing.
    package static let none = TimerID(index: .max, generation: 0)
}

/// One timer in the ring of its slot, or in the list of free ones; 32 bytes.
private struct Node: BitwiseCopyable {
    var tick: UInt64 = 0
    var token: UInt64 = 0
    var next: UInt32
    var previous: UInt32
    var generation: UInt32 = 0

    static let none = UInt32.max
}

private let tickNanoseconds: UInt64 = 1_000_000
private let bitsPerLevel = 6
private let slotsPerLevel = 64
/// 64⁸ ticks are 8,900 years: every `Instant` has a slot.
private let levelCount = 8
private let slotCount = 512
/// Timers whose room stays: 128 KiB.
private let spareNodes = 4_096
