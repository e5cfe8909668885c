import Primitives

/// Which call records are wanted; every condition that is set has to hold.
package struct CallQuery: Hashable, Sendable {
    /// The number as the directory has it, or as the carrier sent it where none was found.
    package var to: String?
    package var from: String?
    package var since: WallTime?
    package var until: WallTime?
    /// The id of a `RefusalReason`.
    package var reason: String?
    package var organization: String?
    /// The id of a call, as in `X-Trunkline-Call`: every decision that was made about it.
    package var call: String?
    /// Only records that were stored after this one, oldest first: how one follows.
    ///
    /// One that has been removed was older than all that are there.
    package var after: CallRecordRow.Key?
    /// 1…10,000.
    package var limit: Int

    package init(limit: Int = 100) {
        self.limit = limit
    }
}

/// The call records that the indexer has stored.
package struct CallRecords {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// The newest first; with `after`, the oldest first.
    package func records(matching query: CallQuery) throws -> [CallRecordRow] {
        var sql: SQL = """
            SELECT id, time, door, outcome, organization_id, number, dialled, caller, trunk_id,
                credential_id, call_id, source, transport, rule, agent_id, agent_version, targets,
                reason, status, micros, explanation, call_status, call_duration, step, left_out,
                attestation, input, label
            FROM call_records WHERE 1
            """
        var values: [SQLValue] = []
        func require(_ condition: StaticString, _ value: SQLValue?) {
            guard let value else { return }
            sql.append(condition)
            values.append(value)
        }
        require(" AND called = ?", query.to.map { SQLValue($0) })
        require(" AND caller = ?", query.from.map { SQLValue($0) })
        require(" AND organization_id = ?", query.organization.map { SQLValue($0) })
        require(" AND id = ?", query.call.map { SQLValue($0) })
        require(" AND reason = ?", query.reason.map { SQLValue($0) })
        require(" AND time >= ?", query.since.map { .integer($0.microseconds) })
        require(" AND time < ?", query.until.map { .integer($0.microseconds) })
        if let after = query.after {
            require(" AND sequence > ?", .integer(try sequence(of: after)))
            sql.append(" ORDER BY sequence LIMIT ?")
        } else {
            sql.append(" ORDER BY time DESC, sequence DESC LIMIT ?")
        }
        values.append(SQLValue(min(max(query.limit, 1), 10_000)))
        var rows: [CallRecordRow] = []
        try database.prepare(sql).forEach(values) { rows.append(Self.record($0)) }
        return rows
    }

    /// What the carrier said about a call afterwards, as lines of the log, oldest first.
    package func events(of call: String) throws -> [String] {
        var lines: [String] = []
        try database.statement(
            """
            SELECT line FROM call_events
            WHERE record IN (SELECT sequence FROM call_records WHERE id = ?) ORDER BY sequence
            """
        ).forEach([SQLValue(call)]) { lines.append($0.text(0)) }
        return lines
    }

    /// Removes records older than `time`, at most `limit` at once so that writers do not wait long.
    package func remove(before time: WallTime, limit: Int = 1_000) throws -> Int {
        try database.writing {
            try database.statement(
                """
                DELETE FROM call_records WHERE sequence IN
                    (SELECT sequence FROM call_records WHERE time < ? ORDER BY time LIMIT ?)
                """
            ).run([.integer(time.microseconds), SQLValue(limit)])
        }
    }

    /// 0 for a record that is not there.
    private func sequence(of key: CallRecordRow.Key) throws -> Int64 {
        try database.statement("SELECT sequence FROM call_records WHERE id = ? AND step = ?")
            .first([SQLValue(key.id), SQLValue(key.step)]) { $0.integer(0) } ?? 0
    }

    private static func record(_ row: Row) -> CallRecordRow {
        var record = CallRecordRow(
            id: row.text(0),
            time: WallTime(microseconds: row.integer(1)),
            door: row.text(2),
            outcome: row.text(3)
        )
        record.organization = row.optionalText(4)
        record.number = row.optionalText(5)
        record.dialled = row.optionalText(6)
        record.caller = row.optionalText(7)
        record.trunk = row.optionalText(8)
        record.credential = row.optionalText(9)
        record.callID = row.optionalText(10)
        record.source = row.optionalText(11)
        record.transport = row.optionalText(12)
        record.rule = row.optionalText(13)
        record.agent = row.optionalText(14)
        record.agentVersion = row.optionalInteger(15).map { Int($0) }
        record.targets = row.optionalText(16)
        record.reason = row.optionalText(17)
        record.status = row.optionalInteger(18).map { Int($0) }
        record.microseconds = row.optionalInteger(19).map { Int($0) }
        record.explanation = row.optionalText(20)
        record.callStatus = row.optionalText(21)
        record.callDuration = row.optionalInteger(22).map { Int($0) }
        record.step = Int(row.integer(23))
        record.leftOut = row.optionalText(24)
        record.attestation = row.optionalText(25)
        record.input = row.optionalText(26)
        record.label = row.optionalText(27)
        return record
    }
}
