import Authentication
import Primitives
import Routing
import Store
import Transport

/// The daemon's view of the store: loads the directory, and follows what others write.
package final class DirectoryFollower {
    /// Which API keys were used, for whoever writes it down.
    package let keyUses = APIKeyUses()
    private let store: DirectoryStore
    private let secrets: SecretBox
    private let keys: ServingState.Keys
    private(set) var directory = DirectorySnapshot.empty
    private var version: Int64 = -1
    private var warnings: [String] = []
    private var apiKeys = APIKeyTable.empty
    private var apiKeysVersion: Int64 = -1
    private var down: Set<[UInt8]> = []
    /// Whether something was taken in that nobody has served yet: it is tried again until somebody does.
    package private(set) var hasNews = false

    /// Opens the store, and the key, which has to be the one that sealed the store's secrets.
    package init(_ configuration: Configuration, credentialsDirectory: String?) throws {
        store = try configuration.openStore(creating: true)
        let key = try KeyFile.load(
            path: configuration.path(configuration.keyFile),
            credentialsDirectory: credentialsDirectory,
            isNew: try store.keyCheckValue() == nil
        )
        try Self.check(key, store, configuration)
        secrets = SecretBox(key: key)
        keys = ServingState.Keys(
            tag: key.derivedKey(for: "To tags"),
            call: key.derivedKey(for: "call ids")
        )
    }

    /// Reads the whole directory and all API keys.
    package func load() throws {
        try store.database.requireInPlace()
        try loadDirectory()
        try loadKeys()
    }

    /// Takes in what has been written since; an error may come after a part of it.
    package func follow() throws {
        try store.database.requireInPlace()
        if try APIKeyRecords(store.database).version() != apiKeysVersion { try loadKeys() }
        try followDirectory()
    }

    /// What was taken in is served from now on.
    package func notePublished() {
        hasNews = false
    }

    private func loadDirectory() throws {
        var builder = DirectoryBuilder(hashSeed: Randomness.word())
        var loaded: Int64 = -1
        try store.load { contents, version in
            loaded = version
            try add(contents, to: &builder)
        } eachNumber: { number in
            try builder.add(number)
        }
        directory = builder.build().with(down: down)
        version = loaded
        hasNews = true
    }

    /// The targets that are down from now on; what is loaded later heeds them too.
    func note(down: Set<[UInt8]>) {
        self.down = down
        directory = directory.with(down: down)
    }

    private func followDirectory() throws {
        guard try store.version() != version else { return }
        switch try store.update(since: version) {
        case .unchanged: break
        case .everything: try loadDirectory()
        case .changes(let changes, _) where changes.removesOrganization: try loadDirectory()
        case .changes(let changes, let newest):
            var builder = DirectoryBuilder(changing: directory)
            for change in changes.list { try apply(change, to: &builder) }
            directory = builder.build().with(down: down)
            version = newest
            hasNews = true
        }
    }

    /// Keys that are revoked, or whose hash is damaged, are not among those that count.
    private func loadKeys() throws {
        let (rows, version) = try APIKeyRecords(store.database).load()
        apiKeys = APIKeyTable(
            rows.filter { $0.revokedAt == nil }.compactMap { row in
                guard let hash = APIKeyHash(octets: row.hash.span) else { return nil }
                let holder = APIKeyHolder(
                    keyID: row.id,
                    organizationID: row.organizationID,
                    scopes: APIKeyScopes(stored: row.scopes),
                    expires: row.expiresAt
                )
                return (hash, holder)
            }
        )
        apiKeysVersion = version
        hasNews = true
    }

    /// What loops serve from now on.
    package func state(
        _ configuration: Configuration,
        publicURL: String,
        sendStep: @escaping ServingState.StepSender = ServingState.sendNothing
    ) throws -> ServingState {
        try ServingState(
            configuration: configuration,
            publicURL: publicURL,
            directory: directory,
            keys: keys,
            sendStep: sendStep,
            apiKeys: apiKeys,
            keyUses: keyUses,
            open: { [secrets] sealed, place in
                do {
                    return try secrets.open(sealed.bytes.span, context: place)
                } catch {
                    throw StartError("\(place): \(error)")
                }
            }
        )
    }

    private func add(
        _ contents: DirectoryContents,
        to builder: inout DirectoryBuilder
    ) throws {
        for organization in contents.organizations { try builder.add(organization) }
        for agent in contents.agents { try builder.add(agent) }
        for trunk in contents.trunks { try builder.add(trunk) }
        for credential in contents.credentials { try builder.add(credential) }
        for routing in contents.routings {
            try builder.put(routing, workflow: compile(routing))
        }
    }

    private func apply(
        _ change: DirectoryChange,
        to builder: inout DirectoryBuilder
    ) throws {
        switch change {
        case .putOrganization(let row): builder.put(row)
        case .putAgent(let row): try builder.put(row)
        case .putTrunk(let row): try builder.put(row)
        case .putCredential(let row): try builder.put(row)
        case .putRouting(let row): try builder.put(row, workflow: compile(row))
        case .putNumber(let row): try builder.put(row)
        case .deleteNumber(let number): builder.remove(number)
        case .deleteRouting(let organization): builder.removeRouting(organizationID: organization)
        case .deleteCredential(let organization, let id):
            builder.removeCredential(id, organizationID: organization)
        case .deleteTrunk(let organization, let id):
            builder.removeTrunk(id, organizationID: organization)
        case .deleteAgent(let organization, let id):
            builder.removeAgent(id, organizationID: organization)
        // A removed organization takes everything else with it; the directory is loaded anew.
        case .deleteOrganization: break
        }
    }

    private func compile(_ routing: InboundRouting) -> WorkflowDefinition? {
        let compilation = WorkflowDefinition.compile(routing)
        for problem in compilation.errors where routing.isEnabled {
            warnings.append("the workflow of \(routing.organizationID) cannot run: \(problem)")
        }
        return compilation.definition
    }

    /// What was not right with what was read last, and is told once.
    func takeWarnings() -> [String] {
        defer { warnings = [] }
        return warnings
    }

    /// The first key leaves its mark in the store; another one is refused.
    static func check(
        _ key: SecretKey,
        _ store: DirectoryStore,
        _ configuration: Configuration
    ) throws {
        let value = key.checkValue
        guard let known = try store.keyCheckValue() else {
            return try store.setKeyCheckValue(value)
        }
        guard known == value else {
            throw StartError(
                "the key is not the one that sealed the secrets of "
                    + "\(configuration.storePath): put the right key into "
                    + "\(configuration.path(configuration.keyFile)) or the credential trunkline.key"
            )
        }
    }
}

extension DirectoryChanges {
    fileprivate var removesOrganization: Bool {
        list.contains { change in
            if case .deleteOrganization = change { return true }
            return false
        }
    }
}
