import Primitives
import Routing

/// Which rows each write touched, so that a follower reads those and not the whole directory.
///
/// A write of very many rows is kept as one line that says "everything", and only the last writes are
/// kept at all: whoever is further behind loads everything.
struct DirectoryJournal {
    let database: Database

    init(_ database: Database) {
        self.database = database
    }

    /// The kinds are stored: never give one another number.
    private enum Kind: Int64 {
        case everything = 0
        case organization, agent, trunk, credential, routing, number
    }

    func append(_ changes: DirectoryChanges, version: Int64) throws {
        if changes.list.count > Self.rowsMax {
            try append(.everything, OwnedID("", ""), version)
        } else {
            for change in changes.list {
                let (kind, key) = Self.key(of: change)
                try append(kind, key, version)
            }
        }
        try database.run(
            "DELETE FROM directory_journal WHERE version <= ?",
            [.integer(version - Self.versionsMax)]
        )
    }

    /// What was written after `version`, each row once, as it is now.
    func update(since version: Int64, reader: DirectoryReader) throws -> DirectoryUpdate {
        let newest = try reader.setting("version")
        guard version != newest else { return .unchanged }
        guard version < newest, version >= newest - Self.versionsMax else {
            return .everything(version: newest)
        }
        var touched: [(kind: Kind, key: OwnedID)] = []
        try database.statement(
            """
            SELECT DISTINCT kind, organization_id, id FROM directory_journal WHERE version > ?
            ORDER BY kind LIMIT 10001
            """
        ).forEach([.integer(version)]) { row in
            guard let kind = Kind(rawValue: row.integer(0)) else {
                throw reader.damaged("directory_journal")
            }
            touched.append((kind, OwnedID(row.text(1), row.text(2))))
        }
        guard touched.count <= Self.rowsMax, touched.first?.kind != .everything else {
            return .everything(version: newest)
        }
        let list = try touched.map { try Self.change($0.kind, $0.key, reader) }
        let ordered = list.sorted { $0.rank < $1.rank }
        return .changes(DirectoryChanges(ordered), version: newest)
    }

    private func append(_ kind: Kind, _ key: OwnedID, _ version: Int64) throws {
        try database.run(
            """
            INSERT OR IGNORE INTO directory_journal (version, kind, organization_id, id)
            VALUES (?, ?, ?, ?)
            """,
            [.integer(version), .integer(kind.rawValue), .text(key.organization), .text(key.id)]
        )
    }

    private static func key(of change: DirectoryChange) -> (Kind, OwnedID) {
        switch change {
        case .putOrganization(let row): (.organization, OwnedID(row.id, row.id))
        case .putAgent(let row): (.agent, OwnedID(row.organizationID, row.id))
        case .putTrunk(let row): (.trunk, OwnedID(row.organizationID, row.id))
        case .putCredential(let row): (.credential, OwnedID(row.organizationID, row.id))
        case .putRouting(let row): (.routing, OwnedID(row.organizationID, ""))
        // Not with its organization: a number may move from one to another.
        case .putNumber(let row): (.number, OwnedID("", row.number.e164))
        case .deleteNumber(let number): (.number, OwnedID("", number.e164))
        case .deleteRouting(let organization): (.routing, OwnedID(organization, ""))
        case .deleteCredential(let organization, let id): (.credential, OwnedID(organization, id))
        case .deleteTrunk(let organization, let id): (.trunk, OwnedID(organization, id))
        case .deleteAgent(let organization, let id): (.agent, OwnedID(organization, id))
        case .deleteOrganization(let id): (.organization, OwnedID(id, id))
        }
    }

    /// The change that makes a follower's row what it is here now.
    private static func change(
        _ kind: Kind,
        _ key: OwnedID,
        _ reader: DirectoryReader
    ) throws -> DirectoryChange {
        let (organization, id) = (key.organization, key.id)
        var digest: Int64 = 0
        switch kind {
        case .everything:
            throw reader.damaged("directory_journal")
        case .organization:
            let row = try reader.organizations(&digest, .one(key)).first
            return row.map { .putOrganization($0) } ?? .deleteOrganization(id: id)
        case .agent:
            let row = try reader.agents(&digest, .one(key)).first
            return row.map { .putAgent($0) } ?? .deleteAgent(organizationID: organization, id: id)
        case .trunk:
            let row = try reader.trunks(&digest, .one(key)).first
            return row.map { .putTrunk($0) } ?? .deleteTrunk(organizationID: organization, id: id)
        case .credential:
            let row = try reader.credentials(&digest, .one(key)).first
            return row.map { .putCredential($0) }
                ?? .deleteCredential(organizationID: organization, id: id)
        case .routing:
            let row = try reader.routings(&digest, .one(key)).first
            return row.map { .putRouting($0) } ?? .deleteRouting(organizationID: organization)
        case .number:
            guard let number = PhoneNumber(id) else { throw reader.damaged("directory_journal") }
            let row = try reader.number(number)
            return row.map { .putNumber($0) } ?? .deleteNumber(number)
        }
    }

    /// Loading ten thousand rows one by one takes about as long as loading a million in a row.
    static let rowsMax = 10_000
    /// A follower looks several times a second; this many writes behind, it has been away.
    static let versionsMax: Int64 = 1_024
}
