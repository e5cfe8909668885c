import Primitives
import Routing

/// Which target is probed when: each once in an interval, sooner while in doubt.
///
/// The first probes are spread over one interval and every gap is up to a tenth shorter or longer, so
/// that probes never come in bursts. Where there are more targets than the bounds allow, each is probed
/// less often, in turn.
package struct ProbeSchedule: ~Copyable {
    package private(set) var settings: Configuration.Probes
    /// Targets by slot; a slot that is free has nil.
    private var rows: [Row?] = []
    private var generations: [UInt32] = []
    private var freeSlots: [Int] = []
    private var slots: [[UInt8]: Int] = [:]
    private var timers = TimerWheel()
    /// Targets that are due and wait for their turn; those before `readyStart` have had it.
    private var ready: [Ticket] = []
    private var readyStart = 0
    private var inFlight = 0
    /// When the next probe may start.
    private var nextStart = Instant(nanoseconds: 0)
    /// How many targets are in each state.
    package private(set) var counts = Counts()

    package struct Row: Sendable {
        package var target: ProbedTarget
        package var destination: ProbeDestination
        package var probe: TargetProbe
        /// Goes up with each miss: the next probe tries the next address of the target's name.
        package var turn: UInt32 = 0
    }

    /// One probe of a target: it is known until the target is gone.
    package struct Ticket: Hashable, Sendable {
        package var slot: Int
        fileprivate var generation: UInt32
        /// When the probe began.
        fileprivate var start = Instant(nanoseconds: 0)
    }

    package struct Counts: Sendable, Equatable {
        package var up = 0
        package var down = 0
        package var unknown = 0

        package init() {}
    }

    package init(settings: Configuration.Probes) {
        self.settings = settings
    }

    /// From now on other lengths of time and thresholds hold; what is known stays.
    package mutating func adopt(_ settings: Configuration.Probes) {
        self.settings = settings
    }

    /// The targets from now on: what is known of those that stay is kept.
    ///
    /// A target that cannot be probed is passed over.
    package mutating func watch(
        _ targets: [ProbedTarget],
        at now: Instant,
        wall: WallTime,
        random: inout some RandomNumberGenerator
    ) {
        var gone = slots
        for target in targets {
            if let slot = gone.removeValue(forKey: target.uri) {
                rows[slot]?.target = target
                continue
            }
            guard slots[target.uri] == nil, let destination = ProbeDestination(uri: target.uri)
            else { continue }
            let slot = takeSlot()
            rows[slot] = Row(
                target: target,
                destination: destination,
                probe: TargetProbe(at: wall)
            )
            slots[target.uri] = slot
            counts[.unknown] += 1
            let first = Int64.random(in: 0...max(settings.interval.nanoseconds, 0), using: &random)
            setTimer(slot, at: now + Interval(nanoseconds: first))
        }
        for (uri, slot) in gone {
            if let state = rows[slot]?.probe.state { counts[state] -= 1 }
            slots[uri] = nil
            rows[slot] = nil
            generations[slot] &+= 1
            freeSlots.append(slot)
        }
    }

    /// The next target to probe now, or nil: none is due, or a bound is reached.
    ///
    /// Each ticket comes back by `finish`, also that of a target that is gone by then.
    package mutating func start(at now: Instant) -> Ticket? {
        while let token = timers.popDue(at: now) { ready.append(Ticket(token: token)) }
        while readyStart < ready.count {
            guard inFlight < Limits.probesInFlight, nextStart <= now else { return nil }
            var ticket = ready[readyStart]
            readyStart += 1
            guard self[ticket] != nil else { continue }
            ticket.start = now
            inFlight += 1
            // A loop that woke up late may make up for a tenth of a second, not for more.
            let gap = Interval(nanoseconds: 1_000_000_000 / Int64(max(settings.perSecond, 1)))
            nextStart = max(nextStart, now + .milliseconds(-100)) + gap
            dropStarted()
            return ticket
        }
        dropStarted()
        return nil
    }

    /// Takes what has had its turn out of the queue, in amortized constant time.
    private mutating func dropStarted() {
        guard readyStart * 2 >= ready.count else { return }
        ready.removeFirst(readyStart)
        readyStart = 0
    }

    /// Takes in what a probe has found; true when the target's state is another one now.
    package mutating func finish(
        _ ticket: Ticket,
        _ finding: TargetProbe.Finding,
        at now: Instant,
        wall: WallTime,
        random: inout some RandomNumberGenerator
    ) -> Bool {
        inFlight -= 1
        if case .miss = finding, self[ticket] != nil { rows[ticket.slot]?.turn &+= 1 }
        guard let row = self[ticket] else { return false }
        let before = row.probe.state
        let hasChanged =
            rows[ticket.slot]?.probe.note(
                Self.judged(finding, of: row),
                at: wall,
                downAfter: settings.downAfter,
                upAfter: settings.upAfter
            ) ?? false
        guard let probe = rows[ticket.slot]?.probe else { return false }
        if hasChanged {
            counts[before] -= 1
            counts[probe.state] += 1
        }
        let gap = Self.gap(settings.interval, isInDoubt: probe.isInDoubt, random: &random)
        setTimer(ticket.slot, at: max(now, ticket.start + gap))
        return hasChanged
    }

    /// Silence where nobody has ever answered says nothing if calls may go elsewhere.
    private static func judged(
        _ finding: TargetProbe.Finding,
        of row: Row
    ) -> TargetProbe.Finding {
        guard case .miss(let text) = finding, row.destination.isAssumed,
            row.probe.state == .unknown
        else { return finding }
        return .nothing(text)
    }

    /// When to call `start` again, or nil when nothing is due before something else happens.
    package var nextDeadline: Instant? {
        if readyStart < ready.count {
            return inFlight < Limits.probesInFlight ? nextStart : nil
        }
        return timers.nextDeadline
    }

    /// The target of a ticket, nil once it is gone.
    package subscript(ticket: Ticket) -> Row? {
        generations[ticket.slot] == ticket.generation ? rows[ticket.slot] : nil
    }

    /// All targets, in the order of their slots.
    package var targets: [Row] { rows.compactMap { $0 } }

    /// From the start of one probe to that of the next.
    static func gap(
        _ interval: Interval,
        isInDoubt: Bool,
        random: inout some RandomNumberGenerator
    ) -> Interval {
        let length = max(interval.nanoseconds, 1) / (isInDoubt ? doubtDivisor : 1)
        return Interval(
            nanoseconds: length + Int64.random(in: -(length / 10)...(length / 10), using: &random)
        )
    }

    private mutating func takeSlot() -> Int {
        if let slot = freeSlots.popLast() { return slot }
        rows.append(nil)
        generations.append(0)
        return rows.count - 1
    }

    private mutating func setTimer(_ slot: Int, at deadline: Instant) {
        let ticket = Ticket(slot: slot, generation: generations[slot])
        timers.schedule(at: deadline, token: ticket.token)
    }

    /// A target in doubt is probed so many times as often: the third miss of a dead target comes
    /// within 10 s at default settings.
    private static let doubtDivisor: Int64 = 4
}

extension ProbeSchedule.Ticket {
    fileprivate init(token: UInt64) {
        slot = Int(token & 0xFFFF_FFFF)
        generation = UInt32(truncatingIfNeeded: token >> 32)
    }

    fileprivate var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) & 0xFFFF_FFFF }
}

extension ProbeSchedule.Counts {
    package subscript(state: TargetProbe.State) -> Int {
        get {
            switch state {
            case .up: up
            case .down: down
            case .unknown: unknown
            }
        }
        set {
            switch state {
            case .up: up = newValue
            case .down: down = newValue
            case .unknown: unknown = newValue
            }
        }
    }
}
