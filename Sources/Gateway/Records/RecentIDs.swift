/// The ids of the last decisions, so that a webhook that comes again is not a second record.
///
/// Two generations of a bounded set: when the younger is full, the older is forgotten. An id is
/// remembered for at least `capacity` further ids.
package struct RecentIDs {
    private var younger: Set<UInt64> = []
    private var older: Set<UInt64> = []
    private let capacity: Int

    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// Remembers `id`; true when it was known.
    package mutating func isRepeated(_ id: UInt64) -> Bool {
        if younger.contains(id) || older.contains(id) { return true }
        if younger.count >= capacity {
            swap(&older, &younger)
            younger.removeAll(keepingCapacity: true)
        }
        younger.insert(id)
        return false
    }
}
