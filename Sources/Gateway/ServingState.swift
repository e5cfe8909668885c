import Authentication
import Doors
import Primitives
import Routing

/// All that a loop needs to serve calls, as one immutable graph that is swapped whole: the configuration,
/// the directory, and what is derived of both.
package final class ServingState: Sendable {
    package let configuration: Configuration
    package let directory: DirectorySnapshot
    package let twilio: TwilioAccounts
    package let signatures: SignatureVerifier
    let trustedProxies: AddressTable
    /// How the `http` steps of workflows reach their hosts.
    let sendStep: StepSender
    /// What TwiML names as our own address: without a `/` at its end.
    package let publicURL: [UInt8]
    let keys: Keys
    let apiKeys: APIKeyTable
    private let keyUses: APIKeyUses?
    private let sources: AddressTable
    private let groups: [TrunkGroup?]

    /// What makes ids and tags; all nodes that share the directory's key have the same.
    package struct Keys: Sendable {
        package var tag: SipHash.Key
        package var call: SipHash.Key

        package init(tag: SipHash.Key, call: SipHash.Key) {
            self.tag = tag
            self.call = call
        }
    }

    /// Sends a request of a workflow and comes back with what became of it, once, on any thread.
    package typealias StepSender =
        @Sendable (
            _ request: HTTPStepRequest,
            _ timeout: Interval,
            _ deliver: @escaping @Sendable (WorkflowEvent) -> Void
        ) -> Void

    /// `open` unseals a secret; the text says which row it belongs to.
    ///
    /// `keyUses` hears which API keys were used.
    package init(
        configuration: Configuration,
        publicURL: String,
        directory: DirectorySnapshot,
        keys: Keys,
        sendStep: @escaping StepSender = ServingState.sendNothing,
        apiKeys: APIKeyTable = .empty,
        keyUses: APIKeyUses? = nil,
        open: (SealedSecret, String) throws -> Secret
    ) throws {
        self.configuration = configuration
        self.directory = directory
        self.keys = keys
        self.sendStep = sendStep
        self.apiKeys = apiKeys
        self.keyUses = keyUses
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

    /// The same but for the health of targets: nothing is derived anew and no secret unsealed.
    package init(_ other: ServingState, down: Set<[UInt8]>) {
        configuration = other.configuration
        directory = other.directory.with(down: down)
        twilio = other.twilio
        signatures = other.signatures
        trustedProxies = other.trustedProxies
        publicURL = other.publicURL
        keys = other.keys
        sources = other.sources
        groups = other.groups
        sendStep = other.sendStep
        apiKeys = other.apiKeys
        keyUses = other.keyUses
    }

    /// For a gateway that asks nobody.
    package static let sendNothing: StepSender = { request, _, deliver in
        deliver(.requestFailed(id: request.id, reason: .hostNotAllowed))
    }

    /// The trunks that send from this address, or nil for a stranger.
    package func trunks(from address: IPAddress) -> TrunkGroup? {
        guard let group = sources.lookup(address), group < groups.count else { return nil }
        return groups[group]
    }

    /// The name of a call on the wire and in records: a keyed hash of the carrier's own id.
    package func callID(_ text: Span<UInt8>) -> UInt64 {
        var hash = SipHash(key: keys.call)
        hash.combine(text)
        return hash.finalize()
    }

    /// Whose API key an `Authorization` field brings, or nil when it is none that is in force.
    ///
    /// The use of the key is noted.
    package func authenticate(authorization value: Span<UInt8>, at now: WallTime) -> APIKeyHolder? {
        guard let holder = apiKeys.authenticate(authorization: value, at: now) else { return nil }
        keyUses?.note(holder.keyID, at: now)
        return holder
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
