extension Migration {
    /// All records of one call have the call's id, and a step that tells them apart.
    ///
    /// Events belong to a record by its sequence, because its id alone names no single row.
    static let callSteps = Migration(
        name: "call_steps",
        statements: [
            """
            CREATE TABLE new_call_records (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0,
                time INTEGER NOT NULL, door TEXT NOT NULL, outcome TEXT NOT NULL,
                organization_id TEXT, number TEXT, dialled TEXT, caller TEXT,
                trunk_id TEXT, credential_id TEXT, call_id TEXT, source TEXT, transport TEXT,
                rule TEXT, agent_id TEXT, agent_version INTEGER, targets TEXT, left_out TEXT,
                reason TEXT, status INTEGER, micros INTEGER, explanation TEXT,
                call_status TEXT, call_duration INTEGER,
                called TEXT GENERATED ALWAYS AS (coalesce(number, dialled)) VIRTUAL,
                UNIQUE (id, step)
            ) STRICT
            """,
            """
            INSERT INTO new_call_records (sequence, id, time, door, outcome, organization_id,
                number, dialled, caller, trunk_id, credential_id, call_id, source, transport, rule,
                agent_id, agent_version, targets, reason, status, micros, explanation,
                call_status, call_duration)
            SELECT sequence, id, time, door, outcome, organization_id,
                number, dialled, caller, trunk_id, credential_id, call_id, source, transport, rule,
                agent_id, agent_version, targets, reason, status, micros, explanation,
                call_status, call_duration
            FROM call_records ORDER BY sequence
            """,
            """
            CREATE TABLE new_call_events (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                record INTEGER NOT NULL
                    REFERENCES new_call_records (sequence) ON DELETE CASCADE,
                id TEXT NOT NULL, event TEXT NOT NULL, time INTEGER,
                status TEXT NOT NULL, duration INTEGER, line TEXT NOT NULL,
                UNIQUE (record, id, event, status)
            ) STRICT
            """,
            """
            INSERT INTO new_call_events (sequence, record, id, event, time, status, duration, line)
            SELECT e.sequence, r.sequence, e.id, e.event, e.time, e.status, e.duration, e.line
            FROM call_events AS e JOIN call_records AS r ON r.id = e.record_id
            ORDER BY e.sequence
            """,
            "DROP TABLE call_events",
            "DROP TABLE call_records",
            "ALTER TABLE new_call_records RENAME TO call_records",
            "ALTER TABLE new_call_events RENAME TO call_events",
            "CREATE INDEX call_records_by_time ON call_records (time)",
            "CREATE INDEX call_records_by_called ON call_records (called, time)",
            "CREATE INDEX call_records_by_caller ON call_records (caller, time)",
            "CREATE INDEX call_records_by_organization ON call_records (organization_id, time)",
            "CREATE INDEX call_records_by_reason ON call_records (reason, time) WHERE reason NOT NULL",
            "CREATE INDEX call_records_by_call ON call_records (call_id) WHERE call_id NOT NULL",
        ]
    )
}
