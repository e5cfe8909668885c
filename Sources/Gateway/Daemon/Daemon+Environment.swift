extension Daemon {
    /// What the daemon takes from its environment: secrets and the service manager, nothing else.
    package struct Environment: Sendable {
        package var notifySocket: String?
        package var watchdogInterval: String?
        package var credentialsDirectory: String?
        package var isUnderJournald: Bool

        package init(_ variable: (String) -> String?) {
            notifySocket = variable("NOTIFY_SOCKET")
            watchdogInterval = variable("WATCHDOG_USEC")
            credentialsDirectory = variable("CREDENTIALS_DIRECTORY")
            isUnderJournald = variable("JOURNAL_STREAM") != nil
        }
    }
}
