import Routing

extension DirectoryFileReader {
    mutating func readAgents(_ organization: JSON5Object, _ owned: inout Owned) {
        var ids: Set<String> = []
        let rules = TargetRules(trunks: owned.trunks.values, own: own)
        for node in organization.elements("agents", countMax: 100_000) {
            let agent = node.object {
                Self.agent($0, owned.organization, &ids, rules: rules)
            }
            guard let agent else { continue }
            owned.agents[agent.id] = agent
            contents.agents.append(agent)
        }
    }

    private static func agent(
        _ object: JSON5Object,
        _ organization: String,
        _ ids: inout Set<String>,
        rules: TargetRules
    ) -> Agent {
        let id = identifier(object, taken: &ids)
        return Agent(
            organizationID: organization,
            id: id,
            name: object.string("name", bytesMax: 255) ?? id,
            isActive: object.bool("active") ?? true,
            versions: versions(object, rules: rules)
        )
    }

    /// `targets` are those of one published version; `versions` are many with their numbers.
    private static func versions(
        _ object: JSON5Object,
        rules: TargetRules
    ) -> [AgentVersion] {
        let targets = object.node("targets")
        guard let list = object.node("versions") else {
            guard let targets else {
                object.report("\"targets\" is missing; write targets: [{ uri: \"sip:…\" }]")
                return []
            }
            return [
                AgentVersion(
                    number: 1,
                    targets: Self.targets(targets, rules: rules)
                )
            ]
        }
        if targets != nil {
            object.report("write targets or versions, not both", key: "targets")
        }
        var versions: [AgentVersion] = []
        for node in list.elements(countMax: 1_000) {
            guard let version = node.object({ version($0, rules: rules) }) else {
                continue
            }
            if versions.contains(where: { $0.number == version.number }) {
                node.report("version \(version.number) is there already; number it anew")
            }
            versions.append(version)
        }
        return versions.sorted { $0.number < $1.number }
    }

    private static func version(_ object: JSON5Object, rules: TargetRules) -> AgentVersion {
        let number = object.required("number", example: "1")?.integer(in: 1...1_000_000)
        let isPublished = object.bool("published") ?? true
        let list = object.required("targets", example: "[{ uri: \"sip:…\" }]")
        return AgentVersion(
            number: number ?? 0,
            isPublished: isPublished,
            targets: list.map { targets($0, rules: rules) } ?? []
        )
    }

    /// 64 targets are more than a carrier tries before the caller hangs up.
    private static func targets(_ list: JSON5Node, rules: TargetRules) -> [AgentTarget] {
        list.elements(countMax: 64).compactMap { node in
            if case .string = node.value.kind {
                return uri(node, rules: rules).map { AgentTarget(uri: $0) }
            }
            return node.object { target($0, rules: rules) } ?? nil
        }
    }

    private static func target(_ object: JSON5Object, rules: TargetRules) -> AgentTarget? {
        let priority = object.integer("priority", in: 0...65_535) ?? 1
        let weight = object.integer("weight", in: 0...65_535) ?? 1
        guard let node = object.required("uri", example: "\"sip:sales@agents.example.com\""),
            let uri = uri(node, rules: rules)
        else { return nil }
        return AgentTarget(uri: uri, priority: priority, weight: weight)
    }

    private static func uri(_ node: JSON5Node, rules: TargetRules) -> String? {
        guard let text = node.string() else { return nil }
        if let objection = rules.objection(to: text) {
            node.report(objection)
            return nil
        }
        return text
    }
}
