/// Finds the row of a transaction by its key: a hash table with open addressing, 8 bytes a bucket.
///
/// A bucket holds 32 bits of the key and the place of the row; the caller compares the whole key. The
/// key is a keyed hash already, so its low bits are the bucket where the search begins. Removal shifts
/// later buckets back, hence no tombstone ever slows a search down.
///
/// Invariant: at most three quarters of the buckets are used, so that every search ends.
struct TransactionIndex: ~Copyable, Sendable {
    private var buckets: [Bucket]
    private(set) var count = 0

    init() {
        buckets = Array(repeating: Bucket(), count: Self.initialCount)
    }

    /// A search for one key; `position` is the bucket that `next` found last.
    struct Search {
        fileprivate let tag: UInt32
        fileprivate var position: Int
        fileprivate var isAtStart = true
    }

    func search(for key: TransactionKey) -> Search {
        let tag = UInt32(truncatingIfNeeded: key.first)
        return Search(tag: tag, position: Int(tag) & mask)
    }

    /// The next row whose key may be the one searched for, or nil when there is none.
    func next(_ search: inout Search) -> Reference? {
        if !search.isAtStart { search.position = (search.position &+ 1) & mask }
        search.isAtStart = false
        while buckets[search.position].reference != .none {
            if buckets[search.position].tag == search.tag {
                return buckets[search.position].reference
            }
            search.position = (search.position &+ 1) & mask
        }
        return nil
    }

    /// Enters a row; the caller has searched for the key and found none.
    mutating func insert(_ key: TransactionKey, _ reference: Reference) {
        if (count &+ 1) &* 4 > buckets.count &* 3 { grow() }
        place(Bucket(tag: UInt32(truncatingIfNeeded: key.first), reference: reference))
        count &+= 1
    }

    /// Says that the row of `key` has moved.
    mutating func replace(_ key: TransactionKey, _ old: Reference, with new: Reference) {
        if let position = position(of: old, key) { buckets[position].reference = new }
    }

    /// Forgets the row of `key`.
    mutating func remove(_ key: TransactionKey, _ reference: Reference) {
        guard var hole = position(of: reference, key) else { return }
        var next = (hole &+ 1) & mask
        while buckets[next].reference != .none {
            let home = Int(buckets[next].tag) & mask
            // A bucket may fill the hole unless that would put it before its home.
            if (next &- home) & mask >= (next &- hole) & mask {
                buckets[hole] = buckets[next]
                hole = next
            }
            next = (next &+ 1) & mask
        }
        buckets[hole] = Bucket()
        count &-= 1
        // With the last transaction goes the room that a burst has taken.
        if count == 0, buckets.count > Self.spareCount {
            buckets = Array(repeating: Bucket(), count: Self.initialCount)
        }
    }

    private func position(of reference: Reference, _ key: TransactionKey) -> Int? {
        var position = Int(UInt32(truncatingIfNeeded: key.first)) & mask
        while buckets[position].reference != .none {
            if buckets[position].reference == reference { return position }
            position = (position &+ 1) & mask
        }
        return nil
    }

    private mutating func place(_ bucket: Bucket) {
        var position = Int(bucket.tag) & mask
        while buckets[position].reference != .none { position = (position &+ 1) & mask }
        buckets[position] = bucket
    }

    private mutating func grow() {
        let old = buckets
        buckets = Array(repeating: Bucket(), count: old.count * 2)
        for bucket in old where bucket.reference != .none { place(bucket) }
    }

    private var mask: Int { buckets.count &- 1 }

    private static let initialCount = 1_024
    /// Buckets that stay though there is no transaction.
    private static let spareCount = 8_192
}

extension TransactionIndex {
    /// Where a row is: in the table of live transactions or in the queue of confirmed keys.
    struct Reference: Hashable, Sendable, BitwiseCopyable {
        private var word: UInt32

        static let none = Reference(word: 0)

        private init(word: UInt32) {
            self.word = word
        }

        init(live slot: Int) {
            word = 0x4000_0000 | UInt32(truncatingIfNeeded: slot) & 0x3FFF_FFFF
        }

        init(confirmed sequence: UInt32) {
            word = 0x8000_0000 | sequence & 0x3FFF_FFFF
        }

        /// The slot of a live transaction, or nil if this is a confirmed key.
        var liveSlot: Int? { word >> 30 == 1 ? Int(word & 0x3FFF_FFFF) : nil }
        var confirmedSequence: UInt32 { word & 0x3FFF_FFFF }
    }

    private struct Bucket: BitwiseCopyable {
        var tag: UInt32 = 0
        var reference = Reference.none
    }
}
