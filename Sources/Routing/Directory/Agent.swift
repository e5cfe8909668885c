/// Whoever answers calls: a name and its published versions.
package struct Agent: Hashable, Sendable {
    package var organizationID: String
    /// Unique within the organization.
    package var id: String
    package var name: String
    package var isActive: Bool
    /// In ascending order of `number`, which is unique.
    package var versions: [AgentVersion]

    package init(
        organizationID: String,
        id: String,
        name: String,
        isActive: Bool = true,
        versions: [AgentVersion]
    ) {
        self.organizationID = organizationID
        self.id = id
        self.name = name
        self.isActive = isActive
        self.versions = versions
    }

    /// The version that a call reaches when nothing names another.
    package var latestPublished: AgentVersion? { versions.last(where: \.isPublished) }
}

/// One state of an agent: where its calls go.
package struct AgentVersion: Hashable, Sendable {
    /// 1 and up.
    package var number: Int
    package var isPublished: Bool
    package var targets: [AgentTarget]

    package init(number: Int, isPublished: Bool = true, targets: [AgentTarget]) {
        self.number = number
        self.isPublished = isPublished
        self.targets = targets
    }
}

/// One place where an agent can be reached.
package struct AgentTarget: Hashable, Sendable {
    /// `sip:`, `sips:`, `tel:`, `wss:`, `https:` or an E.164 number; checked when saved.
    package var uri: String
    /// Lower is tried first; 0…65,535.
    package var priority: Int
    /// The share of calls within one priority; 0…65,535.
    package var weight: Int

    package init(uri: String, priority: Int = 1, weight: Int = 1) {
        self.uri = uri
        self.priority = priority
        self.weight = weight
    }
}
