import Gateway
import Primitives
import Routing
import Testing

/// Targets that answer or do not, on simulated time.
private struct SimulatedTargets: ~Copyable {
    var schedule: ProbeSchedule
    var random: SeededRandom
    var now = Instant(nanoseconds: 1_000_000_000)
    var dead: Set<String> = []
    /// How long an answer takes; a miss takes the time-out.
    var answerTime = Interval.milliseconds(20)
    /// When each target was probed.
    var probes: [String: [Instant]] = [:]
    /// When each target changed its state, and to which.
    var changes: [(uri: String, state: TargetProbe.State, at: Instant)] = []
    var inFlightMax = 0
    private var waiting: [(end: Instant, ticket: ProbeSchedule.Ticket, uri: String)] = []

    init(_ settings: Configuration.Probes = Configuration.Probes(), seed: UInt64 = 1) {
        schedule = ProbeSchedule(settings: settings)
        random = SeededRandom(seed: seed)
    }

    mutating func watch(_ uris: [String]) {
        let targets = uris.map {
            ProbedTarget(uri: Array($0.utf8), organization: "acme", agent: "sales")
        }
        schedule.watch(targets, at: now, wall: wall, random: &random)
    }

    var wall: WallTime { WallTime(microseconds: now.nanoseconds / 1_000) }

    /// Jumps from deadline to deadline.
    mutating func run(for interval: Interval) {
        let limit = now + interval
        while true {
            let next = min(
                schedule.nextDeadline ?? .distantFuture,
                waiting.map(\.end).min() ?? .distantFuture
            )
            guard next <= limit else { break }
            now = max(now, next)
            finishWaiting()
            while let ticket = schedule.start(at: now), let row = schedule[ticket] {
                let uri = String(decoding: row.target.uri, as: UTF8.self)
                probes[uri, default: []].append(now)
                let time = dead.contains(uri) ? schedule.settings.timeout : answerTime
                waiting.append((now + time, ticket, uri))
                inFlightMax = max(inFlightMax, waiting.count)
            }
        }
        now = limit
    }

    private mutating func finishWaiting() {
        for probe in waiting where probe.end <= now {
            let hasChanged = schedule.finish(
                probe.ticket,
                dead.contains(probe.uri) ? .miss("no answer") : .answer("200 OK"),
                at: now,
                wall: wall,
                random: &random
            )
            if hasChanged, let row = schedule[probe.ticket] {
                changes.append((probe.uri, row.probe.state, now))
            }
        }
        waiting.removeAll { $0.end <= now }
    }
}

@Suite("When targets are probed")
struct ProbeScheduleTests {
    private func uris(_ count: Int) -> [String] { (0..<count).map { "sip:\($0)@192.0.2.1" } }

    @Test("a target is probed once in an interval, a tenth more or less, after the first verdict")
    func intervals() throws {
        var targets = SimulatedTargets()
        targets.watch(uris(1))
        targets.run(for: .seconds(4_000))
        let times = try #require(targets.probes["sip:0@192.0.2.1"])
        #expect(times[0] - Instant(nanoseconds: 1_000_000_000) <= .seconds(4))
        let gaps = zip(times, times.dropFirst()).map { ($1 - $0).nanoseconds / 1_000_000 }
        #expect((900...1_101).contains(gaps[0]), "in doubt until the second answer")
        #expect(gaps.dropFirst().allSatisfy { (3_600...4_401).contains($0) })
        // All of the range is used.
        #expect(gaps.dropFirst().min().map { $0 < 3_700 } == true)
        #expect(gaps.max().map { $0 > 4_300 } == true)
    }

    @Test(
        "at default settings a dead target is down within 9 s and up again within 6, 300 times over"
    )
    func detection() throws {
        for seed in UInt64(0)..<300 {
            var targets = SimulatedTargets(seed: seed)
            targets.watch(uris(1))
            targets.run(for: .seconds(20) + .milliseconds(Int64(seed) * 13))
            #expect(targets.changes.map(\.state) == [.up])
            let death = targets.now
            targets.dead = ["sip:0@192.0.2.1"]
            targets.run(for: .seconds(30))
            #expect(targets.changes.map(\.state) == [.up, .down])
            #expect(try #require(targets.changes.last).at - death < .seconds(9))
            let birth = targets.now
            targets.dead = []
            targets.run(for: .seconds(30))
            #expect(targets.changes.map(\.state) == [.up, .down, .up])
            #expect(try #require(targets.changes.last).at - birth < .seconds(6))
        }
    }

    @Test("a target that is dead at the start is down within 10 s")
    func deadAtStart() throws {
        for seed in UInt64(0)..<300 {
            var targets = SimulatedTargets(seed: seed)
            targets.watch(uris(1))
            targets.dead = ["sip:0@192.0.2.1"]
            targets.run(for: .seconds(10))
            #expect(targets.changes.map(\.state) == [.down])
        }
    }

    @Test("10,000 targets never get more probes than the bound, and all get their turn")
    func flood() {
        var targets = SimulatedTargets()
        targets.watch(uris(10_000))
        let begin = targets.now
        targets.run(for: .seconds(60))
        let times = targets.probes.values.flatMap { $0 }.sorted()
        #expect(times.count <= 30_000 + 50)
        #expect(times.count > 29_000)
        var perTenth: [Int64: Int] = [:]
        for time in times { perTenth[(time - begin).nanoseconds / 100_000_000, default: 0] += 1 }
        #expect(perTenth.values.allSatisfy { $0 <= 101 })
        #expect(targets.probes.count == 10_000)
        #expect(targets.probes.values.allSatisfy { $0.count >= 2 })
        #expect(targets.schedule.counts.up == 10_000)
    }

    @Test("2,000 targets are probed as often as the interval says, and never in a burst")
    func spread() {
        var targets = SimulatedTargets()
        targets.watch(uris(2_000))
        targets.run(for: .seconds(20))
        let begin = targets.now
        targets.probes = [:]
        targets.run(for: .seconds(20))
        let times = targets.probes.values.flatMap { $0 }
        #expect((9_000...10_050).contains(times.count))
        var perTenth: [Int64: Int] = [:]
        for time in times { perTenth[(time - begin).nanoseconds / 100_000_000, default: 0] += 1 }
        #expect(perTenth.values.allSatisfy { $0 <= 101 })
    }

    @Test("10,000 dead targets never have more probes on their way than the bound")
    func inFlight() {
        var settings = Configuration.Probes()
        settings.perSecond = 100_000
        settings.timeout = .seconds(30)
        var targets = SimulatedTargets(settings)
        targets.watch(uris(10_000))
        targets.dead = Set(uris(10_000))
        targets.run(for: .seconds(95))
        #expect(targets.inFlightMax == 1_024)
        #expect(targets.probes.values.reduce(0) { $0 + $1.count } == 4 * 1_024)
    }

    @Test("a change of the directory keeps what is known, and forgets what is gone")
    func changes() {
        var targets = SimulatedTargets()
        targets.watch(uris(3))
        targets.dead = ["sip:1@192.0.2.1"]
        targets.run(for: .seconds(30))
        #expect(targets.schedule.counts == counts(up: 2, down: 1))
        targets.watch([
            "sip:1@192.0.2.1", "sip:2@192.0.2.1", "tel:+14155550100", "sip:new@192.0.2.1",
        ])
        #expect(targets.schedule.counts == counts(up: 1, down: 1, unknown: 1))
        targets.probes = [:]
        targets.run(for: .seconds(30))
        #expect(
            Set(targets.probes.keys) == ["sip:1@192.0.2.1", "sip:2@192.0.2.1", "sip:new@192.0.2.1"]
        )
        #expect(targets.schedule.counts == counts(up: 2, down: 1))
        targets.watch([])
        #expect(targets.schedule.counts == counts())
        #expect(targets.schedule.targets.isEmpty)
        targets.probes = [:]
        targets.run(for: .seconds(60))
        #expect(targets.probes.isEmpty)
    }

    @Test("a probe that ends after its target has gone says nothing of the one in its place")
    func stale() throws {
        var schedule = ProbeSchedule(settings: Configuration.Probes())
        var random = SeededRandom(seed: 7)
        let wall = WallTime(seconds: 0)
        func target(_ uri: String) -> ProbedTarget {
            ProbedTarget(uri: Array(uri.utf8), organization: "", agent: "")
        }
        schedule.watch(
            [target("sip:old@192.0.2.1")],
            at: Instant(nanoseconds: 0),
            wall: wall,
            random: &random
        )
        let later = Instant(nanoseconds: 5_000_000_000)
        let started = schedule.start(at: later)
        let ticket = try #require(started)
        schedule.watch([target("sip:new@192.0.2.1")], at: later, wall: wall, random: &random)
        #expect(schedule[ticket] == nil)
        let hasChanged = schedule.finish(
            ticket,
            .miss("no answer"),
            at: later,
            wall: wall,
            random: &random
        )
        #expect(!hasChanged)
        #expect(schedule.targets.map(\.probe.lastAnswer) == [""])
        #expect(schedule.counts == counts(unknown: 1))
    }

    @Test("silence at a SIP name without a port counts only once somebody has answered there")
    func assumed() {
        var targets = SimulatedTargets()
        let name = "sip:sales@agents.example.com"
        let certain = [
            "sip:sales@agents.example.com:5060", "https://agents.example.com", "sips:a@192.0.2.1",
        ]
        targets.watch([name] + certain)
        targets.dead = Set([name] + certain)
        targets.run(for: .seconds(60))
        #expect(targets.schedule.counts == counts(down: 3, unknown: 1))
        #expect(targets.schedule.targets.first?.probe.lastAnswer == "no answer")
        targets.dead = []
        targets.run(for: .seconds(20))
        #expect(targets.schedule.counts == counts(up: 4))
        targets.dead = [name]
        targets.run(for: .seconds(10))
        #expect(targets.schedule.counts == counts(up: 3, down: 1))
    }

    @Test("each miss turns to the next address of a name, an answer stays with the one it has")
    func turns() throws {
        var targets = SimulatedTargets()
        targets.watch(uris(1))
        targets.run(for: .seconds(10))
        #expect(targets.schedule.targets.map(\.turn) == [0])
        targets.dead = ["sip:0@192.0.2.1"]
        targets.run(for: .seconds(9))
        let turn = try #require(targets.schedule.targets.first).turn
        #expect(turn >= 3)
        targets.dead = []
        targets.run(for: .seconds(9))
        #expect(targets.schedule.targets.map(\.turn) == [turn])
    }

    private func counts(up: Int = 0, down: Int = 0, unknown: Int = 0) -> ProbeSchedule.Counts {
        var counts = ProbeSchedule.Counts()
        counts.up = up
        counts.down = down
        counts.unknown = unknown
        return counts
    }
}

private func + (left: Interval, right: Interval) -> Interval {
    Interval(nanoseconds: left.nanoseconds + right.nanoseconds)
}
