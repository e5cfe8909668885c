import Primitives
import Routing
import Synchronization

/// What is known of the hosts that workflows ask, one breaker for each, shared by all loops.
///
/// A host that fails the calls of one organization is left alone for those of all. The lock is taken
/// before and after each request of an `http` step, and by whoever shows metrics.
package final class HostBreakers: Sendable {
    private let breakers: Mutex<CircuitBreakers>
    private let log: Log?

    package init(_ settings: Configuration.Workflow.CircuitBreaker, log: Log? = nil) {
        breakers = Mutex(Self.closed(settings))
        self.log = log
    }

    /// From now on these settings hold; what was known of the hosts is forgotten.
    func adopt(_ settings: Configuration.Workflow.CircuitBreaker) {
        breakers.withLock { $0 = Self.closed(settings) }
    }

    /// Whether a request may be sent now; a yes after a pause is the one that tries the host.
    func admits(_ origin: HTTPOrigin, at now: Instant) -> Bool {
        breakers.withLock { $0[origin].admits(at: now) }
    }

    func succeeded(_ origin: HTTPOrigin) {
        let wasTried = breakers.withLock { breakers in
            let wasClosed = breakers[origin].state.isClosed
            breakers[origin].succeeded()
            return !wasClosed && breakers[origin].state.isClosed
        }
        guard wasTried else { return }
        log?.info("a host of workflows answers again", [("host", .text(origin.text))])
    }

    func failed(_ origin: HTTPOrigin, at now: Instant) {
        let hasOpened = breakers.withLock { breakers in
            let before = breakers[origin]
            breakers[origin].failed(at: now)
            // One that was tried and failed again is no news.
            return before.state.isClosed && breakers[origin].openCount > before.openCount
        }
        guard hasOpened else { return }
        log?.warning(
            "a host of workflows fails and is left alone for a while",
            [("host", .text(origin.text))]
        )
    }

    /// Every host that was asked, in the order of their texts.
    package var all: [(origin: HTTPOrigin, breaker: CircuitBreaker)] {
        breakers.withLock { $0.all }
    }

    private static func closed(
        _ settings: Configuration.Workflow.CircuitBreaker
    ) -> CircuitBreakers {
        CircuitBreakers(
            CircuitBreaker(failureCountMax: settings.failures, pause: settings.pause)
        )
    }
}

extension HostBreakers {
    /// Metrics for each host: name, type, help and what they show of a breaker.
    static let metrics:
        [(name: StaticString, type: StaticString, help: StaticString, value: Show)] = [
            (
                "trunkline_workflow_host_state", "gauge",
                "0: requests are sent, 1: one tries the host, 2: the host is left alone.",
                { $0.state.number }
            ),
            (
                "trunkline_workflow_host_left_alone_total", "counter",
                "How often the host failed so often in a row that it was left alone.",
                { $0.openCount }
            ),
            (
                "trunkline_workflow_host_requests_refused_total", "counter",
                "Requests not sent because the host was left alone.",
                { $0.refusedCount }
            ),
        ]

    typealias Show = @Sendable (CircuitBreaker) -> Int
}

extension CircuitBreaker.State {
    fileprivate var isClosed: Bool { number == 0 }

    fileprivate var number: Int {
        switch self {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }
}
