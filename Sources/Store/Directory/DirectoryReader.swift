import Primitives
import Routing

/// Reads rows into the types of the domain and holds each against its checksum.
struct DirectoryReader {
    let database: Database

    init(_ database: Database) {
        self.database = database
    }

    /// The directory without its numbers, and what the numbers' checksums must add up to.
    struct Rows {
        var contents = DirectoryContents()
        var version: Int64 = 0
        fileprivate var numbersDigest: Int64 = 0
    }

    func rowsWithoutNumbers() throws -> Rows {
        var rows = Rows()
        rows.version = try setting("version")
        var digest = try setting("digest")
        rows.contents.organizations = try organizations(&digest)
        rows.contents.agents = try agents(&digest)
        rows.contents.trunks = try trunks(&digest)
        rows.contents.credentials = try credentials(&digest)
        rows.contents.routings = try routings(&digest)
        rows.numbersDigest = digest
        return rows
    }

    func forEachNumber(
        completing rows: Rows,
        _ body: (NumberAssignment) throws -> Void
    ) throws {
        var digest = rows.numbersDigest
        var last: UInt64 = 0
        try database.statement(
            """
            SELECT e164, organization_id, trunk_id, credential_id, inbound_agent_id,
                inbound_version, label, status, trial_ends, dispatch_template, metadata, checksum
            FROM numbers ORDER BY e164
            """
        ).forEach { row in
            let number = try number(row)
            guard number.number.digits > last else { throw damaged("numbers") }
            last = number.number.digits
            digest &-= row.integer(11)
            try body(number)
        }
        guard digest == 0 else {
            throw StoreError(.corrupt, "\(database.path): rows are missing or double")
        }
    }

    func number(_ number: PhoneNumber) throws -> NumberAssignment? {
        try database.statement(
            """
            SELECT e164, organization_id, trunk_id, credential_id, inbound_agent_id,
                inbound_version, label, status, trial_ends, dispatch_template, metadata, checksum
            FROM numbers WHERE e164 = ?
            """
        ).first([.integer(Int64(number.digits))]) { try self.number($0) }
    }

    func update(since version: Int64) throws -> DirectoryUpdate {
        try DirectoryJournal(database).update(since: version, reader: self)
    }

    // MARK: - Tables

    func organizations(_ digest: inout Int64, _ key: RowKey = .all) throws -> [Organization] {
        var found: [Organization] = []
        try database.statement(
            "SELECT id, name, checksum FROM organizations WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
        ).forEach(key.organizationBounds) { row in
            let organization = Organization(id: row.text(0), name: row.text(1))
            let sum = DirectoryChecksum.of(organization)
            try check(sum, row.integer(2), "organizations", &digest)
            found.append(organization)
        }
        return found
    }

    func agents(_ digest: inout Int64, _ key: RowKey = .all) throws -> [Agent] {
        var versions = try versions(key)
        var found: [Agent] = []
        try database.statement(
            """
            SELECT organization_id, id, name, active, checksum FROM agents
            WHERE (organization_id, id) BETWEEN (?1, ?2) AND (?3, ?4) ORDER BY organization_id, id
            """
        ).forEach(key.bounds) { row in
            let agent = Agent(
                organizationID: row.text(0),
                id: row.text(1),
                name: row.text(2),
                isActive: row.integer(3) != 0,
                versions: versions.removeValue(forKey: OwnedID(row.text(0), row.text(1))) ?? []
            )
            try check(DirectoryChecksum.of(agent), row.integer(4), "agents", &digest)
            found.append(agent)
        }
        guard versions.isEmpty else { throw damaged("agent_versions") }
        return found
    }

    private func versions(_ key: RowKey) throws -> [OwnedID: [AgentVersion]] {
        var found: [OwnedID: [AgentVersion]] = [:]
        try database.statement(
            """
            SELECT organization_id, agent_id, number, published FROM agent_versions
            WHERE (organization_id, agent_id) BETWEEN (?1, ?2) AND (?3, ?4)
            ORDER BY organization_id, agent_id, number
            """
        ).forEach(key.bounds) { row in
            let version = AgentVersion(
                number: Int(row.integer(2)),
                isPublished: row.integer(3) != 0,
                targets: []
            )
            found[OwnedID(row.text(0), row.text(1)), default: []].append(version)
        }
        try database.statement(
            """
            SELECT organization_id, agent_id, version, uri, priority, weight FROM agent_targets
            WHERE (organization_id, agent_id) BETWEEN (?1, ?2) AND (?3, ?4)
            ORDER BY organization_id, agent_id, version, position
            """
        ).forEach(key.bounds) { row in
            let owner = OwnedID(row.text(0), row.text(1))
            let target = AgentTarget(
                uri: row.text(3),
                priority: Int(row.integer(4)),
                weight: Int(row.integer(5))
            )
            let number = Int(row.integer(2))
            guard let place = found[owner]?.firstIndex(where: { $0.number == number }) else {
                throw damaged("agent_targets")
            }
            found[owner]?[place].targets.append(target)
        }
        return found
    }

    func routings(_ digest: inout Int64, _ key: RowKey = .all) throws -> [InboundRouting] {
        var found: [InboundRouting] = []
        try database.statement(
            """
            SELECT organization_id, enabled, workflow_definition, fallback_agent_id, timeout_ms,
                checksum, default_agent_id
            FROM inbound_routings WHERE organization_id BETWEEN ?1 AND ?2 ORDER BY organization_id
            """
        ).forEach(key.organizationBounds) { row in
            let routing = InboundRouting(
                organizationID: row.text(0),
                isEnabled: row.integer(1) != 0,
                workflowDefinition: row.text(2),
                fallbackAgentID: row.optionalText(3),
                defaultAgentID: row.optionalText(6),
                timeoutMilliseconds: Int(row.integer(4))
            )
            try check(DirectoryChecksum.of(routing), row.integer(5), "inbound_routings", &digest)
            found.append(routing)
        }
        return found
    }

    private func number(_ row: Row) throws -> NumberAssignment {
        guard let number = PhoneNumber(digits: UInt64(bitPattern: row.integer(0))),
            let status = UInt8(exactly: row.integer(7)).flatMap({
                NumberAssignment.Status(rawValue: $0)
            })
        else { throw damaged("numbers") }
        let assignment = NumberAssignment(
            number: number,
            organizationID: row.text(1),
            trunkID: row.optionalText(2),
            credentialID: row.optionalText(3),
            inboundAgentID: row.optionalText(4),
            inboundVersion: row.optionalInteger(5).map { Int($0) },
            label: row.text(6),
            status: status,
            trialEnds: row.optionalInteger(8).map { WallTime(microseconds: $0) },
            dispatchTemplate: row.text(9),
            metadata: row.text(10)
        )
        guard DirectoryChecksum.of(assignment) == row.integer(11) else { throw damaged("numbers") }
        return assignment
    }

    // MARK: - Checks

    func check(
        _ sum: Int64,
        _ stored: Int64,
        _ table: String,
        _ digest: inout Int64
    ) throws {
        guard sum == stored else { throw damaged(table) }
        digest &-= sum
    }

    func damaged(_ table: String) -> StoreError {
        StoreError(.corrupt, "\(database.path): a row of \(table) does not match its checksum")
    }

    func setting(_ name: String) throws -> Int64 {
        let value = try database.statement("SELECT value FROM settings WHERE name = ?")
            .first([.text(name)]) { $0.integer(0) }
        guard let value else { throw damaged("settings") }
        return value
    }
}
