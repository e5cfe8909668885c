import Routing

/// Trunks and credentials, each with the lists that belong to it.
extension DirectoryReader {
    func trunks(_ digest: inout Int64, _ key: RowKey = .all) throws -> [Trunk] {
        let addresses = try trunkAddresses(key)
        let refusals = try trunkRefusals(key)
        var found: [Trunk] = []
        try database.statement(
            """
            SELECT organization_id, id, name, number_source, default_country, reject_status,
                trusts_identity, follows_embedded_headers, allows_private_targets, checksum
            FROM trunks
            WHERE (organization_id, id) BETWEEN (?1, ?2) AND (?3, ?4) ORDER BY organization_id, id
            """
        ).forEach(key.bounds) { row in
            let owner = OwnedID(row.text(0), row.text(1))
            guard let numberSource = NumberSource(row.text(3)) else { throw damaged("trunks") }
            let rejectStatus = row.optionalInteger(5).map { Int($0) }
            let inbound = InboundTrunk(
                allowedAddresses: addresses[owner] ?? [],
                numberSource: numberSource,
                defaultCountry: row.optionalText(4),
                answerMode: rejectStatus.map { .reject(status: $0) } ?? .redirect,
                refusalStatus: refusals[owner] ?? [:],
                trustsIdentity: row.integer(6) != 0,
                followsEmbeddedHeaders: row.integer(7) != 0,
                allowsPrivateTargets: row.integer(8) != 0
            )
            let trunk = Trunk(
                organizationID: owner.organization,
                id: owner.id,
                name: row.text(2),
                inbound: inbound
            )
            try check(DirectoryChecksum.of(trunk), row.integer(9), "trunks", &digest)
            found.append(trunk)
        }
        return found
    }

    private func trunkAddresses(_ key: RowKey) throws -> [OwnedID: [String]] {
        var found: [OwnedID: [String]] = [:]
        try database.statement(
            """
            SELECT organization_id, trunk_id, prefix FROM trunk_addresses
            WHERE (organization_id, trunk_id) BETWEEN (?1, ?2) AND (?3, ?4)
            ORDER BY organization_id, trunk_id, position
            """
        ).forEach(key.bounds) { row in
            found[OwnedID(row.text(0), row.text(1)), default: []].append(row.text(2))
        }
        return found
    }

    private func trunkRefusals(_ key: RowKey) throws -> [OwnedID: [RefusalReason: Int]] {
        var found: [OwnedID: [RefusalReason: Int]] = [:]
        try database.statement(
            """
            SELECT organization_id, trunk_id, reason, status FROM trunk_refusals
            WHERE (organization_id, trunk_id) BETWEEN (?1, ?2) AND (?3, ?4)
            """
        ).forEach(key.bounds) { row in
            guard let reason = RefusalReason(rawValue: row.text(2)) else {
                throw damaged("trunk_refusals")
            }
            found[OwnedID(row.text(0), row.text(1)), default: [:]][reason] = Int(row.integer(3))
        }
        return found
    }

    func credentials(_ digest: inout Int64, _ key: RowKey = .all) throws -> [Credential] {
        let secrets = try secrets(key)
        var found: [Credential] = []
        try database.statement(
            """
            SELECT organization_id, id, provider, account_sid, label, checksum FROM credentials
            WHERE (organization_id, id) BETWEEN (?1, ?2) AND (?3, ?4) ORDER BY organization_id, id
            """
        ).forEach(key.bounds) { row in
            let owner = OwnedID(row.text(0), row.text(1))
            guard let provider = Credential.Provider(rawValue: row.text(2)) else {
                throw damaged("credentials")
            }
            let credential = Credential(
                organizationID: owner.organization,
                id: owner.id,
                provider: provider,
                accountSID: row.text(3),
                authTokens: secrets[owner]?.tokens ?? [],
                sharedKeys: secrets[owner]?.keys ?? [],
                label: row.text(4)
            )
            try check(DirectoryChecksum.of(credential), row.integer(5), "credentials", &digest)
            found.append(credential)
        }
        return found
    }

    private typealias Secrets = (tokens: [SealedSecret], keys: [Credential.SharedKey])

    private func secrets(_ key: RowKey) throws -> [OwnedID: Secrets] {
        var found: [OwnedID: Secrets] = [:]
        try database.statement(
            """
            SELECT organization_id, credential_id, key_id, sealed FROM credential_secrets
            WHERE (organization_id, credential_id) BETWEEN (?1, ?2) AND (?3, ?4)
            ORDER BY organization_id, credential_id, position
            """
        ).forEach(key.bounds) { row in
            let secret = SealedSecret(row.blob(3))
            let owner = OwnedID(row.text(0), row.text(1))
            if let id = row.optionalText(2) {
                let key = Credential.SharedKey(id: id, secret: secret)
                found[owner, default: ([], [])].keys.append(key)
            } else {
                found[owner, default: ([], [])].tokens.append(secret)
            }
        }
        return found
    }
}
