import CLinux

/// Tells the service manager how the daemon is doing (sd_notify(3)), if one asked to be told.
package struct ServiceNotifier: Sendable {
    private let path: String?
    /// Half the interval after which the manager gives the daemon up, microseconds; nil: no watchdog.
    package let watchdogMicroseconds: Int64?

    /// Takes the values of `NOTIFY_SOCKET` and `WATCHDOG_USEC`.
    package init(socketPath: String?, watchdogInterval: String?) {
        path = socketPath?.isEmpty == false ? socketPath : nil
        watchdogMicroseconds = watchdogInterval.flatMap { Int64($0) }.flatMap {
            $0 > 0 ? max($0 / 2, 1_000) : nil
        }
    }

    package enum State: Sendable {
        case ready
        case reloading(monotonicMicroseconds: Int64)
        case stopping
        case watchdog
    }

    /// Tells the service manager, if there is one.
    package func send(_ state: State) {
        guard let path else { return }
        let text =
            switch state {
            case .ready: "READY=1"
            case .reloading(let now): "RELOADING=1\nMONOTONIC_USEC=\(now)"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            }
        _ = clinux_notify(path, text)
    }
}
