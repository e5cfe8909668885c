import Primitives
import Routing

/// One request of a step on its way, through retries and redirects, until it is delivered.
final class HTTPStepExchange {
    /// What is sent next: a redirect changes it.
    private(set) var request: HTTPStepRequest
    let deadline: Instant
    let key: UInt64
    var timer: TimerID
    /// The connection that it is on.
    var connection: UInt64?
    /// Addresses that did not take a connection.
    var failedConnectCount = 0
    /// Whether it was sent again because a kept connection turned out to be gone.
    var wasRetried = false
    private var redirectCount = 0
    private var deliver: (@Sendable (WorkflowEvent) -> Void)?

    init(_ order: HTTPStepClient.Order, key: UInt64, timer: TimerID) {
        request = order.request
        deadline = order.deadline
        deliver = order.deliver
        self.key = key
        self.timer = timer
    }

    var isDelivered: Bool { deliver == nil }

    /// Invariant: whoever waits hears once.
    func deliver(_ event: WorkflowEvent) {
        deliver?(event)
        deliver = nil
    }

    func fail(_ reason: HTTPStepFailure) {
        deliver(.requestFailed(id: request.id, reason: reason))
    }

    /// Turns to the place that an answer points to; false when that may not be followed.
    func follow(status: Int, location: String?) -> Bool {
        guard redirectCount < Self.redirectCountMax, let location,
            let next = request.redirected(status: status, to: location)
        else { return false }
        redirectCount += 1
        request = next
        return true
    }

    /// Enough for a missing slash and a moved path; more is a server that goes in circles.
    private static let redirectCountMax = 3
}
