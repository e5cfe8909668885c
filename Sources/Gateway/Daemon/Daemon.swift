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
    private var loops: [LoopHandle] = []
    private var probe: SelfProbe
    private var publicURL = ""
    private var drainDeadline: Instant?
    /// Whether the service manager keeps our sockets, so that the next process goes on where we end.
    private var isSucceeded = false
    private var drainFloor = Instant.distantFuture
    private var exitCode: Int32 = 0

    /// What the daemon takes from its environment: secrets and the service manager, nothing else.
    package struct Environment: Sendable {
        package var notifySocket: String?
        package var watchdogInterval: String?
        package var credentialsDirectory: String?
        package var isUnderJournald: Bool
        package var passedSockets: String?
        package var passedTo: String?

        package init(_ variable: (String) -> String?) {
            notifySocket = variable("NOTIFY_SOCKET")
            watchdogInterval = variable("WATCHDOG_USEC")
            credentialsDirectory = variable("CREDENTIALS_DIRECTORY")
            isUnderJournald = variable("JOURNAL_STREAM") != nil
            passedSockets = variable("LISTEN_FDS")
            passedTo = variable("LISTEN_PID")
        }
    }

    private struct LoopHandle {
        var mailbox: Mailbox<LoopMessage>
        var lastReport: Instant
        var isIdle = true
        var hasEnded = false
    }

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
        log = Log(
            format: configuration.log.format ?? (environment.isUnderJournald ? .json : .logfmt),
            threshold: configuration.log.level
        )
        notifier = ServiceNotifier(
            socketPath: environment.notifySocket,
            watchdogInterval: environment.watchdogInterval
        )
        control = try Mailbox()
        try File.makeFolder(configuration.stateDirectory)
        directory = try DirectoryFollower(
            configuration,
            credentialsDirectory: environment.credentialsDirectory
        )
        try directory.load()
        let count = configuration.loops > 0 ? configuration.loops : ThisProcess.processorCount
        let rings = (0..<count).map { _ in RecordRing(capacity: Limits.recordRingBytes) }
        records = RecordThreads(configuration: configuration, rings: rings, log: log)
        let counters = (0..<count).map { _ in LoopCounters() }
        operations = Operations(counters: counters)
        probe = SelfProbe(callID: Array("probe-\(Hex.encode(Randomness.bytes(16).span))".utf8))
        try log.start()
        try records.start()
        try startLoops(rings: rings, counters: counters)
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
    private func startLoops(rings: [RecordRing], counters: [LoopCounters]) throws {
        let passed = try PassedSockets(
            count: environment.passedSockets,
            process: environment.passedTo,
            bufferBytes: Limits.datagramBufferBytes
        )
        isSucceeded = !passed.left.isEmpty
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
        let state = try directory.state(configuration, publicURL: publicURL)
        let transactionKey = Randomness.key()
        for index in rings.indices {
            let mailbox = try Mailbox<LoopMessage>()
            loops.append(LoopHandle(mailbox: mailbox, lastReport: Clock.now()))
            let seed = LoopSeed(
                index: index,
                state: state,
                sockets: sockets[index],
                ownListeners: listening.map(\.address),
                transactionKey: transactionKey,
                probeCallID: probe.callID,
                mailbox: mailbox,
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
        probe.aim(at: listening)
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
                case .ended: break
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

    private func publish(_ event: String) throws {
        let state = try directory.state(configuration, publicURL: publicURL)
        for loop in loops { loop.mailbox.send(.serve(state)) }
        log.info(event, [("numbers", .number(directory.directory.numbers.count))])
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
                adopt(new)
            }
            try directory.load()
            try publish("reloaded")
        } catch {
            log.error("the reload failed, and what ran goes on", [("error", .text("\(error)"))])
        }
    }

    private func adopt(_ new: Configuration) {
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
        if !new.publicURL.isEmpty { publicURL = new.publicURL }
        configuration = adopted
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
            log.error("the daemon's own sockets do not answer; the watchdog is not fed")
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
