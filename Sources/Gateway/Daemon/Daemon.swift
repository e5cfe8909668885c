import Glibc
import Primitives
import Routing
import Transport

/// The long-running process: starts in order, goes round until it is told to end, and ends in order.
///
/// All of it runs on the first thread; calls are served by the loops.
package final class Daemon {
    var configuration: Configuration
    let configurationFile: String?
    private let environment: Environment
    let log: Log
    let notifier: ServiceNotifier
    private let signals: SignalMonitor
    private let control: Mailbox<ControlMessage>
    let directory: DirectoryFollower
    private let records: RecordThreads
    private let operations: Operations
    let prober: TargetProber
    let breakers: HostBreakers
    /// What the loops serve.
    private var state: ServingState?
    private var loops = CallLoops()
    private var probe: SelfProbe
    var publicURL = ""
    /// Asks the hosts of workflows.
    var steps: HTTPStepClient
    private var drain: Drain?
    private var directoryComplaints = RateLimit(interval: .seconds(10))
    /// Whether the service manager keeps our sockets, so that the next process goes on where we end.
    private var isSucceeded = false
    private var exitCode: Int32 = 0

    /// Prepares everything that can fail before a call could be taken.
    package init(
        configuration: Configuration,
        configurationFile: String?,
        environment: Environment
    ) throws {
        self.configuration = configuration
        self.configurationFile = configurationFile
        self.environment = environment
        // Before any other thread starts, because the mask of signals is inherited.
        signals = try SignalMonitor()
        ThisProcess.dieSilently()
        ThisProcess.giveMemoryBack()
        ThisProcess.raiseDescriptorLimit()
        let passed = try environment.sockets()
        isSucceeded = !passed.left.isEmpty
        let counters = (0..<LoopSeed.count(configuration, passed)).map { _ in LoopCounters() }
        log = environment.log(configuration.log, loops: counters.count)
        notifier = environment.notifier()
        control = try Mailbox()
        steps = try HTTPStepClient(configuration.workflow)
        try File.makeFolder(configuration.stateDirectory)
        directory = try DirectoryFollower(
            configuration,
            credentialsDirectory: environment.credentialsDirectory
        )
        try directory.load()
        records = RecordThreads(
            configuration: configuration,
            loops: counters.count,
            log: log,
            keyUses: directory.keyUses
        )
        prober = try TargetProber(configuration, log: log) { [control] down in
            control.send(.targetsDown(down))
        }
        breakers = HostBreakers(configuration.workflow.circuitBreaker, log: log)
        operations = Operations(
            counters: counters,
            records: records.figures,
            probes: prober.counters,
            targets: prober.states,
            breakers: breakers
        )
        probe = SelfProbe(
            callID: Array("probe-\(Hex.encode(Randomness.bytes(16).span))".utf8),
            counters: counters
        )
        try start(on: passed, counters)
    }

    /// The addresses that are really listened on, in the order of the configuration.
    private(set) var listening: [(listener: Configuration.Listener, address: IPEndpoint)] =
        []

    /// Serves until a signal ends it; returns the exit code.
    package func run() -> Int32 {
        operations.enter(.ready)
        notifier.send(.ready)
        log.info(
            "serving",
            [
                ("version", .text(Version.number)),
                ("numbers", .number(directory.directory.numbers.count)),
                ("loops", .number(loops.count)), ("public_url", .text(publicURL)),
            ]
        )
        do {
            try goRound()
        } catch {
            log.error("the daemon failed", [("error", .text("\(error)"))])
            exitCode = 1
        }
        end()
        return exitCode
    }
}

/// Starting.
extension Daemon {
    private func start(on passed: PassedSockets, _ counters: [LoopCounters]) throws {
        try log.start()
        try records.start()
        try startLoops(on: passed, counters)
        try prober.start()
        prober.watch(directory.directory.probedTargets)
    }

    private func startLoops(on passed: PassedSockets, _ counters: [LoopCounters]) throws {
        let sockets = try listen(on: passed, loops: counters.count)
        warnOfDirectory()
        let state = try currentState()
        self.state = state
        directory.notePublished()
        let mailboxes = try counters.map { _ in try Mailbox<LoopMessage>() }
        let transactionKey = Randomness.key()
        let waiting = WaitingCalls()
        let contexts = CallContexts()
        let seeds = mailboxes.indices.map { index in
            LoopSeed(
                index: index,
                state: state,
                sockets: sockets[index],
                ownListeners: listening.filter { $0.listener.transport == .sipUDP }.map(\.address),
                transactionKey: transactionKey,
                probeCallID: probe.callID,
                exchange: LoopExchange(
                    own: index,
                    mailboxes: mailboxes,
                    waiting: waiting,
                    breakers: breakers,
                    contexts: contexts
                ),
                control: control,
                ring: records.rings[index],
                counters: counters[index],
                operations: operations,
                log: log
            )
        }
        for (listener, address) in listening { probe.aim(at: listener, on: address) }
        loops = try CallLoops(starting: seeds, reportingTo: control)
    }

    /// The sockets of each loop; from now on it is known where the gateway can be reached.
    private func listen(
        on passed: PassedSockets,
        loops count: Int
    ) throws -> [[LoopSeed.ListeningSocket]] {
        let sockets = try LoopSeed.bind(configuration.listeners, passed, loops: count)
        listening = sockets[0].map { ($0.configuration, $0.socket.local) }
        for (listener, address) in listening {
            log.info(
                "listening",
                [
                    ("protocol", .text(listener.transport.rawValue)),
                    ("address", .text("\(address)")),
                ]
            )
        }
        publicURL = configuration.publicURL
        if publicURL.isEmpty {
            let first = listening.first { $0.listener.transport == .http }?.address
            publicURL = "http://\(first.map { "\($0)" } ?? "127.0.0.1")"
        }
        return sockets
    }
}

/// Going round: signals, the directory, the watchdog.
extension Daemon {
    private enum Token {
        static let signals: UInt64 = 1
        static let control: UInt64 = 2
    }

    private func goRound() throws {
        let poller = try Poller()
        try poller.add(signals.descriptor, token: Token.signals)
        try poller.add(control.descriptor, token: Token.control)
        var nextPoll = Clock.now() + Limits.directoryPoll
        var nextReport = Clock.now()
        var nextFeed = Clock.now()
        while true {
            let now = Clock.now()
            if let drain, drain.isOver(at: now, isIdle: loops.areIdle) { return }
            if now >= nextPoll {
                nextPoll = now + Limits.directoryPoll
                followDirectory()
            }
            if now >= nextReport {
                nextReport = now + (drain == nil ? Limits.directoryPoll : Drain.lookGap)
                loops.send(.report)
            }
            if now >= nextFeed {
                nextFeed = now + .microseconds(notifier.watchdogMicroseconds ?? 5_000_000)
                feedWatchdog()
            }
            let wake = min(nextPoll, nextFeed, drain == nil ? nextReport : now + Drain.lookGap)
            let count = try poller.wait(until: wake, now: Clock.now())
            for position in 0..<count where poller[position].token == Token.control {
                guard readControl() else { return }
            }
            while let signal = signals.next() {
                guard handle(signal) else { return }
            }
        }
    }

    /// False: the daemon has to end.
    private func handle(_ signal: SignalMonitor.Signal) -> Bool {
        switch signal {
        case .terminate:
            guard drain == nil else {
                log.warning("ending at once, because a second signal came")
                return false
            }
            // What comes from now on waits in sockets that stay open; turning it away would lose it.
            if isSucceeded {
                notifier.send(.stopping)
                log.info("handing over to the next process")
                return false
            }
            startDraining()
        case .reload: reload()
        case .rotate: records.rotate()
        }
        return true
    }

    private func readControl() -> Bool {
        for message in control.takeAll() {
            switch message {
            case .report(let loop, let isIdle):
                loops.note(reportOf: loop, isIdle: isIdle, at: Clock.now())
            case .ended(let loop): loops.note(endOf: loop)
            case .targetsDown(let down): serve(down: down)
            case .failed:
                exitCode = 1
                return false
            }
        }
        return true
    }

    private func followDirectory() {
        do {
            try directory.follow()
        } catch {
            // Calls go on with the last good directory.
            complainOfDirectory("the directory cannot be read", error)
        }
        guard directory.hasNews else { return }
        do {
            try publish("the directory has changed")
        } catch {
            complainOfDirectory("the directory cannot be served", error)
        }
    }

    private func complainOfDirectory(_ event: String, _ error: any Error) {
        guard directoryComplaints.pass(at: Clock.now()) != nil else { return }
        log.error(event, [("error", .text("\(error)"))])
    }

    /// Targets went down or came back: calls heed it from now on.
    private func serve(down: Set<[UInt8]>) {
        directory.note(down: down)
        guard let new = state.map({ ServingState($0, down: down) }) else { return }
        state = new
        loops.send(.serve(new))
    }

    func publish(_ event: String) throws {
        warnOfDirectory()
        let state = try currentState()
        self.state = state
        prober.watch(directory.directory.probedTargets)
        loops.send(.serve(state))
        directory.notePublished()
        log.info(event, [("numbers", .number(directory.directory.numbers.count))])
    }

    private func currentState() throws -> ServingState {
        try directory.state(configuration, publicURL: publicURL) { [steps] in
            steps.send($0, timeout: $1, deliver: $2)
        }
    }

    private func warnOfDirectory() {
        for warning in directory.takeWarnings() {
            log.warning("the directory is used as far as it goes", [("problem", .text(warning))])
        }
    }

    /// The watchdog is fed only while every loop goes round and our own sockets answer.
    private func feedWatchdog() {
        guard loops.goRound(at: Clock.now()) else {
            log.error("an event loop does not go round; the watchdog is not fed")
            return
        }
        guard notifier.watchdogMicroseconds != nil else { return }
        guard probe.isAnswered() else {
            log.error("a loop does not answer at its own sockets; the watchdog is not fed")
            return
        }
        notifier.send(.watchdog)
    }
}

/// Ending.
extension Daemon {
    private func startDraining() {
        drain = Drain(timeout: configuration.drain.timeout, from: Clock.now())
        operations.enter(.draining)
        notifier.send(.stopping)
        log.info(
            "draining",
            [("seconds", .number(Int(configuration.drain.timeout.nanoseconds / 1_000_000_000)))]
        )
        loops.drain()
    }

    private func end() {
        loops.send(.end)
        let deadline = Clock.now() + .seconds(1)
        while !loops.haveEnded, Clock.now() < deadline {
            _ = readControl()
            usleep(1_000)
        }
        records.finish()
        log.info("ended")
        log.flush()
    }
}
