import Routing

/// What has to change so that the directory becomes what somebody wants, before anything is changed.
///
/// A credential that is wanted without any secret keeps the secrets that it has: an exported file has
/// none. Without `prune`, what is not wanted stays.
package struct DirectoryPlan: Sendable {
    /// In an order in which the rows can be written.
    package private(set) var entries: [Entry] = []
    /// API keys whose organization is deleted: they go with it.
    private var lostKeys: [APIKeyRow] = []

    /// One row that is created, updated or deleted.
    package struct Entry: Sendable {
        package var change: DirectoryChange
        package var action: Action
        /// The fields that differ; empty unless it is an update.
        package var fields: [FieldChange]
    }

    package enum Action: String, Sendable {
        case create = "+"
        case update = "~"
        case delete = "-"
    }

    /// A field before and after; nil where the row does not have it.
    package struct FieldChange: Hashable, Sendable {
        package var name: String
        package var before: String?
        package var after: String?
        /// Secrets and long texts are only said to differ.
        package var isShown: Bool
    }

    /// Compares two directories; `secretsEqual` opens sealed secrets, which never look alike, with the
    /// `Credential.sealingContext` that both were sealed for.
    package init(
        from current: DirectoryContents,
        to wanted: DirectoryContents,
        prune: Bool,
        secretsEqual: (SealedSecret, SealedSecret, _ context: String) -> Bool
    ) {
        var deletions: [[Entry]] = []
        func compare<Row: Equatable, Key: Hashable>(
            _ rows: KeyPath<DirectoryContents, [Row]>,
            key: (Row) -> Key,
            fields: (Row) -> [Field],
            adopting: (Row, Row) -> Row = { wanted, _ in wanted },
            put: (Row) -> DirectoryChange,
            delete: (Row) -> DirectoryChange
        ) {
            var left = Dictionary(
                current[keyPath: rows].map { (key($0), $0) },
                uniquingKeysWith: { first, _ in first }
            )
            for row in wanted[keyPath: rows] {
                guard let old = left.removeValue(forKey: key(row)) else {
                    entries.append(Entry(change: put(row), action: .create, fields: []))
                    continue
                }
                let new = adopting(row, old)
                guard new != old else { continue }
                let changes = Field.changes(from: fields(old), to: fields(new))
                entries.append(Entry(change: put(new), action: .update, fields: changes))
            }
            guard prune, !left.isEmpty else { return }
            let gone = current[keyPath: rows].filter { left[key($0)] != nil }
            deletions.append(
                gone.map { Entry(change: delete($0), action: .delete, fields: []) }
            )
        }
        compare(
            \.organizations,
            key: \.id,
            fields: Field.of,
            put: { .putOrganization($0) },
            delete: { .deleteOrganization(id: $0.id) }
        )
        compare(
            \.agents,
            key: { OwnedID($0.organizationID, $0.id) },
            fields: Field.of,
            put: { .putAgent($0) },
            delete: { .deleteAgent(organizationID: $0.organizationID, id: $0.id) }
        )
        compare(
            \.trunks,
            key: { OwnedID($0.organizationID, $0.id) },
            fields: Field.of,
            put: { .putTrunk($0) },
            delete: { .deleteTrunk(organizationID: $0.organizationID, id: $0.id) }
        )
        compare(
            \.credentials,
            key: { OwnedID($0.organizationID, $0.id) },
            fields: Field.of,
            adopting: { $0.adoptingSecrets(of: $1, secretsEqual: secretsEqual) },
            put: { .putCredential($0) },
            delete: { .deleteCredential(organizationID: $0.organizationID, id: $0.id) }
        )
        compare(
            \.routings,
            key: \.organizationID,
            fields: Field.of,
            put: { .putRouting($0) },
            delete: { .deleteRouting(organizationID: $0.organizationID) }
        )
        compare(
            \.numbers,
            key: \.number,
            fields: Field.of,
            put: { .putNumber($0) },
            delete: { .deleteNumber($0.number) }
        )
        // What refers to a row goes before it: numbers first, organizations last.
        for list in deletions.reversed() { entries += list }
    }

    /// Names among `keys`, which are all there are, those that go with their organization.
    package mutating func note(keys: [APIKeyRow]) {
        let removed = entries.compactMap { entry -> String? in
            if case .deleteOrganization(let id) = entry.change { id } else { nil }
        }
        lostKeys = keys.filter { $0.organizationID.map(removed.contains) ?? false }
    }

    package var isEmpty: Bool { entries.isEmpty }

    package var changes: DirectoryChanges { DirectoryChanges(entries.map(\.change)) }

    package func count(of action: Action) -> Int { entries.count { $0.action == action } }

    /// `+ ~ -` and what it is about, one line for each row; never a secret.
    package var lines: [String] {
        entries.map(\.line)
            + lostKeys.map { "- API key \($0.id) of \($0.organizationID ?? "")" }
    }

    /// `2 to create, 1 to update, 0 to delete`.
    package var summary: String {
        "\(count(of: .create)) to create, \(count(of: .update)) to update, "
            + "\(count(of: .delete) + lostKeys.count) to delete"
    }
}

extension Credential {
    /// This credential with the stored form of the secrets that are the same.
    fileprivate func adoptingSecrets(
        of stored: Credential,
        secretsEqual: (SealedSecret, SealedSecret, _ context: String) -> Bool
    ) -> Credential {
        var adopted = self
        func areEqual(_ left: [SealedSecret], _ right: [SealedSecret]) -> Bool {
            left.elementsEqual(right) { secretsEqual($0, $1, sealingContext) }
        }
        let hasNone = authTokens.isEmpty && sharedKeys.isEmpty
        if hasNone || areEqual(authTokens, stored.authTokens) {
            adopted.authTokens = stored.authTokens
        }
        let hasSameKeys = sharedKeys.elementsEqual(stored.sharedKeys) { left, right in
            left.id == right.id && secretsEqual(left.secret, right.secret, sealingContext)
        }
        if hasNone || hasSameKeys { adopted.sharedKeys = stored.sharedKeys }
        return adopted
    }
}
