import Transport

extension Daemon {
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

        /// The sockets that the service manager holds for us.
        func sockets() throws -> PassedSockets {
            try PassedSockets(
                count: passedSockets,
                process: passedTo,
                bufferBytes: Limits.datagramBufferBytes
            )
        }

        func notifier() -> ServiceNotifier {
            ServiceNotifier(socketPath: notifySocket, watchdogInterval: watchdogInterval)
        }

        /// The log for so many loops; what reads it says how it is written, unless the configuration does.
        func log(_ settings: Configuration.Logging, loops: Int) -> Log {
            Log(
                format: settings.format ?? (isUnderJournald ? .json : .logfmt),
                threshold: settings.level,
                loops: loops
            )
        }
    }
}
