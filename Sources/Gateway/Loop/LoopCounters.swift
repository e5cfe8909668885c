import Routing

/// What one loop counts: written by the loop alone, read by whoever shows metrics.
package final class LoopCounters: Sendable {
    private let counts = Counter.allCases.map { _ in LoopCount() }
    /// By the raw value of the door.
    private let calls = IncomingCall.Door.allCases.map { _ in DoorCounters() }

    package init() {}

    /// The totals since the start, in the order in which metrics list them.
    package enum Counter: Int, CaseIterable {
        case datagramsReceived, datagramsSent, datagramsDropped, notSIP, strangers
        case requestsRefused, retransmissions, statelessAnswers, answersUnsent
        case sipConnections, httpConnections, connectionsRefused
        case webhooks, webhooksForged, recordsLost
        case transactionsLive, transactionsConfirmed, transactionTimers
        case workflowRuns, workflowFailures, workflowRequests, workflowRequestsRefused
        case workflowRunsWaiting
        case selfProbesAnswered

        var isGauge: Bool {
            switch self {
            case .sipConnections, .httpConnections, .transactionsLive, .transactionsConfirmed,
                .transactionTimers, .workflowRunsWaiting:
                true
            default: false
            }
        }
    }

    package func add(_ counter: Counter, _ amount: Int = 1) {
        counts[counter.rawValue].add(amount)
    }

    func set(_ counter: Counter, _ amount: Int) {
        counts[counter.rawValue].set(amount)
    }

    package subscript(counter: Counter) -> Int {
        counts[counter.rawValue].value
    }

    subscript(door: IncomingCall.Door) -> DoorCounters {
        calls[Int(door.rawValue)]
    }
}
