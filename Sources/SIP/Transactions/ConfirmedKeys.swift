import Primitives

/// The INVITE transactions in the Confirmed state: a key and the end of Timer I, 24 bytes each.
///
/// Timer I lasts the same for all of them, so that they end in the order in which they came: a queue,
/// and no timer of their own. At 100,000 calls a second it holds half a million keys.
struct ConfirmedKeys: ~Copyable, Sendable {
    /// A ring: the key number `sequence` is at `sequence` modulo the room.
    private var rows: [Row]
    private var first: UInt32 = 0
    private(set) var count = 0

    init() {
        rows = Array(repeating: Row(), count: 256)
    }

    /// Sequence numbers wrap here; it is a multiple of every size that the ring can have.
    static let sequenceMask: UInt32 = 0x3FFF_FFFF

    /// The end of the oldest key, or nil if there is none.
    var nextDeadline: Instant? {
        count == 0 ? nil : rows[place(first)].end
    }

    /// The oldest key and its sequence number, or nil if there is none.
    var oldest: (key: TransactionKey, sequence: UInt32)? {
        count == 0 ? nil : (rows[place(first)].key, first)
    }

    /// Keeps `key` until `end`, which is not before the end of any other; its sequence number.
    mutating func append(_ key: TransactionKey, until end: Instant) -> UInt32 {
        if count == rows.count { grow() }
        let sequence = (first &+ UInt32(truncatingIfNeeded: count)) & Self.sequenceMask
        rows[place(sequence)] = Row(key: key, end: end)
        count &+= 1
        return sequence
    }

    mutating func removeOldest() {
        guard count > 0 else { return }
        first = (first &+ 1) & Self.sequenceMask
        count &-= 1
    }

    func key(at sequence: UInt32) -> TransactionKey {
        rows[place(sequence)].key
    }

    private func place(_ sequence: UInt32) -> Int {
        Int(sequence) & (rows.count &- 1)
    }

    private mutating func grow() {
        var wider = Array(repeating: Row(), count: rows.count * 2)
        for offset in 0..<UInt32(truncatingIfNeeded: count) {
            let sequence = (first &+ offset) & Self.sequenceMask
            wider[Int(sequence) & (wider.count - 1)] = rows[place(sequence)]
        }
        rows = wider
    }

    private struct Row {
        var key = TransactionKey(first: 0, second: 0)
        var end = Instant(nanoseconds: 0)
    }
}
