/// The distinct URIs of targets that can be probed; a target names its URI by the index here.
///
/// An index stays with its URI from snapshot to snapshot until the directory is built anew, so that
/// what is known of a target's health is one bit for each index.
package struct ProbeTable: Sendable {
    /// The URIs by index; some may be of targets that are no longer in the directory.
    package private(set) var uris: [[UInt8]] = []
    private var indices: [[UInt8]: UInt32] = [:]

    init() {}

    /// The index of a URI exactly as configured, or nil when no target has had it.
    package func index(of uri: [UInt8]) -> UInt32? { indices[uri] }

    /// The index of a URI, which gets one if it has none; `TargetEntry.noProbe` for a target that is
    /// not probed.
    mutating func index(adding target: TargetEntry) -> UInt32 {
        guard target.kind.isProbed else { return TargetEntry.noProbe }
        if let index = indices[target.uri] { return index }
        let index = UInt32(truncatingIfNeeded: uris.count)
        indices[target.uri] = index
        uris.append(target.uri)
        return index
    }
}

/// One URI to probe, and whose it is.
package struct ProbedTarget: Hashable, Sendable {
    package var uri: [UInt8]
    /// The first agent that has it, for people; others may have it too.
    package var organization: String
    /// Empty for a target that only a workflow names.
    package var agent: String

    package init(uri: [UInt8], organization: String, agent: String) {
        self.uri = uri
        self.organization = organization
        self.agent = agent
    }
}

extension TargetKind {
    /// Whether such a target can be asked how it is; a telephone number can only be called.
    var isProbed: Bool {
        switch self {
        case .sip, .sips, .wss, .https: true
        case .tel, .number: false
        }
    }
}

extension DirectorySnapshot {
    /// The targets to probe, each URI once: those of published versions of active agents, then those
    /// that the text of an enabled workflow names.
    ///
    /// Linear in the targets of the directory.
    package var probedTargets: [ProbedTarget] {
        var isListed = [Bool](repeating: false, count: probes.uris.count)
        var targets: [ProbedTarget] = []
        func list(_ probe: UInt32?, organization: String, agent: String) {
            guard let probe, probe != TargetEntry.noProbe, !isListed[Int(probe)] else { return }
            isListed[Int(probe)] = true
            let uri = probes.uris[Int(probe)]
            targets.append(ProbedTarget(uri: uri, organization: organization, agent: agent))
        }
        for agent in allAgents where agent.isActive {
            let owner = organization(agent.organization)?.id ?? ""
            for target in agent.versions.lazy.flatMap(\.targets) {
                list(target.probe, organization: owner, agent: agent.id)
            }
        }
        for organization in allOrganizations {
            guard let routing = organization.routing, routing.isEnabled else { continue }
            for uri in routing.workflow?.literalTargets ?? [] {
                let probe = probes.index(of: Array(uri.utf8))
                list(probe, organization: organization.id, agent: "")
            }
        }
        return targets
    }

    /// Whether a target is known to be down.
    ///
    /// One bit is looked at. A target of a workflow's output has no index, and is looked up by its URI:
    /// it is known if an agent has it too, or the workflow's text names it.
    package func isDown(_ target: TargetEntry) -> Bool {
        guard health.downCount > 0 else { return false }
        guard target.probe == TargetEntry.noProbe, target.kind.isProbed else {
            return health.isDown(target.probe)
        }
        return probes.index(of: target.uri).map { health.isDown($0) } ?? false
    }
}
