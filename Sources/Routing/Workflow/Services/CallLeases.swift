import Primitives

/// The calls of one key that are up: each until it ends, or until its lease does.
struct CallLeases: Sendable {
    /// When the lease of each call ends.
    private var ends: [String: Instant] = [:]
    /// In the order of their ends; a row whose call has ended before is passed over.
    private var queue: [(call: String, end: Instant)] = []
    /// Rows of the queue that are done with.
    private var doneCount = 0

    var count: Int { ends.count }
    var isEmpty: Bool { ends.isEmpty }

    func contains(_ call: String) -> Bool { ends[call] != nil }

    mutating func insert(_ call: String, until end: Instant) {
        ends[call] = end
        // The leases of one step end in the order of their calls, until the step gets a shorter one.
        let place = queue[doneCount...].lastIndex { $0.end <= end }.map { $0 + 1 } ?? doneCount
        queue.insert((call, end), at: place)
    }

    /// False if the call was not up.
    mutating func remove(_ call: String) -> Bool {
        guard ends.removeValue(forKey: call) != nil else { return false }
        tidy()
        return true
    }

    /// Takes out one call whose lease has ended; nil when there is none.
    mutating func removeExpired(at now: Instant) -> String? {
        while doneCount < queue.count, queue[doneCount].end <= now {
            let (call, end) = queue[doneCount]
            doneCount += 1
            guard ends[call] == end else { continue }
            ends[call] = nil
            tidy()
            return call
        }
        return nil
    }

    /// Drops the rows of calls that have ended, once they are most of the queue: so each is looked at a
    /// few times in all.
    private mutating func tidy() {
        guard queue.count > 2 * ends.count + Self.spareRowCount else { return }
        queue = queue[doneCount...].filter { ends[$0.call] == $0.end }
        doneCount = 0
    }

    private static let spareRowCount = 32
}
