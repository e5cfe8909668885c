import Authentication
import Primitives
import Routing
import Store
import Transport

/// `trunkline key`: API keys for organizations and operators.
package enum KeyCommands {
    /// What `key create` is asked for.
    package struct Request {
        fileprivate var organizationID: String?
        fileprivate var scopes: APIKeyScopes
        fileprivate var prefix: String
        fileprivate var label: String
        fileprivate var expires: WallTime?

        /// Either an organization or `isOperator`; `scopes`, `prefix` and `expires` have defaults.
        package init(
            organization: String?,
            isOperator: Bool,
            scopes: String?,
            prefix: String?,
            label: String?,
            expires: String?
        ) throws {
            guard (organization != nil) != isOperator else {
                throw UsageError(
                    "write either --organization ORGANIZATION, for a key of one organization, or "
                        + "--operator, for a key of the whole gateway (/trunkline/v1/…)"
                )
            }
            guard scopes == nil || !isOperator else {
                throw UsageError("an operator's key may do everything: leave --scopes out")
            }
            organizationID = organization
            self.scopes = try scopes.map(KeyCommands.scopes) ?? .all
            self.prefix = try KeyCommands.prefix(prefix, isOperator: isOperator)
            self.label = label ?? ""
            self.expires = try expires.map { try PointInTime.ahead($0, now: Clock.wall()) }
        }
    }

    /// Makes a key and tells it, this once.
    package static func create(
        _ session: Session,
        _ request: Request,
        asJSON: Bool
    ) throws -> String {
        let store = try session.store(creating: true)
        if let organization = request.organizationID { try require(organization, in: store) }
        let records = APIKeyRecords(store.database)
        let key = draw(request.prefix, avoiding: Set(try records.all().map(\.id)))
        let row = APIKeyRow(
            id: id(of: key.hash),
            organizationID: request.organizationID,
            label: request.label,
            prefix: request.prefix,
            hash: key.hash.digest.span.array,
            scopes: request.scopes.text,
            createdAt: Clock.wall(),
            expiresAt: request.expires
        )
        try records.insert(row)
        if asJSON { return json(row, key: key.exposed) }
        return """
            \(row.organizationID.map { "organization  \($0)" } ?? "operator      of the whole gateway")
            scopes        \(request.scopes.list.joined(separator: " "))
            id            \(row.id)
            key           \(key.exposed)

            Keep the key now: it is not shown again. Requests bring it as
            Authorization: Bearer \(row.prefix)…
            """
    }

    private static func draw(_ prefix: String, avoiding taken: Set<String>) -> APIKey {
        while true {
            let random = Randomness.bytes(APIKey.randomByteCount)
            guard let key = APIKey(prefix: prefix, randomBytes: random.span),
                !taken.contains(id(of: key.hash))
            else { continue }
            return key
        }
    }

    /// All keys, those of one organization if it is named, the oldest first.
    package static func list(
        _ session: Session,
        organization: String?,
        asJSON: Bool
    ) throws -> String {
        let store = try session.store()
        if let organization { try require(organization, in: store) }
        let rows = try APIKeyRecords(store.database).all().filter {
            organization == nil || $0.organizationID == organization
        }
        guard !asJSON else { return rows.map { json($0) }.joined(separator: "\n") }
        guard !rows.isEmpty else { return "no keys; trunkline key create makes one" }
        let now = Clock.wall()
        var table = TextTable(
            "ID",
            "KEY",
            "ORGANIZATION",
            "CREATED",
            "LAST USED",
            "STATE",
            "LABEL",
            "SCOPES"
        )
        for row in rows {
            table.append(
                row.id,
                row.prefix + "…",
                row.organizationID ?? "(operator)",
                text(row.createdAt),
                row.lastUsedAt.map(text) ?? "never",
                state(row, now),
                row.label.isEmpty ? "-" : row.label,
                APIKeyScopes(stored: row.scopes).list.joined(separator: " ")
            )
        }
        return table.text
    }

    /// Ends the key that `name` means: an id, the beginning of one, or the key itself.
    ///
    /// A running gateway refuses it within a second. JSON is the key as `list` has it.
    package static func revoke(
        _ session: Session,
        _ name: String,
        asJSON: Bool = false
    ) throws -> String {
        let records = APIKeyRecords(try session.store().database)
        let row = try only(name, among: records.all())
        let whose = row.organizationID.map { "of \($0)" } ?? "of the operators"
        let isNews = try records.revoke(id: row.id, at: Clock.wall())
        if asJSON { return json(try only(row.id, among: records.all())) }
        guard isNews else {
            return "\(row.id) \(whose) was revoked before, \(row.revokedAt.map(text) ?? "just now")"
        }
        return "\(row.id) \(whose) is revoked; a running gateway refuses it within a second"
    }
}

/// What the words of a command line mean.
extension KeyCommands {
    fileprivate static func scopes(_ text: String) throws -> APIKeyScopes {
        do {
            return try APIKeyScopes(parsing: text)
        } catch .unknown(let word) {
            let likely = Wording.suggestion(for: word, among: APIKeyScopes.names)
            throw UsageError(
                "\(Wording.quoted(word)) is no scope"
                    + (likely.map { "; did you mean \($0)?" }
                        ?? "; write \(Wording.choice(of: APIKeyScopes.names))")
            )
        } catch .empty {
            throw UsageError("--scopes names no scope; leave it out for all of them")
        }
    }

    fileprivate static func prefix(_ text: String?, isOperator: Bool) throws -> String {
        guard let text else { return isOperator ? "trunkline_operator_" : "trunkline_" }
        let isWord = text.utf8.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x5F }
        guard isWord, (1...24).contains(text.utf8.count) else {
            throw UsageError(
                "--prefix \(Wording.quoted(text)): write 1 to 24 letters, digits and _, such as "
                    + "sk_live_"
            )
        }
        return text
    }

    private static func require(_ organization: String, in store: DirectoryStore) throws {
        let known = try store.organizations().map(\.id)
        guard !known.contains(organization) else { return }
        let likely = Wording.suggestion(for: organization, among: known)
        throw CommandError(
            "there is no organization \(Wording.quoted(organization))"
                + (likely.map { "; did you mean \($0)?" }
                    ?? "; trunkline apply makes it from a directory file")
        )
    }

    private static func only(_ name: String, among rows: [APIKeyRow]) throws -> APIKeyRow {
        let octets = Array(name.utf8)
        let presented = id(of: APIKeyHash(presented: octets.span))
        if let row = rows.first(where: { $0.id == presented }) { return row }
        let matches = rows.filter { $0.id.hasPrefix(name.lowercased()) }
        guard let row = matches.first, !name.isEmpty else {
            // What was typed may be a key with a slip in it: it is not repeated.
            throw CommandError("no key has this id; trunkline key list shows the ids")
        }
        guard matches.count == 1 else {
            throw CommandError(
                "\(matches.count) keys have ids that begin so: "
                    + matches.prefix(5).map(\.id).joined(separator: ", ")
                    + "; write more of the id"
            )
        }
        return row
    }
}

/// What is told of a key.
extension KeyCommands {
    /// The beginning of its hash: whoever has the key can find it in the list, the list gives nothing
    /// away.
    private static func id(of hash: APIKeyHash) -> String { String(hash.hexadecimal.prefix(12)) }

    private static func text(_ time: WallTime) -> String { time.text(fraction: 0) }

    private static func state(_ row: APIKeyRow, _ now: WallTime) -> String {
        if let revoked = row.revokedAt { return "revoked \(text(revoked))" }
        guard let expires = row.expiresAt else { return "active" }
        return expires <= now ? "expired \(text(expires))" : "until \(text(expires))"
    }

    private static func json(_ row: APIKeyRow, key: String? = nil) -> String {
        var out = ByteBuffer()
        out.append("{")
        out.appendJSON("id", row.id)
        out.appendJSON("operator", row.organizationID == nil)
        out.appendJSON("organization", row.organizationID)
        out.appendJSON("key", key)
        out.appendJSON("prefix", row.prefix)
        out.appendJSON("label", row.label)
        out.appendJSON("created_at", text(row.createdAt))
        out.appendJSON("expires_at", row.expiresAt.map(text))
        out.appendJSON("last_used_at", row.lastUsedAt.map(text))
        out.appendJSON("revoked_at", row.revokedAt.map(text))
        out.appendJSON("scopes", APIKeyScopes(stored: row.scopes).list)
        out.append("}")
        return out.text
    }
}
