import Routing

/// What has to change so that the directory becomes what somebody wants, before anything is changed.
///
/// A credential that is wanted without any secret keeps the secrets that it has: an exported file has
/// none. Without `prune`, what is not wanted stays.
package struct DirectoryPlan: Sendable {
    /// In an order in which the rows can be written.
    package private(set) var entries: [Entry] = []
    /// API keys whose organization is deleted: they go with it.
    private(set) var lostKeys: [APIKeyRow] = []

    /// One row that is created, updated or deleted.
    package struct Entry: Sendable {
        package var change: DirectoryChange
        package var action: Action
        /// The fields that differ; empty unless it is an update.
        package var fields: [FieldChange]
    }

    package enum Action: String, Sendable {
        case create, update, delete

        /// How a line of the plan begins.
        var sign: Character {
            switch self {
            case .create: "+"
            case .update: "~"
            case .delete: "-"
            }
        }
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
        var wanted = wanted
        wanted.adoptSecrets(of: current, secretsEqual: secretsEqual)
        compare(current.organizations, wanted.organizations, prune: prune)
        compare(current.agents, wanted.agents, prune: prune)
        compare(current.trunks, wanted.trunks, prune: prune)
        compare(current.credentials, wanted.credentials, prune: prune)
        compare(current.routings, wanted.routings, prune: prune)
        compare(current.numbers, wanted.numbers, prune: prune)
        entries.sort { $0.change.rank < $1.change.rank }
    }

    private mutating func compare<Row: PlannedRow>(
        _ current: [Row],
        _ wanted: [Row],
        prune: Bool
    ) {
        var left = Dictionary(current.map { ($0.planKey, $0) }) { first, _ in first }
        for row in wanted {
            guard let old = left.removeValue(forKey: row.planKey) else {
                entries.append(Entry(change: row.writing, action: .create, fields: []))
                continue
            }
            guard row != old else { continue }
            let changes = Field.changes(from: old.fields, to: row.fields)
            entries.append(Entry(change: row.writing, action: .update, fields: changes))
        }
        guard prune else { return }
        for row in current where left[row.planKey] != nil {
            entries.append(Entry(change: row.deletion, action: .delete, fields: []))
        }
    }

    /// Names among `keys`, which are all there are, those that go with their organization.
    package mutating func note(keys: [APIKeyRow]) {
        let removed = Set(
            entries.compactMap { entry -> String? in
                if case .deleteOrganization(let id) = entry.change { id } else { nil }
            }
        )
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

extension DirectoryContents {
    /// Takes over the stored form of the secrets that are the same in `stored`.
    fileprivate mutating func adoptSecrets(
        of stored: DirectoryContents,
        secretsEqual: (SealedSecret, SealedSecret, _ context: String) -> Bool
    ) {
        let olds = Dictionary(stored.credentials.map { ($0.planKey, $0) }) { first, _ in first }
        for index in credentials.indices {
            guard let old = olds[credentials[index].planKey] else { continue }
            credentials[index] = credentials[index]
                .adoptingSecrets(of: old, secretsEqual: secretsEqual)
        }
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
