extension Migration {
    /// What a carrier said of a call before the call had a record.
    static let waitingEvents = Migration(
        name: "waiting_events",
        statements: [
            """
            CREATE TABLE waiting_call_events (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL, call_id TEXT, event TEXT NOT NULL, time INTEGER,
                status TEXT NOT NULL, duration INTEGER, line TEXT NOT NULL,
                UNIQUE (id, event, status)
            ) STRICT
            """,
            "CREATE INDEX waiting_call_events_by_call ON waiting_call_events (call_id)",
        ]
    )
}
