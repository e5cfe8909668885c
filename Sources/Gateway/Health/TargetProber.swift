import Primitives
import Routing
import SIP
import Transport

/// Probes targets on a thread of its own, and tells who serves calls which of them are down.
final class TargetProber: Sendable {
    let counters = ProbeCounters()
    let mailbox: Mailbox<Message>
    let log: Log
    /// Where what is known stands for people.
    let statesPath: String
    /// Told on the probing thread: all targets that are down from now on.
    let report: @Sendable (Set<[UInt8]>) -> Void

    enum Message: Sendable {
        case watch([ProbedTarget])
        case adopt(Configuration)
        case resolved(String, HostNames.Answer)
    }

    init(
        _ configuration: Configuration,
        log: Log,
        report: @escaping @Sendable (Set<[UInt8]>) -> Void
    ) throws(SystemError) {
        mailbox = try Mailbox()
        self.log = log
        statesPath = configuration.path(TargetStates.fileName)
        self.report = report
        adopt(configuration)
    }

    /// Starts the thread; it lives as long as the process.
    func start() throws(SystemError) {
        try Threads.start("probes") { [self] in
            do {
                try ProbeLoop(self).run()
            } catch {
                // Calls go on; what was known last of each target stays as it is.
                log.error("targets are no longer probed", [("error", .text("\(error)"))])
            }
        }
    }

    /// These are the targets from now on.
    func watch(_ targets: [ProbedTarget]) {
        mailbox.send(.watch(targets))
    }

    /// From now on this configuration holds.
    func adopt(_ configuration: Configuration) {
        mailbox.send(.adopt(configuration))
    }
}
