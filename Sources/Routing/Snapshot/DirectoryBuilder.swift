import Primitives

/// The directory while it is being built or changed, row by row; then a snapshot.
///
/// Organizations come before what they own, and agents, trunks and credentials before the numbers
/// and routings that name them. A row at fault throws and leaves the builder as it was, so that a
/// caller can go on and report every fault at once.
package struct DirectoryBuilder: Sendable {
    private(set) var organizations = EntryTable<OrganizationEntry>()
    private(set) var agents = EntryTable<AgentEntry>()
    private(set) var trunks = EntryTable<TrunkEntry>()
    private(set) var credentials = EntryTable<CredentialEntry>()
    private(set) var numbers: NumberTable
    private(set) var probes = ProbeTable()
    /// Those that were read so far, by their texts: the numbers of an organization often have the same.
    private var dispatchTemplates: [String: DispatchTemplate] = [:]
    /// What a change of the directory does not touch: indices of `probes` stay what they are.
    var health = TargetHealth()

    /// `hashSeed` keys the table of numbers; a random word keeps its pages even against malice.
    package init(expectingNumbers count: Int = 0, hashSeed: UInt64 = 0) {
        numbers = NumberTable(expecting: count, seed: hashSeed)
    }

    /// Goes on from a snapshot; what is not changed is shared with it.
    package init(changing snapshot: DirectorySnapshot) {
        organizations = snapshot.organizations
        agents = snapshot.agents
        trunks = snapshot.trunks
        credentials = snapshot.credentials
        numbers = snapshot.numbers
        probes = snapshot.probes
        health = snapshot.health
    }

    /// The directory as it is now.
    package func build() -> DirectorySnapshot { DirectorySnapshot(self) }
}

/// `add` refuses a row whose id is taken; `put` replaces the row that has it.
extension DirectoryBuilder {
    package mutating func add(_ organization: Organization) throws(DirectoryFault) {
        guard index(ofOrganization: organization.id) == nil else {
            throw .duplicate(.organization, id: organization.id)
        }
        put(organization)
    }

    package mutating func put(_ organization: Organization) {
        let routing = index(ofOrganization: organization.id).flatMap { organizations[$0]?.routing }
        put(organization, routing: routing)
    }

    package mutating func add(_ agent: Agent) throws(DirectoryFault) {
        let owner = try owner(agent.organizationID, of: .agent, id: agent.id)
        guard agents.index(of: agent.id, organization: owner) == nil else {
            throw .duplicate(.agent, id: agent.id)
        }
        try put(agent)
    }

    package mutating func put(_ agent: Agent) throws(DirectoryFault) {
        let owner = try owner(agent.organizationID, of: .agent, id: agent.id)
        var readable: [(number: Int, targets: [TargetEntry])] = []
        for version in agent.versions where version.isPublished {
            readable.append((version.number, try Self.targets(of: version, agent: agent.id)))
        }
        let versions = readable.sorted { $0.number < $1.number }.map { version in
            let targets = version.targets.map { target in
                var target = target
                target.probe = probes.index(adding: target)
                return target
            }
            return VersionEntry(number: UInt32(clamping: version.number), targets: targets)
        }
        agents.put(agent.id, organization: owner) { index in
            AgentEntry(index: index, organization: owner, agent: agent, versions: versions)
        }
    }

    package mutating func add(_ trunk: Trunk) throws(DirectoryFault) {
        let owner = try owner(trunk.organizationID, of: .trunk, id: trunk.id)
        guard trunks.index(of: trunk.id, organization: owner) == nil else {
            throw .duplicate(.trunk, id: trunk.id)
        }
        try put(trunk)
    }

    package mutating func put(_ trunk: Trunk) throws(DirectoryFault) {
        let owner = try owner(trunk.organizationID, of: .trunk, id: trunk.id)
        let country = trunk.inbound.defaultCountry
        guard let plan = CompiledNumberPlan(defaultCountry: country) else {
            throw .unknownCountry(country ?? "", trunk: trunk.id)
        }
        trunks.put(trunk.id, organization: owner) { index in
            TrunkEntry(index: index, organization: owner, trunk: trunk, numberPlan: plan)
        }
    }

    package mutating func add(_ credential: Credential) throws(DirectoryFault) {
        let owner = try owner(credential.organizationID, of: .credential, id: credential.id)
        guard credentials.index(of: credential.id, organization: owner) == nil else {
            throw .duplicate(.credential, id: credential.id)
        }
        try put(credential)
    }

    package mutating func put(_ credential: Credential) throws(DirectoryFault) {
        let owner = try owner(credential.organizationID, of: .credential, id: credential.id)
        credentials.put(credential.id, organization: owner) { index in
            CredentialEntry(index: index, organization: owner, credential: credential)
        }
    }

    /// `workflow` is the routing's definition compiled; without one every call of an enabled routing
    /// counts as one whose workflow failed.
    package mutating func put(
        _ routing: InboundRouting,
        workflow: WorkflowDefinition? = nil
    ) throws(DirectoryFault) {
        let id = routing.organizationID
        let owner = try owner(id, of: .routing, id: id)
        guard let organization = organizations[owner] else { return }
        for uri in workflow?.literalTargets ?? [] {
            if let target = TargetEntry(AgentTarget(uri: uri)) { _ = probes.index(adding: target) }
        }
        let entry = RoutingEntry(
            routing,
            workflow: workflow,
            fallbackAgent: try agent(routing.fallbackAgentID, of: owner, by: id),
            defaultAgent: try agent(routing.defaultAgentID, of: owner, by: id)
        )
        put(organization.row, routing: entry)
    }

    /// The agent that a routing names, or `NumberEntry.none` where it names none.
    private func agent(
        _ id: String?,
        of owner: UInt32,
        by routing: String
    ) throws(DirectoryFault) -> UInt32 {
        guard let id else { return NumberEntry.none }
        guard let index = agents.index(of: id, organization: owner) else {
            throw .unknown(.agent, id: id, by: .routing, referrer: routing)
        }
        return index
    }

    package mutating func add(_ number: NumberAssignment) throws(DirectoryFault) {
        guard numbers.entry(number.number) == nil else { throw .duplicateNumber(number.number) }
        try put(number)
    }

    package mutating func put(_ row: NumberAssignment) throws(DirectoryFault) {
        let entry = try entry(of: row)
        let details = NumberDetails(
            label: row.label,
            metadata: row.metadata,
            dispatchTemplate: template(row.dispatchTemplate)
        )
        numbers.update(entry, details: details)
    }

    private mutating func template(_ text: String) -> DispatchTemplate? {
        guard !text.isEmpty else { return nil }
        if let known = dispatchTemplates[text] { return known }
        let template = DispatchTemplate(text)
        if dispatchTemplates.count < Self.sharedTemplateCountMax {
            dispatchTemplates[text] = template
        }
        return template
    }

    /// Beyond these, numbers have templates of their own, and there is little to share.
    private static let sharedTemplateCountMax = 10_000
}

/// What goes away leaves its index unused: numbers that name it then have none.
extension DirectoryBuilder {
    /// Removes a row; it need not be there.
    package mutating func remove(_ number: PhoneNumber) {
        numbers = numbers.removing(number)
    }

    package mutating func removeAgent(_ id: String, organizationID: String) {
        guard let owner = index(ofOrganization: organizationID) else { return }
        _ = agents.remove(id, organization: owner)
    }

    package mutating func removeTrunk(_ id: String, organizationID: String) {
        guard let owner = index(ofOrganization: organizationID) else { return }
        _ = trunks.remove(id, organization: owner)
    }

    package mutating func removeCredential(_ id: String, organizationID: String) {
        guard let owner = index(ofOrganization: organizationID) else { return }
        _ = credentials.remove(id, organization: owner)
    }

    /// Takes an organization's routing configuration away, and leaves the organization.
    package mutating func removeRouting(organizationID: String) {
        guard let owner = index(ofOrganization: organizationID),
            let organization = organizations[owner]
        else { return }
        put(organization.row, routing: nil)
    }
}

extension DirectoryBuilder {
    /// Organizations have no owner.
    private func index(ofOrganization id: String) -> UInt32? {
        organizations.index(of: id, organization: NumberEntry.none)
    }

    private mutating func put(_ organization: Organization, routing: RoutingEntry?) {
        organizations.put(organization.id, organization: NumberEntry.none) { index in
            OrganizationEntry(index: index, organization: organization, routing: routing)
        }
    }

    private func owner(
        _ organizationID: String,
        of kind: DirectoryFault.Kind,
        id: String
    ) throws(DirectoryFault) -> UInt32 {
        guard let index = index(ofOrganization: organizationID) else {
            throw .unknownOrganization(organizationID, by: kind, id: id)
        }
        return index
    }

    private mutating func entry(of row: NumberAssignment) throws(DirectoryFault) -> NumberEntry {
        let number = row.number
        guard CompiledNumberPlan.reaches(number) else { throw .unreachableNumber(number) }
        guard let owner = organizations.find(row.organizationID, organization: NumberEntry.none)
        else { throw .unknownOrganization(row.organizationID, by: .number, id: number.e164) }
        var entry = NumberEntry(
            number: number,
            organization: owner,
            inboundVersion: UInt32(clamping: row.inboundVersion ?? 0),
            trialEnds: row.trialEnds.map(Self.seconds) ?? NumberEntry.none,
            status: row.status
        )
        if let id = row.trunkID {
            guard let trunk = trunks.find(id, organization: owner) else {
                throw .unknown(.trunk, id: id, by: .number, referrer: number.e164)
            }
            entry.trunk = trunk
        }
        if let id = row.credentialID {
            guard let credential = credentials.find(id, organization: owner) else {
                throw .unknown(.credential, id: id, by: .number, referrer: number.e164)
            }
            entry.credential = credential
        }
        if let id = row.inboundAgentID {
            guard let agent = agents.find(id, organization: owner) else {
                throw .unknown(.agent, id: id, by: .number, referrer: number.e164)
            }
            entry.agent = agent
        }
        return entry
    }

    /// Whole seconds of the years 1970 to 2106; a trial that ends outside them ends at the edge.
    private static func seconds(of end: WallTime) -> UInt32 {
        min(UInt32(clamping: end.seconds), NumberEntry.none - 1)
    }

    private static func targets(
        of version: AgentVersion,
        agent: String
    ) throws(DirectoryFault) -> [TargetEntry] {
        var targets: [TargetEntry] = []
        for target in version.targets {
            guard let entry = TargetEntry(target) else {
                throw .unreadableTarget(target.uri, agent: agent)
            }
            targets.append(entry)
        }
        // Swift's sort is not stable by contract: the configured place decides between equals.
        return targets.enumerated()
            .sorted { ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset) }
            .map(\.element)
    }
}
