import Primitives
import Transport

extension Daemon {
    /// SIGHUP: configuration and directory are read again; if either is bad, what runs goes on.
    func reload() {
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
        let adopted = new.keepingWhatStays(of: configuration)
        if adopted != new {
            log.warning(
                "listeners, loops, records, store and state_directory change with a restart only"
            )
        }
        if new.workflow != configuration.workflow { steps = try HTTPStepClient(new.workflow) }
        if !new.publicURL.isEmpty { publicURL = new.publicURL }
        configuration = adopted
        prober.adopt(adopted)
    }
}

extension Configuration {
    /// This configuration, but with what only a restart changes as `running` has it.
    fileprivate func keepingWhatStays(of running: Configuration) -> Configuration {
        var kept = self
        kept.listeners = running.listeners
        kept.loops = running.loops
        kept.stateDirectory = running.stateDirectory
        kept.store = running.store
        kept.records = running.records
        return kept
    }
}
