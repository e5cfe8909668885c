import Primitives
import Routing

/// The decisions of the last 64 seconds that no second run would come to again: what `http`, `limit` and
/// `sticky` said then may be different now.
///
/// The same call asked for twice, by a carrier's second proxy or a repeated webhook, gets the same answer.
/// Bounded; beyond the bound the oldest is forgotten first.
package struct RecentResults: ~Copyable {
    private var results: [Key: WorkflowResult] = [:]
    private var order = ExpiryQueue<Key>()
    private let capacity: Int

    /// A call of an organization.
    package struct Key: Hashable, Sendable, BitwiseCopyable {
        let call: UInt64
        /// `WorkflowQuestion.organization`.
        let organization: UInt64

        package init(call: UInt64, organization: UInt64) {
            self.call = call
            self.organization = organization
        }

        init(_ question: WorkflowQuestion) {
            self.init(call: question.call, organization: question.organization)
        }
    }

    init(capacity: Int) {
        self.capacity = capacity
    }

    var nextDeadline: Instant? { order.nextDeadline }

    subscript(key: Key) -> WorkflowResult? { results[key] }

    mutating func keep(_ result: WorkflowResult, for key: Key, at now: Instant) {
        guard results[key] == nil else { return }
        if order.count >= capacity { forgetOldest() }
        results[key] = result
        order.append(key, until: now + Limits.decisionMemory)
    }

    mutating func advance(to now: Instant) {
        while let end = order.nextDeadline, end <= now { forgetOldest() }
    }

    private mutating func forgetOldest() {
        guard let oldest = order.oldest else { return }
        results[oldest.element] = nil
        order.removeOldest()
    }
}
