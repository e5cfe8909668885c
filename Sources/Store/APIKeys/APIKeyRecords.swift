import Primitives
import Routing

/// One API key as the store keeps it: what it is for, and its hash instead of itself.
package struct APIKeyRow: Hashable, Sendable {
    package var id: String
    /// Nil for an operator's key.
    package var organizationID: String?
    package var label: String
    /// How the key begins, such as `sk_live_`; the rest is known to its holder alone.
    package var prefix: String
    /// SHA-256, 32 octets.
    package var hash: [UInt8]
    /// Names with commas between them.
    package var scopes: String
    package var createdAt: WallTime
    package var expiresAt: WallTime?
    package var lastUsedAt: WallTime?
    package var revokedAt: WallTime?

    package init(
        id: String,
        organizationID: String?,
        label: String,
        prefix: String,
        hash: [UInt8],
        scopes: String,
        createdAt: WallTime,
        expiresAt: WallTime? = nil
    ) {
        self.id = id
        self.organizationID = organizationID
        self.label = label
        self.prefix = prefix
        self.hash = hash
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// The API keys in the store.
///
/// Their own version, not that of the directory, rises with each change of what keys allow: a new key
/// does not get in the way of an `apply` that was worked out just before.
package struct APIKeyRecords {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// The number of the last change that a running gateway has to know of.
    package func version() throws -> Int64 {
        try database.statement("SELECT value FROM settings WHERE name = 'api_keys_version'")
            .first { $0.integer(0) } ?? 0
    }

    /// All keys of organizations and operators, revoked ones too, the oldest first.
    package func all() throws -> [APIKeyRow] {
        var rows: [APIKeyRow] = []
        try database.statement(
            """
            SELECT id, organization_id, label, prefix, hash, scopes, created_at, expires_at,
                last_used_at, revoked_at
            FROM api_keys ORDER BY created_at, id
            """
        ).forEach { rows.append(Self.key($0)) }
        return rows
    }

    /// All keys and the version that they belong to.
    package func load() throws -> (rows: [APIKeyRow], version: Int64) {
        try database.reading { (try all(), try version()) }
    }

    /// Keeps a new key; its organization has to be there.
    package func insert(_ row: APIKeyRow) throws {
        try database.writing {
            try database.run(
                """
                INSERT INTO api_keys (id, organization_id, label, prefix, hash, scopes,
                    created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    SQLValue(row.id), SQLValue(row.organizationID), SQLValue(row.label),
                    SQLValue(row.prefix), .blob(row.hash), SQLValue(row.scopes),
                    .integer(row.createdAt.microseconds), SQLValue(row.expiresAt?.microseconds),
                ]
            )
            try raiseVersion()
        }
    }

    /// Ends a key for good; false when it had been revoked before, or is not there.
    package func revoke(id: String, at now: WallTime) throws -> Bool {
        try database.writing {
            let changed = try database.statement(
                "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL"
            ).run([SQLValue(id), .integer(now.microseconds)])
            if changed > 0 { try raiseVersion() }
            return changed > 0
        }
    }

    /// Keeps when keys were last used; what a key allows does not change by that.
    package func note(uses: [String: WallTime]) throws {
        try database.writing {
            for (id, time) in uses {
                try database.run(
                    """
                    UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?2)
                    WHERE id = ?1
                    """,
                    [SQLValue(id), .integer(time.microseconds)]
                )
            }
        }
    }

    /// Removes the keys of an organization that is about to be deleted, inside its transaction.
    func removeAll(of organizationID: String) throws {
        let removed = try database.statement("DELETE FROM api_keys WHERE organization_id = ?")
            .run([SQLValue(organizationID)])
        if removed > 0 { try raiseVersion() }
    }

    private func raiseVersion() throws {
        try database.run(
            """
            INSERT INTO settings (name, value) VALUES ('api_keys_version', 1)
            ON CONFLICT (name) DO UPDATE SET value = value + 1
            """
        )
    }

    private static func key(_ row: Row) -> APIKeyRow {
        func time(_ column: Int32) -> WallTime? {
            row.optionalInteger(column).map { WallTime(microseconds: $0) }
        }
        var key = APIKeyRow(
            id: row.text(0),
            organizationID: row.optionalText(1),
            label: row.text(2),
            prefix: row.text(3),
            hash: row.blob(4),
            scopes: row.text(5),
            createdAt: WallTime(microseconds: row.integer(6)),
            expiresAt: time(7)
        )
        key.lastUsedAt = time(8)
        key.revokedAt = time(9)
        return key
    }
}
