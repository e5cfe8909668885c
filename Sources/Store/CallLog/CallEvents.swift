import Primitives

/// What carriers say of calls afterwards: kept with the record of the call, or apart until that comes.
///
/// A call and its status callback may come to two loops, so that the log has them in either order.
struct CallEvents {
    private let database: Database
    /// Whether any event waits, as of the transaction that has begun.
    private var haveWaiting = false

    init(_ database: Database) {
        self.database = database
    }

    /// What has become of an event.
    enum Outcome {
        case stored
        /// It was stored before.
        case known
        /// Its call has no record yet.
        case waiting
    }

    /// Begins a transaction; other processes may have set events aside since the last one.
    mutating func begin() throws {
        haveWaiting =
            try database.statement("SELECT 1 FROM waiting_call_events LIMIT 1").first { _ in true }
            ?? false
    }

    mutating func store(_ event: CallEventRow) throws -> Outcome {
        let record = try database.statement(
            """
            SELECT * FROM (SELECT sequence FROM call_records WHERE id = ?1
                ORDER BY step DESC LIMIT 1)
            UNION ALL SELECT * FROM (SELECT sequence FROM call_records WHERE call_id = ?2
                ORDER BY sequence DESC LIMIT 1)
            LIMIT 1
            """
        ).first([SQLValue(event.id), SQLValue(event.callID)]) { $0.integer(0) }
        guard let record else {
            try setAside(event)
            return .waiting
        }
        let added = try database.statement(
            """
            INSERT OR IGNORE INTO call_events (record, id, event, time, status, duration, line)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        ).run([
            .integer(record), SQLValue(event.id), SQLValue(event.event),
            SQLValue(event.time?.microseconds), SQLValue(event.status), SQLValue(event.duration),
            SQLValue(event.line),
        ])
        guard added > 0 else { return .known }
        try database.run(
            """
            UPDATE call_records SET call_status = ?2, call_duration = coalesce(?3, call_duration)
            WHERE sequence = ?1
            """,
            [.integer(record), SQLValue(event.status), SQLValue(event.duration)]
        )
        return .stored
    }

    /// Stores what has waited for this record; returns how many events that were.
    mutating func storeWaiting(for row: CallRecordRow) throws -> Int {
        guard haveWaiting else { return 0 }
        var found: [(sequence: Int64, event: CallEventRow)] = []
        try database.statement(
            """
            SELECT sequence, id, call_id, event, status, duration, line, time FROM waiting_call_events
            WHERE id = ?1 OR call_id = ?2 ORDER BY sequence
            """
        ).forEach([SQLValue(row.id), SQLValue(row.callID)]) { row in
            let event = CallEventRow(
                id: row.text(1),
                callID: row.optionalText(2),
                event: row.text(3),
                time: row.optionalInteger(7).map { WallTime(microseconds: $0) },
                status: row.text(4),
                duration: row.optionalInteger(5).map { Int($0) },
                line: row.text(6)
            )
            found.append((row.integer(0), event))
        }
        var count = 0
        for (sequence, event) in found {
            if try store(event) == .stored { count += 1 }
            try database.run(
                "DELETE FROM waiting_call_events WHERE sequence = ?",
                [.integer(sequence)]
            )
        }
        return count
    }

    /// Above the bound the oldest goes: events of calls that never had a record must not pile up.
    private mutating func setAside(_ event: CallEventRow) throws {
        haveWaiting = true
        try database.run(
            """
            INSERT OR IGNORE INTO waiting_call_events
                (id, call_id, event, time, status, duration, line)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                SQLValue(event.id), SQLValue(event.callID), SQLValue(event.event),
                SQLValue(event.time?.microseconds), SQLValue(event.status),
                SQLValue(event.duration), SQLValue(event.line),
            ]
        )
        try database.run(
            """
            DELETE FROM waiting_call_events
            WHERE sequence <= (SELECT max(sequence) FROM waiting_call_events) - ?
            """,
            [SQLValue(Self.waitingMax)]
        )
    }

    /// The callbacks of some seconds on a busy gateway.
    private static let waitingMax = 4_096
}
