import Authentication
import Primitives
import Routing
import Store
import Transport

/// `apply`, `export` and `check`: the directory as a file.
package enum DirectoryCommands {
    /// Makes the directory what the file says; tells the plan line by line before it is carried out.
    package static func apply(
        _ session: Session,
        file: String,
        isDryRun: Bool,
        prune: Bool,
        tell: (String) -> Void
    ) throws {
        let store = try session.store()
        let secrets = try session.secrets(of: store)
        let problems = Problems(file: file)
        let bytes = try File.read(file)
        let contents = DirectoryFile.read(bytes, problems: problems) { secret, context in
            try secrets.seal(secret, context: context)
        }
        guard let contents else { throw FileError(problems) }
        let version = try store.version()
        let current = try store.load()
        let plan = DirectoryPlan(from: current, to: contents, prune: prune) {
            left,
            right,
            context in
            secrets.areEqual(left, right, context: context)
        }
        for line in plan.lines { tell(line) }
        tell(plan.isEmpty ? "nothing to change" : plan.summary)
        for routing in contents.routings where routing.isEnabled {
            tell(
                "note: inbound_routing of \(routing.organizationID) is enabled; this version runs no "
                    + "workflows, so that its calls go to the fallback agent"
            )
        }
        guard !isDryRun, !plan.isEmpty else { return }
        let changes = plan.changes
        _ = try store.apply(changes, expecting: version, at: Clock.wall())
        tell("applied")
    }

    /// The directory as a file that `apply` takes.
    package static func export(_ session: Session) throws -> [UInt8] {
        DirectoryFile.write(try session.store().load())
    }

    /// Everything that is wrong with the configuration and the directory, one line each.
    package static func check(_ session: Session, directoryFile: String?) throws -> [String] {
        if let directoryFile {
            let problems = Problems(file: directoryFile)
            _ = DirectoryFile.read(try File.read(directoryFile), problems: problems) { _, _ in
                SealedSecret([])
            }
            return problems.lines
        }
        let store = try session.store()
        try store.checkIntegrity()
        let secrets = try session.secrets(of: store)
        var problems: [String] = []
        let contents = try store.load()
        do {
            _ = try DirectorySnapshot(contents)
        } catch {
            problems.append("the directory: \(error)")
        }
        for credential in contents.credentials {
            let place = credential.sealingContext
            for secret in credential.authTokens + credential.sharedKeys.map(\.secret) {
                do {
                    _ = try secrets.open(secret.bytes.span, context: place)
                } catch {
                    problems.append("\(place): \(error)")
                }
            }
        }
        return problems
    }
}
