import Primitives
import Routing

/// Writes changes of the directory inside a transaction, and keeps its digest, version and journal.
struct DirectoryWriter {
    let database: Database
    private let version: Int64
    private let now: SQLValue
    private var digest: Int64

    init(_ database: Database, version: Int64, at now: WallTime) throws {
        self.database = database
        self.version = version
        self.now = .integer(now.microseconds)
        digest = try DirectoryReader(database).setting("digest")
    }

    mutating func apply(_ change: DirectoryChange) throws {
        switch change {
        case .putOrganization(let organization): try put(organization)
        case .putAgent(let agent): try put(agent)
        case .putTrunk(let trunk): try put(trunk)
        case .putCredential(let credential): try put(credential)
        case .putRouting(let routing): try put(routing)
        case .putNumber(let number): try put(number)
        case .deleteNumber(let number):
            let key = [SQLValue.integer(Int64(number.digits))]
            try forget("SELECT checksum FROM numbers WHERE e164 = ?", key)
            try database.run("DELETE FROM numbers WHERE e164 = ?", key)
        case .deleteRouting(let organization):
            let key = [SQLValue(organization)]
            try forget("SELECT checksum FROM inbound_routings WHERE organization_id = ?", key)
            try database.run("DELETE FROM inbound_routings WHERE organization_id = ?", key)
        case .deleteCredential(let organization, let id):
            let key = [SQLValue(organization), SQLValue(id)]
            try forget(Self.credentialChecksum, key)
            try database.run("DELETE FROM credentials WHERE organization_id = ? AND id = ?", key)
        case .deleteTrunk(let organization, let id):
            let key = [SQLValue(organization), SQLValue(id)]
            try forget(Self.trunkChecksum, key)
            try database.run("DELETE FROM trunks WHERE organization_id = ? AND id = ?", key)
        case .deleteAgent(let organization, let id):
            let key = [SQLValue(organization), SQLValue(id)]
            try forget(Self.agentChecksum, key)
            try database.run("DELETE FROM agents WHERE organization_id = ? AND id = ?", key)
        case .deleteOrganization(let id):
            // No key outlives what it opens.
            try APIKeyRecords(database).removeAll(of: id)
            try forget("SELECT checksum FROM organizations WHERE id = ?", [SQLValue(id)])
            try database.run("DELETE FROM organizations WHERE id = ?", [SQLValue(id)])
        }
    }

    /// Writes down what the whole transaction did.
    func finish(_ changes: DirectoryChanges) throws {
        try DirectoryJournal(database).append(changes, version: version)
        try set("digest", digest)
        try set("version", version)
    }

    // MARK: - Rows

    private mutating func put(_ organization: Organization) throws {
        let key = [SQLValue(organization.id)]
        try forget("SELECT checksum FROM organizations WHERE id = ?", key)
        let sum = remember(DirectoryChecksum.of(organization))
        try database.run(
            """
            INSERT INTO organizations (id, name, checksum, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?4)
            ON CONFLICT (id) DO UPDATE SET
                name = excluded.name, checksum = excluded.checksum, updated_at = excluded.updated_at
            """,
            key + [SQLValue(organization.name), sum, now]
        )
    }

    private mutating func put(_ agent: Agent) throws {
        let key = [SQLValue(agent.organizationID), SQLValue(agent.id)]
        try forget(Self.agentChecksum, key)
        let sum = remember(DirectoryChecksum.of(agent))
        try database.run(
            """
            INSERT INTO agents (organization_id, id, name, active, checksum, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, active = excluded.active, checksum = excluded.checksum,
                updated_at = excluded.updated_at
            """,
            key + [SQLValue(agent.name), SQLValue(agent.isActive), sum, now]
        )
        // Numbers may refer to a version; references are checked when the transaction ends.
        try database.run(
            "DELETE FROM agent_versions WHERE organization_id = ? AND agent_id = ?",
            key
        )
        for version in agent.versions {
            let versionKey = key + [SQLValue(version.number)]
            try database.run(
                """
                INSERT INTO agent_versions (organization_id, agent_id, number, published)
                VALUES (?, ?, ?, ?)
                """,
                versionKey + [SQLValue(version.isPublished)]
            )
            for (position, target) in version.targets.enumerated() {
                try database.run(
                    """
                    INSERT INTO agent_targets
                        (organization_id, agent_id, version, position, uri, priority, weight)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    versionKey + [
                        SQLValue(position), SQLValue(target.uri), SQLValue(target.priority),
                        SQLValue(target.weight),
                    ]
                )
            }
        }
    }

    private mutating func put(_ trunk: Trunk) throws {
        let key = [SQLValue(trunk.organizationID), SQLValue(trunk.id)]
        let inbound = trunk.inbound
        try forget(Self.trunkChecksum, key)
        let sum = remember(DirectoryChecksum.of(trunk))
        try database.run(
            """
            INSERT INTO trunks (organization_id, id, name, number_source, default_country,
                reject_status, trusts_identity, follows_embedded_headers, allows_private_targets,
                checksum, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, number_source = excluded.number_source,
                default_country = excluded.default_country, reject_status = excluded.reject_status,
                trusts_identity = excluded.trusts_identity,
                follows_embedded_headers = excluded.follows_embedded_headers,
                allows_private_targets = excluded.allows_private_targets,
                checksum = excluded.checksum, updated_at = excluded.updated_at
            """,
            key + [
                SQLValue(trunk.name), SQLValue(inbound.numberSource.text),
                SQLValue(inbound.defaultCountry), SQLValue(inbound.answerMode.rejectStatus),
                SQLValue(inbound.trustsIdentity), SQLValue(inbound.followsEmbeddedHeaders),
                SQLValue(inbound.allowsPrivateTargets), sum, now,
            ]
        )
        try putLists(of: inbound, key)
    }

    private func putLists(of inbound: InboundTrunk, _ key: [SQLValue]) throws {
        try database.run(
            "DELETE FROM trunk_addresses WHERE organization_id = ? AND trunk_id = ?",
            key
        )
        for (position, address) in inbound.allowedAddresses.enumerated() {
            try database.run(
                """
                INSERT INTO trunk_addresses (organization_id, trunk_id, position, prefix)
                VALUES (?, ?, ?, ?)
                """,
                key + [SQLValue(position), SQLValue(address)]
            )
        }
        try database.run(
            "DELETE FROM trunk_refusals WHERE organization_id = ? AND trunk_id = ?",
            key
        )
        for (reason, status) in inbound.refusalStatus {
            try database.run(
                """
                INSERT INTO trunk_refusals (organization_id, trunk_id, reason, status)
                VALUES (?, ?, ?, ?)
                """,
                key + [SQLValue(reason.rawValue), SQLValue(status)]
            )
        }
    }

    private mutating func put(_ credential: Credential) throws {
        let key = [SQLValue(credential.organizationID), SQLValue(credential.id)]
        try forget(Self.credentialChecksum, key)
        let sum = remember(DirectoryChecksum.of(credential))
        try database.run(
            """
            INSERT INTO credentials (organization_id, id, provider, account_sid, label, checksum,
                created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                provider = excluded.provider, account_sid = excluded.account_sid,
                label = excluded.label, checksum = excluded.checksum,
                updated_at = excluded.updated_at
            """,
            key + [
                SQLValue(credential.provider.rawValue), SQLValue(credential.accountSID),
                SQLValue(credential.label), sum, now,
            ]
        )
        try database.run(
            "DELETE FROM credential_secrets WHERE organization_id = ? AND credential_id = ?",
            key
        )
        let tokens = credential.authTokens.map { (id: SQLValue.null, secret: $0) }
        let keys = credential.sharedKeys.map { (id: SQLValue($0.id), secret: $0.secret) }
        for (position, entry) in (tokens + keys).enumerated() {
            try database.run(
                """
                INSERT INTO credential_secrets
                    (organization_id, credential_id, position, key_id, sealed)
                VALUES (?, ?, ?, ?, ?)
                """,
                key + [SQLValue(position), entry.id, .blob(entry.secret.bytes)]
            )
        }
    }

    private mutating func put(_ routing: InboundRouting) throws {
        let key = [SQLValue(routing.organizationID)]
        try forget("SELECT checksum FROM inbound_routings WHERE organization_id = ?", key)
        let sum = remember(DirectoryChecksum.of(routing))
        try database.run(
            """
            INSERT INTO inbound_routings (organization_id, enabled, workflow_definition,
                fallback_agent_id, timeout_ms, checksum, created_at, updated_at, default_agent_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)
            ON CONFLICT (organization_id) DO UPDATE SET
                enabled = excluded.enabled, workflow_definition = excluded.workflow_definition,
                fallback_agent_id = excluded.fallback_agent_id, timeout_ms = excluded.timeout_ms,
                checksum = excluded.checksum, updated_at = excluded.updated_at,
                default_agent_id = excluded.default_agent_id
            """,
            key + [
                SQLValue(routing.isEnabled), SQLValue(routing.workflowDefinition),
                SQLValue(routing.fallbackAgentID), SQLValue(routing.timeoutMilliseconds), sum, now,
                SQLValue(routing.defaultAgentID),
            ]
        )
    }

    private mutating func put(_ number: NumberAssignment) throws {
        let key = SQLValue.integer(Int64(number.number.digits))
        try forget("SELECT checksum FROM numbers WHERE e164 = ?", [key])
        let sum = remember(DirectoryChecksum.of(number))
        try database.run(
            """
            INSERT INTO numbers (e164, organization_id, trunk_id, credential_id, inbound_agent_id,
                inbound_version, label, status, trial_ends, dispatch_template, metadata, checksum,
                created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
            ON CONFLICT (e164) DO UPDATE SET
                organization_id = excluded.organization_id, trunk_id = excluded.trunk_id,
                credential_id = excluded.credential_id,
                inbound_agent_id = excluded.inbound_agent_id,
                inbound_version = excluded.inbound_version, label = excluded.label,
                status = excluded.status, trial_ends = excluded.trial_ends,
                dispatch_template = excluded.dispatch_template, metadata = excluded.metadata,
                checksum = excluded.checksum, updated_at = excluded.updated_at
            """,
            [
                key, SQLValue(number.organizationID), SQLValue(number.trunkID),
                SQLValue(number.credentialID), SQLValue(number.inboundAgentID),
                SQLValue(number.inboundVersion), SQLValue(number.label),
                SQLValue(Int(number.status.rawValue)), SQLValue(number.trialEnds?.microseconds),
                SQLValue(number.dispatchTemplate), SQLValue(number.metadata), sum, now,
            ]
        )
    }

    // MARK: - Sums

    /// Takes the checksum of a row that is about to be replaced or deleted out of the digest.
    private mutating func forget(_ sql: StaticString, _ key: [SQLValue]) throws {
        if let sum = try database.statement(sql).first(key, { $0.integer(0) }) { digest &-= sum }
    }

    private mutating func remember(_ sum: Int64) -> SQLValue {
        digest &+= sum
        return .integer(sum)
    }

    private func set(_ setting: String, _ value: Int64) throws {
        try database.run(
            "UPDATE settings SET value = ?2 WHERE name = ?1",
            [.text(setting), .integer(value)]
        )
    }

    private static let agentChecksum: StaticString =
        "SELECT checksum FROM agents WHERE organization_id = ? AND id = ?"
    private static let trunkChecksum: StaticString =
        "SELECT checksum FROM trunks WHERE organization_id = ? AND id = ?"
    private static let credentialChecksum: StaticString =
        "SELECT checksum FROM credentials WHERE organization_id = ? AND id = ?"
}
