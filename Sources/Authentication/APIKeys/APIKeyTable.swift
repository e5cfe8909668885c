import Primitives

/// Who holds an API key, and what the key allows.
package struct APIKeyHolder: Hashable, Sendable {
    /// Names the key in lists and logs, and gives nothing of it away.
    package var keyID: String
    /// Nil for an operator's key, which is for the whole gateway and not for one organization.
    package var organizationID: String?
    package var scopes: APIKeyScopes
    package var expires: WallTime?

    package init(
        keyID: String,
        organizationID: String?,
        scopes: APIKeyScopes,
        expires: WallTime? = nil
    ) {
        self.keyID = keyID
        self.organizationID = organizationID
        self.scopes = scopes
        self.expires = expires
    }

    /// Whether the key is for the whole gateway, and not for one organization.
    package var isOperator: Bool { organizationID == nil }

    /// Whether the key allows all of `scopes` in that organization.
    package func allows(_ scopes: APIKeyScopes, in organizationID: String) -> Bool {
        isOperator || (self.organizationID == organizationID && self.scopes.isSuperset(of: scopes))
    }
}

/// The keys that are in force, by their hashes: an immutable value that every loop holds.
///
/// A look-up finds its way by the SHA-256 of what was presented, of which nobody can choose a part, and
/// compares digests in constant time: how long it takes says nothing of any key.
package struct APIKeyTable: Sendable {
    private let holders: [APIKeyHash: APIKeyHolder]

    package static let empty = APIKeyTable([])

    /// Of two entries with one hash the first counts.
    package init(_ entries: [(hash: APIKeyHash, holder: APIKeyHolder)]) {
        holders = Dictionary(entries.map { ($0.hash, $0.holder) }) { first, _ in first }
    }

    package var count: Int { holders.count }

    /// Whose key `bearer` is, or nil for octets that are no key in force at `now`.
    ///
    /// Costs one hash of at most 256 octets and no memory.
    package func authenticate(bearer: Span<UInt8>, at now: WallTime) -> APIKeyHolder? {
        guard bearer.count > 0, bearer.count <= Self.byteCountMax,
            let holder = holders[APIKeyHash(presented: bearer)]
        else { return nil }
        if let expires = holder.expires, expires <= now { return nil }
        return holder
    }

    /// Whose key an `Authorization` field brings: `Bearer`, blanks and the key (RFC 6750 §2.1).
    ///
    /// The name of the scheme may be written in any case (RFC 9110 §11.1).
    package func authenticate(authorization value: Span<UInt8>, at now: WallTime) -> APIKeyHolder? {
        let scheme: StaticString = "bearer"
        guard value.count > scheme.utf8CodeUnitCount,
            value.extracting(0..<scheme.utf8CodeUnitCount).isEqualIgnoringCase(to: scheme),
            value[scheme.utf8CodeUnitCount] == ASCII.space
        else { return nil }
        var start = scheme.utf8CodeUnitCount
        while start < value.count, value[start] == ASCII.space { start &+= 1 }
        return authenticate(bearer: value.extracting(start..<value.count), at: now)
    }

    /// No key is longer than 64 octets; more would be hashed for strangers.
    private static let byteCountMax = 256
}
