extension Migration {
    /// Routings name the agent of numbers that have a dispatch template and no agent.
    ///
    /// An agent that is named cannot be removed: the reference is checked like the others of a routing.
    /// No foreign key can be added to a table that exists, so that the rows are copied into a new one.
    static let defaultAgents = Migration(
        name: "default_agents",
        statements: [
            """
            CREATE TABLE new_inbound_routings (
                organization_id TEXT PRIMARY KEY REFERENCES organizations (id),
                enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
                workflow_definition TEXT NOT NULL, fallback_agent_id TEXT, default_agent_id TEXT,
                timeout_ms INTEGER NOT NULL CHECK (timeout_ms BETWEEN 100 AND 10000),
                checksum INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
                FOREIGN KEY (organization_id, fallback_agent_id)
                    REFERENCES agents (organization_id, id),
                FOREIGN KEY (organization_id, default_agent_id)
                    REFERENCES agents (organization_id, id)
            ) STRICT, WITHOUT ROWID
            """,
            """
            INSERT INTO new_inbound_routings (organization_id, enabled, workflow_definition,
                fallback_agent_id, timeout_ms, checksum, created_at, updated_at)
            SELECT organization_id, enabled, workflow_definition, fallback_agent_id, timeout_ms,
                checksum, created_at, updated_at
            FROM inbound_routings
            """,
            "DROP TABLE inbound_routings",
            "ALTER TABLE new_inbound_routings RENAME TO inbound_routings",
        ]
    )
}
