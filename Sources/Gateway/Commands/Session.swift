import Authentication
import Glibc
import Primitives
import Routing
import Store
import Transport

/// What a command works with: the configuration, and the store with its key when it needs them.
package struct Session {
    package let configuration: Configuration
    package let configurationFile: String?
    /// What refuses nothing in the configuration, but may not be meant so.
    let warnings: [Problem]

    /// Reads `--config`, or the defaults when there is none; a bad file is told with all its problems.
    ///
    /// With `checkingHost` it is bad as well if this host does not have what it names.
    package init(configurationFile: String?, checkingHost: Bool = false) throws {
        self.configurationFile = configurationFile
        guard let configurationFile else {
            configuration = Configuration()
            warnings = []
            return
        }
        let problems = Problems(file: configurationFile)
        let bytes = try File.read(configurationFile)
        let read = Configuration.read(bytes, problems: problems, checkingHost: checkingHost)
        guard let read else { throw FileError(problems) }
        configuration = read
        warnings = problems.sortedWarnings
    }

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        configurationFile = nil
        warnings = []
    }

    /// Whether a store has been made; one that only others may look at counts as made.
    var hasStore: Bool { access(configuration.storePath, F_OK) == 0 || errno != ENOENT }

    /// Opens the store; one that is not there is made if `creating` says so, else it is an error.
    package func store(creating: Bool = false) throws -> DirectoryStore {
        guard creating || hasStore else { throw CommandError(adviceWithoutStore) }
        if creating { try File.makeFolder(configuration.stateDirectory) }
        do {
            let store = try configuration.openStore(creating: creating)
            handOver()
            return store
        } catch let error as StoreError {
            throw CommandError("\(configuration.storePath): \(error)")
        }
    }

    private var adviceWithoutStore: String {
        "there is no store at \(configuration.storePath); "
            + (configurationFile == nil
                ? "name the configuration with --config FILE, or make one with trunkline apply"
                : "trunkline apply makes one from a directory file")
    }

    /// Opens the key, which must be the one of the store.
    func secrets(of store: DirectoryStore) throws -> SecretBox {
        let key = try KeyFile.load(
            path: configuration.path(configuration.keyFile),
            credentialsDirectory: getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) },
            isNew: try store.keyCheckValue() == nil
        )
        try DirectoryFollower.check(key, store, configuration)
        handOver()
        return SecretBox(key: key)
    }

    /// Gives what root has made in the state directory to whose directory it is: a daemon under a user
    /// of its own could not open it.
    func handOver() {
        guard geteuid() == 0 else { return }
        File.giveToOwner(of: configuration.stateDirectory)
    }
}

/// A file with problems: each on a line of its own, with its place and what to write instead.
package struct FileError: Error, CustomStringConvertible {
    let problems: [Problem]
    /// That there are more, if there are.
    let rest: String?

    init(_ problems: Problems) {
        self.problems = problems.sorted
        rest = problems.rest
    }

    var lines: [String] { problems.map(\.description) + [rest].compactMap(\.self) }

    package var description: String { lines.joined(separator: "\n") }
}

extension SecretBox {
    /// Seals under a nonce that the kernel's generator draws.
    func seal(_ secret: Secret, context: String) throws -> SealedSecret {
        var nonce = InlineArray<12, UInt8>(repeating: 0)
        let random = Randomness.bytes(12)
        for index in 0..<12 { nonce[index] = random[index] }
        return SealedSecret(try seal(secret, context: context, nonce: nonce))
    }

    func areEqual(_ left: SealedSecret, _ right: SealedSecret, context: String) -> Bool {
        guard let left = try? open(left.bytes.span, context: context),
            let right = try? open(right.bytes.span, context: context)
        else { return false }
        return left == right
    }
}
