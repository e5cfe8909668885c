extension Migration {
    /// The first form of the store.
    ///
    /// What belongs to an organization has its id in its key, so that a foreign key can never reach
    /// into another organization. Times are microseconds since 1970, UTC. `checksum` covers a row with
    /// all that hangs on it; `settings.digest` is the sum of them all (see `DirectoryChecksum`).
    static let foundation = Migration(
        name: "foundation",
        statements: directoryTables + managementTables + callTables
    )

    private static let directoryTables: [StaticString] = [
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
        "INSERT INTO settings (name, value) VALUES ('version', 0), ('digest', 0)",
        """
        CREATE TABLE directory_journal (
            version INTEGER NOT NULL, kind INTEGER NOT NULL,
            organization_id TEXT NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (version, kind, organization_id, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE organizations (
            id TEXT PRIMARY KEY, name TEXT NOT NULL,
            checksum INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE agents (
            organization_id TEXT NOT NULL REFERENCES organizations (id),
            id TEXT NOT NULL, name TEXT NOT NULL, active INTEGER NOT NULL CHECK (active IN (0, 1)),
            checksum INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            PRIMARY KEY (organization_id, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE agent_versions (
            organization_id TEXT NOT NULL, agent_id TEXT NOT NULL,
            number INTEGER NOT NULL CHECK (number >= 1),
            published INTEGER NOT NULL CHECK (published IN (0, 1)),
            PRIMARY KEY (organization_id, agent_id, number),
            FOREIGN KEY (organization_id, agent_id)
                REFERENCES agents (organization_id, id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE agent_targets (
            organization_id TEXT NOT NULL, agent_id TEXT NOT NULL, version INTEGER NOT NULL,
            position INTEGER NOT NULL, uri TEXT NOT NULL,
            priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 65535),
            weight INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 65535),
            PRIMARY KEY (organization_id, agent_id, version, position),
            FOREIGN KEY (organization_id, agent_id, version)
                REFERENCES agent_versions (organization_id, agent_id, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE trunks (
            organization_id TEXT NOT NULL REFERENCES organizations (id),
            id TEXT NOT NULL, name TEXT NOT NULL, managed_account_id TEXT
                REFERENCES managed_accounts (id),
            number_source TEXT NOT NULL, default_country TEXT,
            reject_status INTEGER CHECK (reject_status BETWEEN 400 AND 699),
            trusts_identity INTEGER NOT NULL CHECK (trusts_identity IN (0, 1)),
            follows_embedded_headers INTEGER NOT NULL CHECK (follows_embedded_headers IN (0, 1)),
            allows_private_targets INTEGER NOT NULL CHECK (allows_private_targets IN (0, 1)),
            checksum INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            PRIMARY KEY (organization_id, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE trunk_addresses (
            organization_id TEXT NOT NULL, trunk_id TEXT NOT NULL, position INTEGER NOT NULL,
            prefix TEXT NOT NULL,
            PRIMARY KEY (organization_id, trunk_id, position),
            FOREIGN KEY (organization_id, trunk_id)
                REFERENCES trunks (organization_id, id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE trunk_refusals (
            organization_id TEXT NOT NULL, trunk_id TEXT NOT NULL, reason TEXT NOT NULL,
            status INTEGER NOT NULL CHECK (status BETWEEN 400 AND 699),
            PRIMARY KEY (organization_id, trunk_id, reason),
            FOREIGN KEY (organization_id, trunk_id)
                REFERENCES trunks (organization_id, id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE credentials (
            organization_id TEXT NOT NULL REFERENCES organizations (id),
            id TEXT NOT NULL, provider TEXT NOT NULL, account_sid TEXT NOT NULL,
            label TEXT NOT NULL,
            checksum INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            PRIMARY KEY (organization_id, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE credential_secrets (
            organization_id TEXT NOT NULL, credential_id TEXT NOT NULL, position INTEGER NOT NULL,
            key_id TEXT, sealed BLOB NOT NULL,
            PRIMARY KEY (organization_id, credential_id, position),
            FOREIGN KEY (organization_id, credential_id)
                REFERENCES credentials (organization_id, id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE inbound_routings (
            organization_id TEXT PRIMARY KEY REFERENCES organizations (id),
            enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
            workflow_definition TEXT NOT NULL, fallback_agent_id TEXT,
            timeout_ms INTEGER NOT NULL CHECK (timeout_ms BETWEEN 100 AND 10000),
            checksum INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            FOREIGN KEY (organization_id, fallback_agent_id) REFERENCES agents (organization_id, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE numbers (
            e164 INTEGER PRIMARY KEY CHECK (e164 BETWEEN 10 AND 999999999999999),
            organization_id TEXT NOT NULL REFERENCES organizations (id),
            trunk_id TEXT, credential_id TEXT, inbound_agent_id TEXT, inbound_version INTEGER,
            label TEXT NOT NULL, status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
            trial_ends INTEGER, dispatch_template TEXT NOT NULL, metadata TEXT NOT NULL,
            checksum INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            FOREIGN KEY (organization_id, trunk_id) REFERENCES trunks (organization_id, id),
            FOREIGN KEY (organization_id, credential_id)
                REFERENCES credentials (organization_id, id),
            FOREIGN KEY (organization_id, inbound_agent_id) REFERENCES agents (organization_id, id),
            FOREIGN KEY (organization_id, inbound_agent_id, inbound_version)
                REFERENCES agent_versions (organization_id, agent_id, number)
        ) STRICT
        """,
        "CREATE INDEX numbers_by_trunk ON numbers (organization_id, trunk_id)",
        "CREATE INDEX numbers_by_credential ON numbers (organization_id, credential_id)",
        """
        CREATE INDEX numbers_by_agent
            ON numbers (organization_id, inbound_agent_id, inbound_version)
        """,
    ]

    private static let managementTables: [StaticString] = [
        """
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY, organization_id TEXT REFERENCES organizations (id),
            user_id TEXT, label TEXT NOT NULL, prefix TEXT NOT NULL,
            hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
            scopes TEXT NOT NULL, allowed_addresses TEXT NOT NULL,
            created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX api_keys_by_organization ON api_keys (organization_id)",
        """
        CREATE TABLE managed_accounts (
            id TEXT PRIMARY KEY, provider TEXT NOT NULL, account_sid TEXT NOT NULL,
            sealed BLOB NOT NULL, name TEXT NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX trunks_by_managed_account ON trunks (managed_account_id)",
        """
        CREATE TABLE business_verifications (
            organization_id TEXT PRIMARY KEY REFERENCES organizations (id),
            status TEXT NOT NULL
                CHECK (status IN ('draft', 'submitted', 'approved', 'rejected', 'revoked')),
            business_profile TEXT NOT NULL, authorized_representative TEXT NOT NULL,
            attestation_accepted INTEGER NOT NULL CHECK (attestation_accepted IN (0, 1)),
            attested_at INTEGER, submitted_at INTEGER, reviewed_at INTEGER, rejection_reason TEXT,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ]

    /// Call records outlive what they name, so they have no foreign keys into the directory.
    private static let callTables: [StaticString] = [
        """
        CREATE TABLE call_records (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
            time INTEGER NOT NULL, door TEXT NOT NULL, outcome TEXT NOT NULL,
            organization_id TEXT, number TEXT, dialled TEXT, caller TEXT,
            trunk_id TEXT, credential_id TEXT, call_id TEXT, source TEXT, transport TEXT,
            rule TEXT, agent_id TEXT, agent_version INTEGER, targets TEXT, reason TEXT,
            status INTEGER, micros INTEGER, explanation TEXT,
            call_status TEXT, call_duration INTEGER,
            called TEXT GENERATED ALWAYS AS (coalesce(number, dialled)) VIRTUAL
        ) STRICT
        """,
        "CREATE INDEX call_records_by_time ON call_records (time)",
        "CREATE INDEX call_records_by_called ON call_records (called, time)",
        "CREATE INDEX call_records_by_caller ON call_records (caller, time)",
        "CREATE INDEX call_records_by_organization ON call_records (organization_id, time)",
        "CREATE INDEX call_records_by_reason ON call_records (reason, time) WHERE reason NOT NULL",
        "CREATE INDEX call_records_by_call ON call_records (call_id) WHERE call_id NOT NULL",
        """
        CREATE TABLE call_events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            record_id TEXT NOT NULL REFERENCES call_records (id) ON DELETE CASCADE,
            id TEXT NOT NULL, event TEXT NOT NULL, time INTEGER,
            status TEXT NOT NULL, duration INTEGER, line TEXT NOT NULL,
            UNIQUE (record_id, id, event, status)
        ) STRICT
        """,
        """
        CREATE TABLE call_log_position (
            log TEXT PRIMARY KEY, file TEXT NOT NULL, offset INTEGER NOT NULL CHECK (offset >= 0)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
