import Authentication
import Doors
import Primitives
import Routing

/// All that a loop needs to serve calls, as one immutable graph that is swapped whole: the configuration,
/// the directory, and what is derived of both.
final class ServingState: Sendable {
    let configuration: Configuration
    let directory: DirectorySnapshot
    let twilio: TwilioAccounts
    let signatures: SignatureVerifier
    let trustedProxies: AddressTable
    /// What TwiML names as our own address: without a `/` at its end.
    let publicURL: [UInt8]
    let keys: Keys
    private let sources: AddressTable
    private let groups: [TrunkGroup?]

    /// What makes ids and tags; all nodes that share the directory's key have the same.
    struct Keys: Sendable {
        var tag: SipHash.Key
        var call: SipHash.Key
    }

    /// - Parameter open: unseals a secret; the text says which row it belongs to.
    init(
        configuration: Configuration,
        publicURL: String,
        directory: DirectorySnapshot,
        keys: Keys,
        open: (SealedSecret, String) throws -> Secret
    ) throws {
        self.configuration = configuration
        self.directory = directory
        self.keys = keys
        let trimmed = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
        self.publicURL = Array(trimmed.utf8)
        signatures = SignatureVerifier(publicURLs: [try PublicURL(parsing: trimmed)])
        trustedProxies = AddressTable(
            entries: try configuration.http.trustedProxies.map {
                (prefix: try AddressPrefix($0), value: 0)
            }
        )
        sources = AddressTable(entries: try Self.sourceEntries(directory))
        groups = (0..<sources.groupCount).map { [sources] group in
            TrunkGroup(sources.values(at: group).compactMap { directory.trunk($0) })
        }
        twilio = TwilioAccounts(try Self.accounts(directory, open))
    }

    /// The trunks that send from this address, or nil for a stranger.
    func trunks(from address: IPAddress) -> TrunkGroup? {
        guard let group = sources.lookup(address), group < groups.count else { return nil }
        return groups[group]
    }

    /// The name of a call on the wire and in records: a keyed hash of the carrier's own id.
    func callID(_ text: Span<UInt8>) -> UInt64 {
        var hash = SipHash(key: keys.call)
        hash.combine(text)
        return hash.finalize()
    }

    private static func sourceEntries(
        _ directory: DirectorySnapshot
    ) throws -> [(prefix: AddressPrefix, value: UInt32)] {
        var entries: [(prefix: AddressPrefix, value: UInt32)] = []
        for trunk in directory.allTrunks {
            for text in trunk.allowedAddresses {
                entries.append((try AddressPrefix(text), trunk.index))
            }
        }
        return entries
    }

    private static func accounts(
        _ directory: DirectorySnapshot,
        _ open: (SealedSecret, String) throws -> Secret
    ) throws -> [TwilioAccounts.Entry] {
        var entries: [TwilioAccounts.Entry] = []
        for credential in directory.allCredentials
        where credential.provider == .twilio && !credential.accountSID.isEmpty {
            let organization = directory.organization(credential.organization)?.id ?? ""
            let place = Credential.sealingContext(organizationID: organization, id: credential.id)
            let keys = WebhookKeys(
                authTokens: try credential.authTokens.compactMap { AuthToken(try open($0, place)) },
                sharedKeys: try credential.sharedKeys.compactMap {
                    SharedKey(id: $0.id, secret: try open($0.secret, place))
                }
            )
            entries.append(
                TwilioAccounts.Entry(
                    accountSID: String(decoding: credential.accountSID, as: UTF8.self),
                    credential: credential.index,
                    keys: keys
                )
            )
        }
        return entries
    }
}
