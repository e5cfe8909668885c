import Primitives

/// Which agent a caller reached last: a bounded memory that forgets the oldest first.
package struct StickyTable: Sendable {
    /// A ring: `oldest` is the place that the next new key takes once the table is full.
    private var rows: [Row] = []
    private var positions: [String: Int] = [:]
    private var oldest = 0
    private let capacity: Int

    package init(capacity: Int = 100_000) {
        self.capacity = max(capacity, 1)
    }

    package var count: Int { rows.count }

    /// The agent that `key` reached last, if that is less than `lifetime` ago.
    package func recall(_ key: String, within lifetime: Interval, at now: Instant) -> String? {
        guard let position = positions[key], now - rows[position].time < lifetime else {
            return nil
        }
        return rows[position].agent
    }

    package mutating func remember(_ key: String, agent: String, at now: Instant) {
        let row = Row(key: key, agent: agent, time: now)
        if let position = positions[key] {
            rows[position] = row
        } else if rows.count < capacity {
            positions[key] = rows.count
            rows.append(row)
        } else {
            positions[rows[oldest].key] = nil
            rows[oldest] = row
            positions[key] = oldest
            oldest = (oldest + 1) % capacity
        }
    }

    private struct Row: Sendable {
        var key: String
        var agent: String
        var time: Instant
    }
}
