import Primitives

/// The directory at one moment, as event loops hold it: immutable, and shared in all that did not
/// change with the moments before and after.
package final class DirectorySnapshot: Sendable {
    package let numbers: NumberTable
    let organizations: EntryTable<OrganizationEntry>
    let agents: EntryTable<AgentEntry>
    let trunks: EntryTable<TrunkEntry>
    let credentials: EntryTable<CredentialEntry>
    /// The URIs that targets are probed by.
    package let probes: ProbeTable
    /// Which targets are known to be down.
    package let health: TargetHealth

    init(_ builder: DirectoryBuilder) {
        numbers = builder.numbers
        organizations = builder.organizations
        agents = builder.agents
        trunks = builder.trunks
        credentials = builder.credentials
        probes = builder.probes
        health = builder.health
    }

    /// A directory without rows.
    package static let empty = DirectorySnapshot(DirectoryBuilder())

    /// Builds the directory from all its rows, or says which row is the first at fault.
    ///
    /// `compile` makes a workflow of its definition.
    package convenience init(
        _ contents: DirectoryContents,
        compile: (InboundRouting) -> WorkflowDefinition? = { _ in nil }
    ) throws(DirectoryFault) {
        var builder = DirectoryBuilder(expectingNumbers: contents.numbers.count)
        for organization in contents.organizations { try builder.add(organization) }
        for agent in contents.agents { try builder.add(agent) }
        for trunk in contents.trunks { try builder.add(trunk) }
        for credential in contents.credentials { try builder.add(credential) }
        for routing in contents.routings {
            try builder.put(routing, workflow: compile(routing))
        }
        for number in contents.numbers { try builder.add(number) }
        self.init(builder)
    }
}

extension DirectorySnapshot {
    /// The entry of a number in its one normal form, or nil when no organization has it.
    package func entry(_ number: PhoneNumber) -> NumberEntry? { numbers.entry(number) }

    /// The organization at an index; nil for `NumberEntry.none` and for one that was removed.
    package func organization(_ index: UInt32) -> OrganizationEntry? { organizations[index] }
    /// The agent at an index; nil for `NumberEntry.none` and for one that was removed.
    package func agent(_ index: UInt32) -> AgentEntry? { agents[index] }
    /// The trunk at an index; nil for `NumberEntry.none` and for one that was removed.
    package func trunk(_ index: UInt32) -> TrunkEntry? { trunks[index] }
    /// The credential at an index; nil for `NumberEntry.none` and for one that was removed.
    package func credential(_ index: UInt32) -> CredentialEntry? { credentials[index] }

    /// The organization with that id.
    package func organization(named id: String) -> OrganizationEntry? {
        organizations.index(of: id, organization: NumberEntry.none).flatMap { organizations[$0] }
    }

    /// The agent with that id of one organization.
    package func agent(named id: String, organization: UInt32) -> AgentEntry? {
        agents.index(of: id, organization: organization).flatMap { agents[$0] }
    }

    package func trunk(named id: String, organization: UInt32) -> TrunkEntry? {
        trunks.index(of: id, organization: organization).flatMap { trunks[$0] }
    }

    package func credential(named id: String, organization: UInt32) -> CredentialEntry? {
        credentials.index(of: id, organization: organization).flatMap { credentials[$0] }
    }

    package var allOrganizations: [OrganizationEntry] { organizations.entries.compactMap { $0 } }
    package var allAgents: [AgentEntry] { agents.entries.compactMap { $0 } }
    package var allTrunks: [TrunkEntry] { trunks.entries.compactMap { $0 } }
    package var allCredentials: [CredentialEntry] { credentials.entries.compactMap { $0 } }
}

extension DirectorySnapshot {
    /// The same directory with the targets of these URIs down and no others.
    package func with(down uris: some Sequence<[UInt8]>) -> DirectorySnapshot {
        with(health: TargetHealth(down: uris, in: probes))
    }

    /// The same directory with other targets down; everything else is shared.
    package func with(health: TargetHealth) -> DirectorySnapshot {
        var builder = DirectoryBuilder(changing: self)
        builder.health = health
        return DirectorySnapshot(builder)
    }

    /// The directory with this number as the row says, new or changed; copies one page of numbers.
    package func changing(
        _ number: NumberAssignment
    ) throws(DirectoryFault) -> DirectorySnapshot {
        var builder = DirectoryBuilder(changing: self)
        try builder.put(number)
        return DirectorySnapshot(builder)
    }

    /// The directory without this number; copies one page of numbers.
    package func removing(_ number: PhoneNumber) -> DirectorySnapshot {
        var builder = DirectoryBuilder(changing: self)
        builder.remove(number)
        return DirectorySnapshot(builder)
    }

    /// The row of an entry, as `export` writes it; nil when its organization was removed.
    package func row(of entry: NumberEntry) -> NumberAssignment? {
        guard let organization = organization(entry.organization) else { return nil }
        let details = numbers.details(of: entry)
        return NumberAssignment(
            number: entry.number,
            organizationID: organization.id,
            trunkID: trunk(entry.trunk)?.id,
            credentialID: credential(entry.credential)?.id,
            inboundAgentID: agent(entry.agent)?.id,
            inboundVersion: entry.inboundVersion > 0 ? Int(entry.inboundVersion) : nil,
            label: details.label,
            status: entry.status,
            trialEnds: entry.trialEnds == NumberEntry.none
                ? nil : WallTime(seconds: Int64(entry.trialEnds)),
            dispatchTemplate: details.dispatchTemplate?.text ?? "",
            metadata: details.metadata
        )
    }
}
