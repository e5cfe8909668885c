import Synchronization

/// How many calls wait for the hosts that workflows ask, over all loops; an operator bounds it.
package final class WaitingCalls: Sendable {
    private let waiting = Atomic<Int>(0)

    package init() {}

    /// Takes a place; false when all `limit` of them are taken.
    func enter(limit: Int) -> Bool {
        // Two loops may both see the last place free: then one of them gives its own back.
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            leave()
            return false
        }
        return true
    }

    func leave() {
        waiting.wrappingSubtract(1, ordering: .relaxed)
    }
}
