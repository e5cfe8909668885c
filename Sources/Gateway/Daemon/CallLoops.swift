import Glibc
import Primitives
import Transport

/// The event loops as the first thread sees them: how each of them is, and what all of them are told.
struct CallLoops {
    private var rows: [Row]

    private struct Row {
        let mailbox: Mailbox<LoopMessage>
        var lastReport: Instant
        var isIdle = true
        var hasEnded = false
    }

    /// None yet.
    init() {
        rows = []
    }

    /// Starts a loop of each seed on a thread of its own, and waits until all of them go round.
    init(starting seeds: [LoopSeed], reportingTo control: Mailbox<ControlMessage>) throws {
        rows = seeds.map { Row(mailbox: $0.exchange.mailbox, lastReport: Clock.now()) }
        for seed in seeds {
            try Threads.start("loop-\(seed.index)") {
                do {
                    try CallLoop(seed).run()
                } catch {
                    seed.log.error("an event loop cannot start", [("error", .text("\(error)"))])
                    seed.control.send(.failed(loop: seed.index))
                }
            }
        }
        try awaitReports(from: control)
    }

    private func awaitReports(from control: Mailbox<ControlMessage>) throws {
        var silent = Set(rows.indices)
        send(.report)
        let deadline = Clock.now() + .seconds(10)
        while !silent.isEmpty {
            guard Clock.now() < deadline else { throw StartError("an event loop does not start") }
            for message in control.takeAll() {
                switch message {
                case .report(let loop, _): silent.remove(loop)
                case .failed: throw StartError("an event loop cannot start; the log says why")
                case .ended, .targetsDown: break
                }
            }
            usleep(1_000)
        }
    }

    var count: Int { rows.count }
    /// Whether no call waits for its ACK or its workflow, as far as the loops have said.
    var areIdle: Bool { rows.allSatisfy(\.isIdle) }
    var haveEnded: Bool { rows.allSatisfy(\.hasEnded) }

    /// Whether every loop has said lately that it goes round.
    func goRound(at now: Instant) -> Bool {
        rows.allSatisfy { now - $0.lastReport < Limits.loopStall }
    }

    func send(_ message: LoopMessage) {
        for row in rows { row.mailbox.send(message) }
    }

    /// New calls go elsewhere from now on; a loop is idle again when it says so.
    mutating func drain() {
        for index in rows.indices { rows[index].isIdle = false }
        send(.drain)
        send(.report)
    }

    mutating func note(reportOf loop: Int, isIdle: Bool, at now: Instant) {
        rows[loop].lastReport = now
        rows[loop].isIdle = isIdle
    }

    mutating func note(endOf loop: Int) {
        rows[loop].hasEnded = true
    }
}
