import Primitives
import Transport

extension Daemon {
    /// SIGHUP: configuration and directory are read again; if either is bad, what runs goes on.
    func reload() {
        notifier.send(.reloading(monotonicMicroseconds: Clock.now().nanoseconds / 1_000))
        defer { notifier.send(.ready) }
        do {
            let new = try readConfiguration()
            try directory.load()
            if let new { try adopt(new) } else { try publish("reloaded") }
        } catch let error as FileError {
            for line in error.lines {
                log.error("the configuration is not used", [("problem", .text(line))])
            }
        } catch {
            log.error("the reload failed, and what ran goes on", [("error", .text("\(error)"))])
        }
    }

    /// Nil where the daemon was started without a file.
    private func readConfiguration() throws -> Configuration? {
        guard let configurationFile else { return nil }
        let problems = Problems(file: configurationFile)
        let bytes = try File.read(configurationFile)
        guard let new = Configuration.read(bytes, problems: problems) else {
            throw FileError(problems)
        }
        return new
    }

    /// Serves the directory by the new configuration, or goes on with the old one.
    private func adopt(_ new: Configuration) throws {
        var adopted = new
        let waiting = StartKey.all.filter { $0.keep(&adopted, configuration) }.map(\.name)
        let hasNewSteps = new.workflow != configuration.workflow
        let newSteps = hasNewSteps ? try HTTPStepClient(new.workflow) : steps
        let running = (configuration, publicURL, steps)
        (configuration, steps) = (adopted, newSteps)
        if !new.publicURL.isEmpty { publicURL = new.publicURL }
        do {
            try publish("reloaded")
        } catch {
            (configuration, publicURL, steps) = running
            throw error
        }
        if hasNewSteps { breakers.adopt(new.workflow.circuitBreaker) }
        prober.adopt(adopted)
        guard !waiting.isEmpty else { return }
        log.warning(
            "changed keys that are read at the start only: restart to use them",
            [("keys", .text(waiting.joined(separator: " ")))]
        )
    }
}

/// A key that the daemon reads at its start only: sockets, files, tables and timers are made of it.
private struct StartKey {
    let name: String
    /// Sets the key back to what runs; true when it was another value.
    let keep: (_ new: inout Configuration, _ running: Configuration) -> Bool

    private init<Value: Equatable>(_ name: String, _ key: WritableKeyPath<Configuration, Value>) {
        self.name = name
        keep = { new, running in
            guard new[keyPath: key] != running[keyPath: key] else { return false }
            new[keyPath: key] = running[keyPath: key]
            return true
        }
    }

    static var all: [StartKey] {
        [
            StartKey("state_directory", \.stateDirectory), StartKey("listeners", \.listeners),
            StartKey("loops", \.loops), StartKey("key_file", \.keyFile),
            StartKey("store.url", \.store.url), StartKey("sip.t1", \.sip.t1),
            StartKey("sip.t2", \.sip.t2), StartKey("sip.t4", \.sip.t4),
            StartKey("sip.stream_idle", \.sip.streamIdle),
            StartKey("sip.connections_per_address", \.sip.connectionsPerAddress),
            StartKey("sip.open_transactions", \.sip.openTransactions),
            StartKey("http.connections_per_address", \.http.connectionsPerAddress),
            StartKey("http.head_timeout", \.http.headTimeout),
            StartKey("http.body_timeout", \.http.bodyTimeout),
            StartKey("http.idle_timeout", \.http.idleTimeout),
            StartKey("records.directory", \.records.directory),
            StartKey("records.sync", \.records.sync),
            StartKey("records.rotate_bytes", \.records.rotateBytes),
            StartKey("records.keep_files", \.records.keepFiles),
            StartKey("log.level", \.log.level), StartKey("log.format", \.log.format),
        ]
    }
}
