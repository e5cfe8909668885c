import Primitives
import Routing

/// A workflow in a file of its own, as `config/workflows` has them: JSON5, each problem with its line.
package struct DefinitionFile {
    /// The definition as JSON.
    package let text: String
    private let root: JSON5Node
    package let problems: Problems

    /// Nil after the reason was put into `problems`.
    package init?(_ bytes: [UInt8], problems: Problems) {
        guard let root = JSON5Document.read(bytes, problems: problems) else { return nil }
        self.init(root)
    }

    /// The definition at a place of another document.
    package init?(_ root: JSON5Node) {
        guard let text = root.jsonObject(bytesMax: Self.bytesMax) else { return nil }
        self.text = text
        self.root = root
        problems = root.problems
    }

    /// Compiles it against an organization of a directory; nil after the problems were listed.
    ///
    /// Without a directory agents are not checked, without a configuration hosts are not, and targets
    /// only for what is wrong with them everywhere.
    package func compile(
        for organization: OrganizationEntry?,
        in directory: DirectorySnapshot?,
        configuration: Configuration?
    ) -> WorkflowDefinition? {
        var agents: ((String) -> WorkflowSurroundings.AgentStanding)?
        let own = configuration.map { OwnAddresses($0) } ?? .none
        var targets = TargetRules(allowsPrivate: true, own: own)
        if let organization, let directory {
            agents = { directory.standing(ofAgent: $0, organization: organization.index) }
            targets = TargetRules(
                allowsPrivate: directory.allTrunks.contains {
                    $0.organization == organization.index && $0.allowsPrivateTargets
                },
                own: own
            )
        }
        let fallback = organization?.routing?.fallbackAgent ?? NumberEntry.none
        let compilation = WorkflowDefinition.compile(
            text,
            agents: agents,
            targets: targets,
            allowedHosts: configuration?.workflow.allowedHosts,
            hasFallbackAgent: organization == nil || fallback != NumberEntry.none
        )
        for problem in compilation.problems {
            root.descendant(at: problem.path).report(problem)
        }
        return compilation.definition
    }

    /// As much as a directory file takes.
    private static let bytesMax = 1 << 20
}

extension DirectorySnapshot {
    fileprivate func standing(
        ofAgent id: String,
        organization: UInt32
    ) -> WorkflowSurroundings.AgentStanding {
        guard let agent = agent(named: id, organization: organization) else {
            let known = allAgents.filter { $0.organization == organization }.map(\.id)
            return .unknown(near: Spelling.nearest(to: id, among: known))
        }
        return agent.isActive && !agent.versions.isEmpty ? .usable : .unusable
    }

    /// This directory with another workflow for one organization, and that enabled.
    func trying(
        _ draft: WorkflowDefinition,
        for organization: OrganizationEntry
    ) throws(DirectoryFault) -> DirectorySnapshot {
        var builder = DirectoryBuilder(changing: self)
        let routing = organization.routing
        try builder.put(
            InboundRouting(
                organizationID: organization.id,
                isEnabled: true,
                fallbackAgentID: routing.flatMap { agent($0.fallbackAgent)?.id },
                defaultAgentID: routing.flatMap { agent($0.defaultAgent)?.id },
                timeoutMilliseconds: routing?.timeoutMilliseconds ?? 5_000
            ),
            workflow: draft
        )
        return builder.build()
    }
}
