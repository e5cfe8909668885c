import Authentication
import Glibc
import Primitives
import Routing
import SIP
import Synchronization
import Transport

/// The long-running process: starts in order, goes round until it is told to end, and ends in order.
///
/// All of it runs on the first thread; calls are served by the loops.
package final class Daemon {
    private var configuration: Configuration
    private let configurationFile: String?
    private let environment: Environment
    private let log: Log
    private let notifier: ServiceNotifier
    private let signals: SignalMonitor
    private let control: Mailbox<ControlMessage>
    private let directory: DirectoryFollower
    private let records: RecordThreads
    private let operations: Operations
    private let prober: TargetProber
    /// What the loops serve.
    private var state: ServingState?
    private var loops: [LoopHandle] = []
    private var probe: SelfProbe
    private var publicURL = ""
    /// Asks the hosts of workflows.
    private var steps: HTTPStepClient
    private var drainDeadline: Instant?
    /// Whether the service manager keeps our sockets, so that the next process goes on where we end.
    private var isSucceeded = false
    private var drainFloor = Instant.distantFuture
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
        ThisProcess.raiseDescriptorLimit()
        let passed = try PassedSockets(
            count: environment.passedSockets,
            process: environment.passedTo,
            bufferBytes: Limits.datagramBufferBytes
        )
        isSucceeded = !passed.left.isEmpty
        let count = LoopSeed.count(configuration, passed)
        log = Log(
            format: configuration.log.format ?? (environment.isUnderJournald ? .json : .logfmt),
            threshold: configuration.log.level,
            loops: count
        )
        notifier = ServiceNotifier(
            socketPath: environment.notifySocket,
            watchdogInterval: environment.watchdogInterval
        )
        control = try Mailbox()
        steps = try HTTPStepClient(configuration.workflow)
        try File.makeFolder(configuration.stateDirectory)
        directory = try DirectoryFollower(
            configuration,
            credentialsDirectory: environment.credentialsDirectory
        )
        try directory.load()
        let rings = (0..<count).map { _ in LineRing(capacity: Limits.recordRingBytes) }
        let figures = CallIndexFigures()
        records = RecordThreads(
            configuration: configuration,
            rings: rings,
            log: log,
            figures: figures,
            keyUses: directory.keyUses
        )
        let counters = (0..<count).map { _ in LoopCounters() }
        prober = try TargetProber(configuration, log: log) { [control] down in
            control.send(.targetsDown(down))
        }
        operations = Operations(counters: counters, index: figures, probes: prober.counters)
        probe = SelfProbe(
            callID: Array("probe-\(Hex.encode(Randomness.bytes(16).span))".utf8),
            counters: counters
        )
        try log.start()
        try records.start()
        try startLoops(on: passed, rings: rings, counters: counters)
        try prober.start()
        prober.watch(directory.directory.probedTargets)
    }

    /// The addresses that are really listened on, in the order of the configuration.
    package private(set) var listening: [(listener: Configuration.Listener, address: IPEndpoint)] =
        []

    /// Serves until a signal ends it; returns the exit code.
    package func run() -> Int32 {
        operations.enter(.ready)
        notifier.send(.ready)
        log.info(
            "serving",
            [
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
    private func startLoops(
        on passed: PassedSockets,
        rings: [LineRing],
        counters: [LoopCounters]
    ) throws {
        let sockets = try LoopSeed.bind(configuration.listeners, passed, loops: rings.count)
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
        warnOfDirectory()
        let state = try currentState()
        self.state = state
        let transactionKey = Randomness.key()
        let mailboxes = try rings.map { _ in try Mailbox<LoopMessage>() }
        let waiting = WaitingCalls()
        for (index, mailbox) in mailboxes.enumerated() {
            loops.append(LoopHandle(mailbox: mailbox, lastReport: Clock.now()))
            let seed = LoopSeed(
                index: index,
                state: state,
                sockets: sockets[index],
                ownListeners: listening.filter { $0.listener.transport == .sipUDP }.map(\.address),
                transactionKey: transactionKey,
                probeCallID: probe.callID,
                exchange: LoopExchange(own: index, mailboxes: mailboxes, waiting: waiting),
                control: control,
                ring: rings[index],
                counters: counters[index],
                operations: operations,
                log: log
            )
            try Threads.start("loop-\(index)") { [log, control] in
                do {
                    try CallLoop(seed).run()
                } catch {
                    log.error("an event loop cannot start", [("error", .text("\(error)"))])
                    control.send(.failed(loop: index))
                }
            }
        }
        for (listener, address) in listening { probe.aim(at: listener, on: address) }
        try awaitLoops()
    }

    /// READY is told only when every loop goes round.
    private func awaitLoops() throws {
        var waiting = Set(loops.indices)
        for loop in loops { loop.mailbox.send(.report) }
        let deadline = Clock.now() + .seconds(10)
        while !waiting.isEmpty {
            guard Clock.now() < deadline else { throw StartError("an event loop does not start") }
            for message in control.takeAll() {
                switch message {
                case .report(let loop, _): waiting.remove(loop)
                case .failed: throw StartError("an event loop cannot start; the log says why")
                case .ended, .targetsDown: break
                }
            }
            usleep(1_000)
        }
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
        var nextFeed = Clock.now()
        while true {
            let now = Clock.now()
            if let drainDeadline, now >= drainDeadline || (now >= drainFloor && isDrained) {
                return
            }
            if now >= nextPoll {
                nextPoll = now + Limits.directoryPoll
                followDirectory()
                for loop in loops { loop.mailbox.send(.report) }
            }
            if now >= nextFeed {
                nextFeed = now + .microseconds(notifier.watchdogMicroseconds ?? 5_000_000)
                feedWatchdog()
            }
            let wake = min(
                nextPoll,
                nextFeed,
                drainDeadline.map { _ in now + .milliseconds(20) } ?? nextPoll
            )
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
            guard drainDeadline == nil else {
                log.warning("ending at once, because a second signal came")
                return false
            }
            // What comes from now on waits in sockets that stay open; turning it away would lose it.
            if isSucceeded {
                notifier.send(.stopping)
                log.info("handing over to the next process")
                return false
            }
            drain()
        case .reload: reload()
        case .rotate: records.rotate()
        }
        return true
    }

    private func readControl() -> Bool {
        for message in control.takeAll() {
            switch message {
            case .report(let loop, let isIdle):
                loops[loop].lastReport = Clock.now()
                loops[loop].isIdle = isIdle
            case .ended(let loop): loops[loop].hasEnded = true
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
            if try directory.follow() { try publish("the directory has changed") }
        } catch {
            // Calls go on with the last good directory.
            log.error("the directory cannot be read", [("error", .text("\(error)"))])
        }
    }

    /// Targets went down or came back: calls heed it from now on.
    private func serve(down: Set<[UInt8]>) {
        directory.note(down: down)
        guard let new = state.map({ ServingState($0, down: down) }) else { return }
        state = new
        for loop in loops { loop.mailbox.send(.serve(new)) }
    }

    private func publish(_ event: String) throws {
        warnOfDirectory()
        let state = try currentState()
        self.state = state
        prober.watch(directory.directory.probedTargets)
        for loop in loops { loop.mailbox.send(.serve(state)) }
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

    /// SIGHUP: configuration and directory are read again; if either is bad, what runs goes on.
    private func reload() {
        notifier.send(.reloading(monotonicMicroseconds: Clock.now().nanoseconds / 1_000))
        defer { notifier.send(.ready) }
        do {
            if let configurationFile {
                let problems = Problems(file: configurationFile)
                let bytes = try File.read(configurationFile)
                guard let new = Configuration.read(bytes, problems: problems) else {
                    for line in problems.lines {
                        log.error("the configuration is not used", [("problem", .text(line))])
                    }
                    return
                }
                try adopt(new)
            }
            try directory.load()
            try publish("reloaded")
        } catch {
            log.error("the reload failed, and what ran goes on", [("error", .text("\(error)"))])
        }
    }

    private func adopt(_ new: Configuration) throws {
        let isSameShape =
            new.listeners == configuration.listeners && new.loops == configuration.loops
            && new.stateDirectory == configuration.stateDirectory
            && new.store == configuration.store
            && new.records == configuration.records
        if !isSameShape {
            log.warning(
                "listeners, loops, records, store and state_directory change with a restart only"
            )
        }
        var adopted = new
        adopted.listeners = configuration.listeners
        adopted.loops = configuration.loops
        adopted.stateDirectory = configuration.stateDirectory
        adopted.store = configuration.store
        adopted.records = configuration.records
        if new.workflow != configuration.workflow { steps = try HTTPStepClient(new.workflow) }
        if !new.publicURL.isEmpty { publicURL = new.publicURL }
        configuration = adopted
        prober.adopt(adopted)
    }

    /// The watchdog is fed only while every loop goes round and our own sockets answer.
    private func feedWatchdog() {
        let now = Clock.now()
        guard loops.allSatisfy({ now - $0.lastReport < Limits.loopStall }) else {
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
    private func drain() {
        let now = Clock.now()
        drainDeadline = now + configuration.drain.timeout
        // Long enough for carriers' next OPTIONS or INVITE to see that they have to go elsewhere.
        drainFloor = now + min(.milliseconds(500), configuration.drain.timeout)
        operations.enter(.draining)
        notifier.send(.stopping)
        log.info(
            "draining",
            [("seconds", .number(Int(configuration.drain.timeout.nanoseconds / 1_000_000_000)))]
        )
        for loop in loops.indices {
            loops[loop].isIdle = false
            loops[loop].mailbox.send(.drain)
            loops[loop].mailbox.send(.report)
        }
    }

    private var isDrained: Bool {
        if loops.allSatisfy(\.isIdle) { return true }
        for loop in loops { loop.mailbox.send(.report) }
        return false
    }

    private func end() {
        for loop in loops { loop.mailbox.send(.end) }
        let deadline = Clock.now() + .seconds(1)
        while !loops.allSatisfy(\.hasEnded), Clock.now() < deadline {
            _ = readControl()
            usleep(1_000)
        }
        records.finish()
        log.info("ended")
        log.flush()
    }
}
