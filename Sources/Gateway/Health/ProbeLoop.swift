import Primitives
import Routing
import SIP
import Transport

/// The thread that probes: starts what is due, waits for answers, and tells what has changed.
///
/// Made inside its thread and never leaves it.
final class ProbeLoop {
    private let prober: TargetProber
    private let resolver = NameResolver()
    private let poller: Poller
    private var schedule = ProbeSchedule(settings: Configuration.Probes())
    private var transactionTimers = TransactionTimers()
    private var watched: [ProbedTarget] = []
    private var names = NameTable()
    private var attempts: [UInt64: ProbeAttempt] = [:]
    private var timers = TimerWheel()
    private var lastSerial: UInt64 = 0
    private var publisher: TargetPublisher
    private var message = SIPMessage()
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    private var random = KernelRandom()
    private var now = Clock.now()
    private var wall = Clock.wall()

    private static let mailboxToken: UInt64 = 0

    init(_ prober: TargetProber) throws(SystemError) {
        self.prober = prober
        poller = try Poller(capacity: Self.eventsMax)
        publisher = TargetPublisher(prober)
        try poller.add(prober.mailbox.descriptor, token: Self.mailboxToken)
    }

    deinit {
        room.deallocate()
    }

    func run() throws(SystemError) {
        while true {
            let count = try poller.wait(until: nextDeadline, now: Clock.now())
            now = Clock.now()
            wall = Clock.wall()
            for position in 0..<count { handle(poller[position]) }
            // Answers that wait to be read are read before anything is given up for lost.
            if count < Self.eventsMax { advance() }
            startProbes()
            prober.counters.set(schedule.counts)
            publisher.publish(schedule, at: now, wall: wall)
        }
    }

    private var nextDeadline: Instant? {
        let deadlines = [schedule.nextDeadline, timers.nextDeadline, publisher.nextDeadline]
        return deadlines.compactMap { $0 }.min()
    }

    private func handle(_ event: Poller.Event) {
        guard event.token != Self.mailboxToken else { return readMail() }
        guard let attempt = attempts[event.token] else { return }
        let interest = attempt.interest
        let finding = attempt.proceed(
            event.readiness,
            at: now,
            transactionTimers,
            message: &message,
            room: room
        )
        if let finding { return finish(event.token, attempt, finding) }
        if attempt.interest != interest {
            poller.change(
                attempt.socket.descriptor,
                token: event.token,
                interest: attempt.interest
            )
        }
    }

    private func readMail() {
        for message in prober.mailbox.takeAll() {
            switch message {
            case .watch(let targets):
                watched = targets
                watch()
            case .adopt(let configuration):
                let wasEnabled = schedule.settings.isEnabled
                schedule.adopt(configuration.probes)
                transactionTimers.t1 = configuration.sip.t1
                transactionTimers.t2 = configuration.sip.t2
                transactionTimers.t4 = configuration.sip.t4
                if wasEnabled != configuration.probes.isEnabled { watch() }
            case .resolved(let name, let answer): names.note(name, answer)
            }
        }
    }

    private func watch() {
        let targets = schedule.settings.isEnabled ? watched : []
        schedule.watch(targets, at: now, wall: wall, random: &random)
        let used = Set(schedule.targets.compactMap(\.destination.host.name))
        names.keep(only: used)
        resolve(used)
        publisher.adopt(schedule)
    }

    /// Asks for the addresses of the names that are not known.
    private func resolve(_ wanted: Set<String>) {
        for name in names.due(wanted, at: now) {
            resolver.resolve(name) { [mailbox = prober.mailbox] answer in
                mailbox.send(.resolved(name, answer))
            }
        }
    }

    private func startProbes() {
        while let ticket = schedule.start(at: now) {
            guard let row = schedule[ticket] else {
                finish(ticket, .nothing(""))
                continue
            }
            if let name = row.destination.host.name { resolve([name]) }
            switch names.address(of: row.destination.host, turn: row.turn) {
            case .missing(let text): finish(ticket, .nothing(text))
            case .address(let address): begin(ticket, row, at: address)
            }
        }
    }

    private func begin(
        _ ticket: ProbeSchedule.Ticket,
        _ row: ProbeSchedule.Row,
        at address: IPAddress
    ) {
        do throws(SystemError) {
            let attempt = try ProbeAttempt(
                ticket,
                row,
                at: address,
                timeout: schedule.settings.timeout,
                token: random.next(),
                now: now
            )
            if let finding = attempt.begin(at: now, transactionTimers) {
                return finish(ticket, finding)
            }
            lastSerial += 1
            try poller.add(
                attempt.socket.descriptor,
                token: lastSerial,
                interest: attempt.interest
            )
            attempts[lastSerial] = attempt
            attempt.timer = timers.schedule(at: attempt.nextDeadline, token: lastSerial)
        } catch {
            finish(ticket, ProbeAttempt.finding(error.code))
        }
    }

    private func advance() {
        while let serial = timers.popDue(at: now) {
            guard let attempt = attempts[serial] else { continue }
            if let finding = attempt.advance(to: now) {
                finish(serial, attempt, finding)
            } else {
                attempt.timer = timers.schedule(at: attempt.nextDeadline, token: serial)
            }
        }
    }

    private func finish(
        _ serial: UInt64,
        _ attempt: ProbeAttempt,
        _ finding: TargetProbe.Finding
    ) {
        timers.cancel(attempt.timer)
        attempts[serial] = nil
        finish(attempt.ticket, finding)
    }

    private func finish(_ ticket: ProbeSchedule.Ticket, _ finding: TargetProbe.Finding) {
        prober.counters.add(finding)
        let before = schedule[ticket]?.probe
        _ = schedule.finish(ticket, finding, at: now, wall: wall, random: &random)
        guard let before, let row = schedule[ticket] else { return }
        publisher.note(row, before: before)
    }

    /// As many as one system call brings.
    private static let eventsMax = 256
}

/// The kernel's generator, for jitter and for the words that name probes.
private struct KernelRandom: RandomNumberGenerator {
    mutating func next() -> UInt64 { Randomness.word() }
}
