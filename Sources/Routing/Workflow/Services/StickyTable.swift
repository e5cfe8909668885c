import Primitives

/// Which agent a caller reached last: a bounded memory that forgets first who called longest ago.
package struct StickyTable: Sendable {
    private var rows: [Row] = []
    private var positions: [String: Int] = [:]
    /// The row that was remembered last; the oldest comes after it, as the rows form a ring by time.
    private var newest = 0
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
        if let position = positions[key] {
            rows[position].agent = agent
            rows[position].time = now
            guard position != newest else { return }
            takeOut(position)
            putBehindNewest(position)
        } else if rows.count < capacity {
            let position = rows.count
            positions[key] = position
            rows.append(
                Row(key: key, agent: agent, time: now, older: position, newer: position)
            )
            if position > 0 { putBehindNewest(position) }
        } else {
            let oldest = rows[newest].newer
            positions[rows[oldest].key] = nil
            positions[key] = oldest
            rows[oldest].key = key
            rows[oldest].agent = agent
            rows[oldest].time = now
            newest = oldest
        }
    }

    private mutating func takeOut(_ position: Int) {
        let (older, newer) = (rows[position].older, rows[position].newer)
        rows[older].newer = newer
        rows[newer].older = older
    }

    private mutating func putBehindNewest(_ position: Int) {
        let oldest = rows[newest].newer
        rows[position].older = newest
        rows[position].newer = oldest
        rows[newest].newer = position
        rows[oldest].older = position
        newest = position
    }

    private struct Row: Sendable {
        var key: String
        var agent: String
        var time: Instant
        /// The places of its neighbours in the ring.
        var older: Int
        var newer: Int
    }
}
