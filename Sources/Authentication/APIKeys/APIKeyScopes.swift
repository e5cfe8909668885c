/// What a key of an organization may do with it; to manage something is also to read it.
///
/// The names are those of the management API: `phone_numbers:read`, `trunks:manage`, …, or `*` for all.
package struct APIKeyScopes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let readNumbers = APIKeyScopes(rawValue: 1)
    package static let manageNumbers = APIKeyScopes(rawValue: 1 << 1 | 1)
    package static let readManagedAccounts = APIKeyScopes(rawValue: 1 << 2)
    package static let manageManagedAccounts = APIKeyScopes(rawValue: 1 << 3 | 1 << 2)
    package static let readTrunks = APIKeyScopes(rawValue: 1 << 4)
    package static let manageTrunks = APIKeyScopes(rawValue: 1 << 5 | 1 << 4)
    package static let readRouting = APIKeyScopes(rawValue: 1 << 6)
    package static let manageRouting = APIKeyScopes(rawValue: 1 << 7 | 1 << 6)
    package static let readAgents = APIKeyScopes(rawValue: 1 << 8)
    package static let manageAgents = APIKeyScopes(rawValue: 1 << 9 | 1 << 8)
    package static let readCalls = APIKeyScopes(rawValue: 1 << 10)
    /// Numbers of callers in full, beside what `readCalls` shows.
    package static let readSensitiveCalls = APIKeyScopes(rawValue: 1 << 11 | 1 << 10)
    package static let all = APIKeyScopes(rawValue: 1 << 12 - 1)

    /// Every scope by its name; of two that include each other the smaller comes first.
    private static let table: [(name: String, scope: APIKeyScopes)] = [
        ("phone_numbers:read", .readNumbers), ("phone_numbers:manage", .manageNumbers),
        ("managed_accounts:read", .readManagedAccounts),
        ("managed_accounts:manage", .manageManagedAccounts),
        ("trunks:read", .readTrunks), ("trunks:manage", .manageTrunks),
        ("inbound_routing_configs:read", .readRouting),
        ("inbound_routing_configs:manage", .manageRouting),
        ("agents:read", .readAgents), ("agents:manage", .manageAgents),
        ("conversations:read", .readCalls), ("conversations:read_sensitive", .readSensitiveCalls),
    ]
}

extension APIKeyScopes {
    /// Every name that `init(parsing:)` takes, `*` first.
    package static var names: [String] { ["*"] + table.map(\.name) }

    /// Reads names with commas or blanks between them.
    package init(parsing text: String) throws(APIKeyScopesError) {
        self = []
        for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let scope = Self.named(word) else { throw .unknown(String(word)) }
            formUnion(scope)
        }
        guard !isEmpty else { throw .empty }
    }

    /// Reads what a store holds: a name that a newer version wrote grants nothing here.
    package init(stored text: String) {
        self = []
        for word in text.split(separator: ",") { formUnion(Self.named(word) ?? []) }
    }

    /// The fewest names that say the same, `*` for all; nothing for no scope.
    package var list: [String] {
        guard self != .all else { return ["*"] }
        let granted = Self.table.filter { contains($0.scope) }
        return granted.filter { entry in
            !granted.contains { $0.scope.isStrictSuperset(of: entry.scope) }
        }.map(\.name)
    }

    /// What a store holds.
    package var text: String { list.joined(separator: ",") }

    private static func named(_ word: Substring) -> APIKeyScopes? {
        word == "*" ? .all : table.first { $0.name == word }?.scope
    }
}

/// Why a text is no list of scopes.
package enum APIKeyScopesError: Error, Hashable {
    case empty
    case unknown(String)
}
