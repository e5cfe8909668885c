import CLinux
import Glibc

/// The signals that steer the daemon, as readable events instead of interruptions.
///
/// Create it on the first thread before any other starts: the mask is inherited.
package final class SignalMonitor {
    package let descriptor: Int32

    package init() throws(SystemError) {
        descriptor = try check(clinux_signalfd_create(), "take over signals")
    }

    deinit {
        close(descriptor)
    }

    /// What a signal asks of the daemon.
    package enum Signal: Sendable {
        /// SIGTERM or SIGINT: drain and end.
        case terminate
        /// SIGHUP: read configuration and directory again.
        case reload
        /// SIGUSR1: start a new call log.
        case rotate
    }

    /// The next signal, or nil when none waits.
    package func next() -> Signal? {
        while true {
            switch clinux_signalfd_read(descriptor) {
            case 0: return nil
            case SIGTERM, SIGINT: return .terminate
            case SIGHUP: return .reload
            case SIGUSR1: return .rotate
            default: continue
            }
        }
    }
}
