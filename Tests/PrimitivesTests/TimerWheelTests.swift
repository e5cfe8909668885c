import Primitives
import Testing

@Suite("The timer wheel")
struct TimerWheelTests {
    @Test(
        "a timer fires at its deadline, not a millisecond before",
        arguments: [
            1, 63, 64, 65, 4_095, 4_096, 32_000, 262_144, 86_400_000, 1_000_000_000_000,
        ]
    )
    func firesOnTime(milliseconds: Int) {
        var wheel = TimerWheel()
        wheel.schedule(at: .milliseconds(milliseconds), token: 7)
        let early = wheel.popDue(at: .milliseconds(milliseconds - 1))
        let onTime = wheel.popDue(at: .milliseconds(milliseconds))
        let again = wheel.popDue(at: .milliseconds(milliseconds + 100_000))
        #expect(early == nil)
        #expect(onTime == 7)
        #expect(again == nil)
    }

    @Test("after a flood no timer of before is taken for a later one")
    func floodIsOver() {
        var wheel = TimerWheel()
        let old = (0..<10_000).map { wheel.schedule(at: .milliseconds(1 + $0), token: UInt64($0)) }
        while wheel.popDue(at: .milliseconds(20_000)) != nil {}
        let new = (0..<10_000).map {
            wheel.schedule(at: .milliseconds(30_000 + $0), token: UInt64($0))
        }
        for timer in old {
            let wasCancelled = wheel.cancel(timer)
            #expect(!wasCancelled)
        }
        let isCancelled = wheel.cancel(new[7])
        #expect(isCancelled && wheel.count == 9_999)
    }

    @Test("a deadline between two ticks waits for the second, at most one millisecond")
    func roundsUp() {
        var wheel = TimerWheel()
        wheel.schedule(at: Instant(nanoseconds: 5_000_001), token: 1)
        let early = wheel.popDue(at: Instant(nanoseconds: 5_999_999))
        let onTime = wheel.popDue(at: Instant(nanoseconds: 6_000_000))
        #expect(early == nil)
        #expect(onTime == 1)
    }

    @Test("timers come out in the order of their deadlines, however late they are asked for")
    func keepsOrder() {
        var wheel = TimerWheel()
        for deadline in [70_000, 3, 500, 64, 4_096, 1, 262_143] {
            wheel.schedule(at: .milliseconds(deadline), token: UInt64(deadline))
        }
        var order: [UInt64] = []
        while let token = wheel.popDue(at: .milliseconds(300_000)) { order.append(token) }
        #expect(order == [1, 3, 64, 500, 4_096, 70_000, 262_143])
    }

    @Test("a timer set for the past fires at the next tick")
    func firesPastDeadlineNext() {
        var wheel = TimerWheel()
        let nothing = wheel.popDue(at: .milliseconds(1_000))
        wheel.schedule(at: .milliseconds(10), token: 3)
        let sameTick = wheel.popDue(at: .milliseconds(1_000))
        let nextTick = wheel.popDue(at: .milliseconds(1_001))
        #expect(nothing == nil)
        #expect(sameTick == nil)
        #expect(nextTick == 3)
    }

    @Test("a cancelled timer does not fire, and cancelling twice says so")
    func cancels() {
        var wheel = TimerWheel()
        let id = wheel.schedule(at: .milliseconds(10), token: 1)
        let first = wheel.cancel(id)
        let second = wheel.cancel(id)
        let fired = wheel.popDue(at: .milliseconds(20))
        let deadline = wheel.nextDeadline
        #expect(first)
        #expect(!second)
        #expect(fired == nil)
        #expect(deadline == nil)
    }

    @Test("the name of a timer that fired does not cancel the timer that took its place")
    func tellsOldNamesApart() {
        var wheel = TimerWheel()
        let old = wheel.schedule(at: .milliseconds(1), token: 1)
        _ = wheel.popDue(at: .milliseconds(1))
        wheel.schedule(at: .milliseconds(2), token: 2)
        let cancelled = wheel.cancel(old)
        let none = wheel.cancel(.none)
        let fired = wheel.popDue(at: .milliseconds(2))
        #expect(!cancelled)
        #expect(!none)
        #expect(fired == 2)
    }

    @Test("a deadline that never comes waits for ever, and instants below zero count as zero")
    func toleratesExtremes() {
        var wheel = TimerWheel()
        wheel.schedule(at: .distantFuture, token: 1)
        let deadline = wheel.nextDeadline
        let atEndOfTime = wheel.popDue(at: .distantFuture)
        wheel.schedule(at: Instant(nanoseconds: .min), token: 2)
        let count = wheel.count
        #expect(deadline.map { $0 <= .distantFuture } == true)
        #expect(atEndOfTime == nil)
        #expect(count == 2)
    }

    @Test("a loop that sleeps until nextDeadline never misses a timer and wakes 8 times for one")
    func wakesInTime() {
        var wheel = TimerWheel()
        wheel.schedule(at: .milliseconds(7_654_321), token: 1)
        var wakes = 0
        var fired: Instant?
        while let now = wheel.nextDeadline {
            wakes += 1
            if wheel.popDue(at: now) != nil { fired = now }
        }
        #expect(fired == .milliseconds(7_654_321))
        #expect(wakes <= 8)
    }

    @Test(
        "random programs end as a plain list of timers does",
        arguments: 1...40 as ClosedRange<UInt64>
    )
    func equalsModel(seed: UInt64) {
        var program = WheelProgram(seed: seed)
        for _ in 0..<2_000 {
            if let difference = program.step() {
                Issue.record("seed \(seed): \(difference)")
                return
            }
        }
    }
}

/// A wheel and a list of the same timers, changed together by seeded dice.
private struct WheelProgram: ~Copyable {
    private var wheel = TimerWheel()
    private var model: [(id: TimerID, tick: Int, token: UInt64)] = []
    private var retired: [TimerID] = []
    private var now = 0
    private var nextToken: UInt64 = 0
    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Does one random thing to both; what they disagree on, if anything.
    mutating func step() -> String? {
        switch roll(8) {
        case 0...3: schedule()
        case 4: return cancel()
        case 5: return cancelRetired()
        default: return advance()
        }
        return wheel.count == model.count ? nil : "count \(wheel.count), not \(model.count)"
    }

    private mutating func schedule() {
        let reach = [0, 5, 70, 5_000, 300_000, 20_000_000][roll(6)]
        let deadline = now + roll(reach + 1)
        nextToken += 1
        let id = wheel.schedule(at: .milliseconds(deadline), token: nextToken)
        model.append((id, max(deadline, now + 1), nextToken))
    }

    private mutating func cancel() -> String? {
        guard !model.isEmpty else { return nil }
        let victim = model.remove(at: roll(model.count))
        retired.append(victim.id)
        return wheel.cancel(victim.id) ? nil : "timer \(victim.token) was lost"
    }

    private mutating func cancelRetired() -> String? {
        guard !retired.isEmpty else { return nil }
        return wheel.cancel(retired[roll(retired.count)]) ? "a dead name cancelled a timer" : nil
    }

    private mutating func advance() -> String? {
        now += roll([2, 100, 10_000, 1_000_000][roll(4)])
        if let next = wheel.nextDeadline, let first = model.map(\.tick).min(),
            next > .milliseconds(first)
        {
            return "nextDeadline \(next) is later than \(first) ms"
        }
        var lastTick = 0
        while let token = wheel.popDue(at: .milliseconds(now)) {
            guard let index = model.firstIndex(where: { $0.token == token }) else {
                return "timer \(token) fired twice or after its end"
            }
            let timer = model.remove(at: index)
            retired.append(timer.id)
            if timer.tick > now { return "timer \(token) fired at \(now), not at \(timer.tick)" }
            if timer.tick < lastTick { return "timer \(token) of \(timer.tick) came too late" }
            lastTick = timer.tick
        }
        return model.contains { $0.tick <= now } ? "a timer did not fire by \(now)" : nil
    }

    private mutating func roll(_ sides: Int) -> Int { Int(random.next() % UInt64(sides)) }
}

extension Instant {
    fileprivate static func milliseconds(_ count: Int) -> Instant {
        Instant(nanoseconds: Int64(count) * 1_000_000)
    }
}
