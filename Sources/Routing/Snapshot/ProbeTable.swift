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
    /// The targets to probe: each URI of a published version of an active agent, once.
    ///
    /// Linear in the targets of the directory.
    package var probedTargets: [ProbedTarget] {
        var isListed = [Bool](repeating: false, count: probes.uris.count)
        var targets: [ProbedTarget] = []
        for agent in allAgents where agent.isActive {
            for target in agent.versions.lazy.flatMap(\.targets)
            where target.probe != TargetEntry.noProbe && !isListed[Int(target.probe)] {
                isListed[Int(target.probe)] = true
                targets.append(
                    ProbedTarget(
                        uri: target.uri,
                        organization: organization(agent.organization)?.id ?? "",
                        agent: agent.id
                    )
                )
            }
        }
        return targets
    }

    /// Whether a target is known to be down.
    ///
    /// One bit is looked at. A target that a workflow names has no index, and is looked up by its URI:
    /// it is known if an agent has it too.
    package func isDown(_ target: TargetEntry) -> Bool {
        guard health.downCount > 0 else { return false }
        guard target.probe == TargetEntry.noProbe, target.kind.isProbed else {
            return health.isDown(target.probe)
        }
        return probes.index(of: target.uri).map { health.isDown($0) } ?? false
    }
}
