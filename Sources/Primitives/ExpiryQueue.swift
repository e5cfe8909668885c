/// Things that all wait for the same length of time: they end in the order in which they came, so that
/// a queue does, and none of them needs a timer of its own.
///
/// One is the Confirmed state, a key and the end of Timer I in 24 bytes: at 100,000 calls a second half
/// a million of them wait.
package struct ExpiryQueue<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    /// A ring: the element number `sequence` is at `sequence` modulo the room.
    private var rows: [Row]
    private var first: UInt32 = 0
    package private(set) var count = 0

    /// Sequence numbers wrap at 2³⁰, which is a multiple of every size that the ring can have.
    package typealias Sequence = UInt32

    private struct Row {
        var element: Element
        var end: Instant
    }

    package init() {
        rows = []
    }

    /// The end of the oldest element, or nil if there is none.
    package var nextDeadline: Instant? {
        count == 0 ? nil : rows[place(first)].end
    }

    /// The oldest element and its number, or nil if there is none.
    package var oldest: (element: Element, sequence: Sequence)? {
        count == 0 ? nil : (rows[place(first)].element, first)
    }

    package subscript(sequence: Sequence) -> Element {
        rows[place(sequence)].element
    }

    /// Keeps `element` until `end`, which is not before the end of any other; says its number.
    @discardableResult
    package mutating func append(_ element: Element, until end: Instant) -> Sequence {
        let row = Row(element: element, end: end)
        if count == rows.count { grow(filling: row) }
        let sequence = (first &+ UInt32(truncatingIfNeeded: count)) & sequenceMask
        rows[place(sequence)] = row
        count &+= 1
        return sequence
    }

    /// Drops the oldest element; nothing is done when there is none.
    ///
    /// With the last one goes the room that a burst has taken.
    package mutating func removeOldest() {
        guard count > 0 else { return }
        first = (first &+ 1) & sequenceMask
        count &-= 1
        if count == 0, rows.count > spareRowCount { rows = [] }
    }

    private func place(_ sequence: Sequence) -> Int {
        Int(sequence) & (rows.count &- 1)
    }

    private mutating func grow(filling row: Row) {
        var wider = Array(repeating: row, count: max(rows.count * 2, 256))
        for offset in 0..<UInt32(truncatingIfNeeded: count) {
            let sequence = (first &+ offset) & sequenceMask
            wider[Int(sequence) & (wider.count - 1)] = rows[place(sequence)]
        }
        rows = wider
    }
}

private let sequenceMask: UInt32 = 0x3FFF_FFFF
/// Rows that stay though nothing waits.
private let spareRowCount = 4_096
