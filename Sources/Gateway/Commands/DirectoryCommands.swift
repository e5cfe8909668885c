import Authentication
import JSONata
import Primitives
import Routing
import Store
import Transport

/// `apply`, `export` and `check`: the directory as a file.
package enum DirectoryCommands {
    /// Makes the directory what the file says; tells the plan line by line before it is carried out,
    /// or as one JSON object afterwards.
    package static func apply(
        _ session: Session,
        file: String,
        isDryRun: Bool,
        prune: Bool,
        asJSON: Bool = false,
        tell: (String) -> Void
    ) throws {
        let store = try session.store(creating: true)
        let secrets = try session.secrets(of: store)
        let problems = Problems(file: file)
        let contents = try read(file, session.configuration, secrets, problems)
        if !asJSON { for warning in problems.warningLines { tell(warning) } }
        guard let contents else { throw FileError(problems) }
        let version = try store.version()
        let current = try store.load()
        var plan = DirectoryPlan(from: current, to: contents, prune: prune) {
            secrets.areEqual($0, $1, context: $2)
        }
        plan.note(keys: try APIKeyRecords(store.database).all())
        if !asJSON {
            for line in plan.lines { tell(line) }
            tell(plan.isEmpty ? "nothing to change" : plan.summary)
        }
        let isApplied = !isDryRun && !plan.isEmpty
        if isApplied { _ = try store.apply(plan.changes, expecting: version, at: Clock.wall()) }
        if asJSON {
            tell(plan.json(isApplied: isApplied, warnings: problems.warningLines))
        } else if isApplied {
            tell("applied")
        }
    }

    private static func read(
        _ file: String,
        _ configuration: Configuration,
        _ secrets: SecretBox,
        _ problems: Problems
    ) throws -> DirectoryContents? {
        DirectoryFile.read(
            try File.read(file),
            problems: problems,
            own: OwnAddresses(configuration),
            checkWorkflow: checkWorkflow(configuration)
        ) { secret, context in
            try secrets.seal(secret, context: context)
        }
    }

    /// The directory as a file that `apply` takes: JSON5 for people, or JSON on one line.
    package static func export(_ session: Session, asJSON: Bool = false) throws -> String {
        let bytes = DirectoryFile.write(try session.store().load())
        guard asJSON else { return String(decoding: bytes, as: UTF8.self) }
        let problems = Problems(file: "the exported directory")
        let limits = JSON5Document.Limits(bytes: bytes.count)
        guard let document = JSON5Document.read(bytes, limits: limits, problems: problems) else {
            throw FileError(problems)
        }
        return document.value.compactJSON
    }

    /// Everything that is wrong with the configuration and the directory.
    ///
    /// `directoryFile` is looked at instead of the stored directory.
    package static func check(
        configurationFile: String?,
        directoryFile: String?
    ) throws -> Findings {
        do {
            let session = try Session(configurationFile: configurationFile, checkingHost: true)
            var findings = Findings()
            findings.warn(session.warnings)
            findings.add(try check(session, directoryFile: directoryFile))
            return findings
        } catch {
            return Findings(error)
        }
    }

    /// Everything that is wrong with the directory.
    package static func check(_ session: Session, directoryFile: String?) throws -> Findings {
        guard let directoryFile else { return try check(session) }
        let problems = Problems(file: directoryFile)
        _ = DirectoryFile.read(
            try File.read(directoryFile),
            problems: problems,
            own: OwnAddresses(session.configuration),
            checkWorkflow: checkWorkflow(session.configuration)
        ) { _, _ in SealedSecret([]) }
        return Findings(problems)
    }

    private static func checkWorkflow(
        _ configuration: Configuration
    ) -> DirectoryFile.CheckWorkflow {
        { routing, agents, targets in
            WorkflowDefinition.check(
                routing,
                agents: agents,
                targets: targets,
                allowedHosts: configuration.workflow.allowedHosts
            ).problems
        }
    }

    /// Before the first `apply` there is no store, and none is made.
    private static func check(_ session: Session) throws -> Findings {
        guard session.hasStore else { return Findings() }
        let store = try session.store()
        try store.checkIntegrity()
        let secrets = try session.secrets(of: store)
        var findings = Findings()
        let contents = try store.load()
        do {
            _ = try DirectorySnapshot(contents)
        } catch {
            findings.report("the directory: \(error)")
        }
        for credential in contents.credentials {
            let place = credential.sealingContext
            for secret in credential.authTokens + credential.sharedKeys.map(\.secret) {
                do {
                    _ = try secrets.open(secret.bytes.span, context: place)
                } catch {
                    findings.report("\(place): \(error)")
                }
            }
        }
        add(workflowsOf: contents, session.configuration, to: &findings)
        return findings
    }

    private static func add(
        workflowsOf contents: DirectoryContents,
        _ configuration: Configuration,
        to findings: inout Findings
    ) {
        let check = checkWorkflow(configuration)
        let own = OwnAddresses(configuration)
        let allAgents = Dictionary(grouping: contents.agents, by: \.organizationID)
        let allTrunks = Dictionary(grouping: contents.trunks, by: \.organizationID)
        for routing in contents.routings where !routing.workflowDefinition.isEmpty {
            let agents = Dictionary(
                (allAgents[routing.organizationID] ?? []).map { ($0.id, $0) }
            ) { first, _ in first }
            let targets = TargetRules(trunks: allTrunks[routing.organizationID] ?? [], own: own)
            for problem in check(routing, agents, targets) {
                let line = "the workflow of \(routing.organizationID): \(problem.text)"
                switch problem.severity {
                case .error: findings.report(line)
                case .warning: findings.warn(line)
                }
            }
        }
    }
}
