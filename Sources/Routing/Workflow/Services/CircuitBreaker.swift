import Primitives

/// Leaves a host alone that fails again and again, and tries it with one request after a while.
///
///     closed ──failures──▶ open ──pause──▶ half open ──success──▶ closed
///                            ▲                 │
///                            └─────failure─────┘
package struct CircuitBreaker: Sendable {
    package private(set) var state = State.closed(failures: 0)
    /// How often it opened.
    package private(set) var openCount = 0
    /// Requests that it kept from being sent.
    package private(set) var refusedCount = 0
    private let failureCountMax: Int
    private let pause: Interval

    /// - Parameters:
    ///   - failureCountMax: failures in a row that open it.
    ///   - pause: how long it stays open.
    package init(failureCountMax: Int = 5, pause: Interval = .seconds(10)) {
        self.failureCountMax = max(failureCountMax, 1)
        self.pause = pause
    }

    package enum State: Hashable, Sendable {
        case closed(failures: Int)
        case open(until: Instant)
        /// One request is on its way; nothing else is sent before `until`, when it counts as lost.
        case halfOpen(until: Instant)
    }

    /// Whether a request may be sent now; a yes after a pause is the one probe.
    package mutating func admits(at now: Instant) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until), .halfOpen(let until):
            guard now >= until else {
                refusedCount &+= 1
                return false
            }
            state = .halfOpen(until: now + pause)
            return true
        }
    }

    package mutating func succeeded() {
        switch state {
        case .closed, .halfOpen: state = .closed(failures: 0)
        // The answer to a request that was sent before the host failed: it stays open.
        case .open: break
        }
    }

    package mutating func failed(at now: Instant) {
        switch state {
        case .closed(let failures):
            guard failures + 1 >= failureCountMax else {
                state = .closed(failures: failures + 1)
                return
            }
            open(at: now)
        case .halfOpen: open(at: now)
        case .open: break
        }
    }

    private mutating func open(at now: Instant) {
        openCount &+= 1
        state = .open(until: now + pause)
    }
}

/// A breaker for each host that HTTP steps ask: as many hosts as the operator allows, at most.
package struct CircuitBreakers: Sendable {
    private var breakers: [HTTPOrigin: CircuitBreaker] = [:]
    private let template: CircuitBreaker

    package init(_ template: CircuitBreaker = CircuitBreaker()) {
        self.template = template
    }

    package subscript(origin: HTTPOrigin) -> CircuitBreaker {
        get { breakers[origin] ?? template }
        set {
            // A wildcard can allow any number of hosts; those beyond the bound have no breaker.
            guard breakers[origin] != nil || breakers.count < Self.originCountMax else { return }
            breakers[origin] = newValue
        }
    }

    static let originCountMax = 1_000
}
