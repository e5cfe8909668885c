/// The ids of the last decisions, so that a webhook that comes again is not a second record.
///
/// Two generations of a bounded set: when the younger is full, the older is forgotten. An id is
/// remembered for at least `capacity` further ids. All memory is taken and written at the start, so that
/// it does not grow with the calls.
package struct RecentIDs {
    private var younger: Generation
    private var older: Generation
    private let capacity: Int

    package init(capacity: Int) {
        self.capacity = capacity
        younger = Generation(capacity: capacity)
        older = Generation(capacity: capacity)
    }

    /// Remembers `id`; true when it was known.
    package mutating func isRepeated(_ id: UInt64) -> Bool {
        if younger.contains(id) || older.contains(id) { return true }
        if younger.count >= capacity {
            swap(&older, &younger)
            younger.removeAll()
        }
        younger.insert(id)
        return false
    }
}

/// A hash table with open addressing; ids are hashes already, so that their low bits are the bucket where
/// the search begins.
private struct Generation {
    /// 0 is an empty bucket.
    private var buckets: [UInt64]
    private(set) var count = 0

    /// At most three quarters of the buckets are used, so that every search ends.
    init(capacity: Int) {
        var size = 4
        while size * 3 < capacity * 4 { size *= 2 }
        buckets = Array(repeating: 0, count: size)
    }

    func contains(_ id: UInt64) -> Bool {
        let id = Self.named(id)
        return buckets[bucket(of: id)] == id
    }

    mutating func insert(_ id: UInt64) {
        let id = Self.named(id)
        buckets[bucket(of: id)] = id
        count += 1
    }

    mutating func removeAll() {
        for bucket in buckets.indices { buckets[bucket] = 0 }
        count = 0
    }

    /// The bucket of `id`, or the empty one where it would be.
    private func bucket(of id: UInt64) -> Int {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: id) & mask
        while buckets[bucket] != 0, buckets[bucket] != id { bucket = (bucket + 1) & mask }
        return bucket
    }

    /// 0 has no bucket of its own: it shares that of 1.
    private static func named(_ id: UInt64) -> UInt64 { max(id, 1) }
}
