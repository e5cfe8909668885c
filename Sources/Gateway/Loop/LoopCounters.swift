import Synchronization

/// What one loop counts: written by the loop alone, read by whoever shows metrics.
///
/// A single writer needs no locked instruction: it loads, adds and stores.
package final class LoopCounters: Sendable {
    private let values = Values()

    package init() {}

    /// The totals since the start, in the order in which metrics list them.
    package enum Counter: Int, CaseIterable {
        /// The daemon's own questions; not among the metrics.
        case probesAnswered
        case datagramsReceived, datagramsSent, datagramsDropped, notSIP, strangers
        case requestsRefused, callsAnswered, callsRefused, retransmissions, statelessAnswers
        case sipConnections, httpConnections, connectionsRefused
        case webhooks, webhooksForged, recordsLost
        case transactionsLive, transactionsConfirmed, transactionTimers
        case workflowRuns, workflowFailures, workflowRequests, workflowRequestsRefused
        case workflowRunsWaiting

        var isGauge: Bool {
            switch self {
            case .sipConnections, .httpConnections, .transactionsLive, .transactionsConfirmed,
                .transactionTimers, .workflowRunsWaiting:
                true
            default: false
            }
        }
    }

    private final class Values: Sendable {
        let words: [Word] = Counter.allCases.map { _ in Word() }
    }

    private final class Word: Sendable {
        let value = Atomic<Int>(0)
    }

    package func add(_ counter: Counter, _ amount: Int = 1) {
        let word = values.words[counter.rawValue]
        word.value.store(word.value.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    func set(_ counter: Counter, _ amount: Int) {
        values.words[counter.rawValue].value.store(amount, ordering: .relaxed)
    }

    package subscript(counter: Counter) -> Int {
        values.words[counter.rawValue].value.load(ordering: .relaxed)
    }
}
