import JSONata
import Primitives

/// Each type of step, apart from `schedule`, `http` and `output`.
extension WorkflowCompiler {
    mutating func step(_ node: DefinitionNode, index: Int) -> WorkflowStep {
        warnOfUnknownKeys(
            node,
            known: ["id", "name", "type", "config", "next", "branches", "on_error"]
        )
        let kind = kind(node)
        let id = node["id"].string ?? ""
        if id == "input", case .trigger = kind {
        } else if id == "input" {
            error(node["id"], "“input” is the call itself; choose another id")
        }
        if !node["name"].isMissing, node["name"].string == nil {
            error(node["name"], "must be a text")
        }
        return WorkflowStep(
            id: id,
            name: node["name"].string ?? "",
            kind: kind,
            next: next(of: kind, node),
            onError: node["on_error"].isMissing ? nil : target(node["on_error"])
        )
    }

    private mutating func next(of kind: WorkflowStep.Kind, _ node: DefinitionNode) -> Int? {
        switch kind {
        case .condition, .schedule, .split, .output:
            if !node["next"].isMissing {
                warn(node["next"], "is ignored: this type of step does not go on by next")
            }
            return nil
        case .limit:
            if !node["next"].isMissing, !node["branches"]["within"].isMissing {
                warn(node["next"], "is ignored: branches.within says where these calls go")
            }
            return nil
        case .trigger, .set, .lookup, .http, .sticky, .note:
            if !node["branches"].isMissing, Self.isKnown(node["type"]) {
                warn(node["branches"], "is ignored: this type of step goes on by next")
            }
            return node["next"].isMissing ? nil : target(node["next"])
        }
    }

    private mutating func kind(_ node: DefinitionNode) -> WorkflowStep.Kind {
        let typeNode = node["type"]
        guard let name = typeNode.string, let type = WorkflowStepType(name: name) else {
            error(typeNode, Self.refusal(of: typeNode.string))
            return .note
        }
        let config = node["config"]
        switch type {
        case .trigger: return .trigger
        case .note: return .note
        case .condition: return .condition(condition(config, node["branches"]))
        case .schedule: return .schedule(schedule(config, node["branches"]))
        case .split: return .split(split(config, node["branches"]))
        case .set: return .set(set(config))
        case .lookup: return .lookup(lookup(config))
        case .http: return http(config).map { .http($0) } ?? .note
        case .limit: return .limit(limit(config, node))
        case .sticky: return .sticky(sticky(config))
        case .output: return .output(output(config))
        }
    }

    private static func isKnown(_ type: DefinitionNode) -> Bool {
        type.string.flatMap { WorkflowStepType(name: $0) } != nil
    }

    private static func refusal(of name: String?) -> String {
        let types = WorkflowStepType.allCases.map(\.rawValue)
        let list = "the types are \(types.joined(separator: ", "))"
        return switch name {
        case "code":
            "steps of type “code” are not available: foreign code has no place on the way of a call;"
                + " write {{ }} expressions in a “set” step"
        case "app":
            "steps of type “app” are not available: the gateway holds no accounts of other services;"
                + " ask them with an “http” step"
        case "wait":
            "steps of type “wait” are not available: the caller would hear silence; leave it out"
        case let name?:
            "there is no step type “\(name)”; \(hint(for: name, among: types, else: list))"
        case nil: "name the type of the step: \(types.joined(separator: ", "))"
        }
    }

    private mutating func warnOfUnknownBranches(_ branches: DefinitionNode, known: [String]) {
        for (label, node) in branches.members where !known.contains(label) {
            let list = "its branches are \(known.joined(separator: ", "))"
            error(
                node,
                "the step never takes a branch “\(label)”; "
                    + Self.hint(for: label, among: known, else: list)
            )
        }
    }

    private mutating func condition(
        _ config: DefinitionNode,
        _ branches: DefinitionNode
    ) -> ConditionStep {
        warnOfUnknownKeys(config, known: ["branches"])
        let defaultStep = target(branches["default"])
        var tests: [ConditionStep.Branch] = []
        let nodes = config["branches"].elements
        if nodes.isEmpty {
            error(config["branches"], "must be a list of { label: \"vip\", when: \"{{ … }}\" }")
        }
        for node in nodes {
            warnOfUnknownKeys(node, known: ["label", "when"])
            let label = plainText(node["label"], "\"vip\"")
            let isTaken = label == "default" || tests.contains { $0.label == label }
            if isTaken, !label.isEmpty {
                error(node["label"], "“\(label)” is taken; choose another label")
            }
            let errorCount = errorCount
            let when = requiredValue(node["when"], "\"{{ input.attestation = 'failed' }}\"")
            // What cannot be read has its own problem, and stands as a constant from there on.
            let isRead = self.errorCount == errorCount
            if isRead, case .constant(let value) = when, value.boolValue == nil {
                error(node["when"], "can never be true; write the test as {{ … }}")
            } else if case .text = when {
                error(node["when"], "is text and can never be true; put all of it into one {{ … }}")
            }
            // Where a label leads is said once; one that cannot be read leads nowhere.
            let step = isTaken || label.isEmpty ? nil : target(branches[label])
            tests.append(.init(label: label, when: when, step: step))
        }
        warnOfUnknownBranches(branches, known: tests.map(\.label) + ["default"])
        return ConditionStep(branches: tests, defaultStep: defaultStep)
    }

    private mutating func schedule(
        _ config: DefinitionNode,
        _ branches: DefinitionNode
    ) -> ScheduleStep {
        warnOfUnknownBranches(branches, known: ["open", "closed"])
        return ScheduleStep(
            schedule: weeklySchedule(config),
            zone: zone(config["timezone"]),
            openStep: target(branches["open"]),
            closedStep: target(branches["closed"])
        )
    }

    private mutating func split(_ config: DefinitionNode, _ branches: DefinitionNode) -> SplitStep {
        warnOfUnknownKeys(config, known: ["key", "weights"])
        let key = requiredValue(config["key"], "\"{{ input.caller_number }}\"")
        var shares: [SplitStep.Branch] = []
        var total: UInt64 = 0
        let weights = config["weights"]
        for (label, node) in weights.members.sorted(by: { $0.key < $1.key }) {
            total += UInt64(wholeNumber(node, in: 0...1_000_000, default: nil))
            shares.append(
                .init(label: label, cumulativeWeight: total, step: target(branches[label]))
            )
        }
        if total == 0 {
            error(
                weights,
                "the weights sum to nothing; write for example { stable: 95, canary: 5 }"
            )
        }
        warnOfUnknownBranches(branches, known: shares.map(\.label))
        return SplitStep(key: key, branches: shares, total: total)
    }

    private mutating func set(_ config: DefinitionNode) -> [WorkflowValue.Member] {
        warnOfUnknownKeys(config, known: ["values"])
        guard case .object? = config["values"].value else {
            error(config["values"], "must be an object, such as { tier: \"{{ crm.body.tier }}\" }")
            return []
        }
        return members(config["values"])
    }

    private mutating func lookup(_ config: DefinitionNode) -> LookupStep {
        warnOfUnknownKeys(config, known: ["list", "key"])
        let list = plainText(config["list"], "\"vip\"")
        if !list.isEmpty, lists[list] == nil, let known = surroundings.lists, !known.contains(list)
        {
            let hint = Self.hint(
                for: list,
                among: lists.keys.sorted() + known.sorted(),
                else: "add it under lists of the workflow"
            )
            error(config["list"], "there is no list “\(list)”; \(hint)")
        }
        let key = requiredValue(config["key"], "\"{{ input.caller_number }}\"")
        return LookupStep(list: list, table: lists[list], key: key)
    }

    private mutating func limit(_ config: DefinitionNode, _ node: DefinitionNode) -> LimitStep {
        warnOfUnknownKeys(config, known: ["key", "max", "window_seconds", "lease_seconds"])
        let branches = node["branches"]
        warnOfUnknownBranches(branches, known: ["within", "over"])
        let seconds = WorkflowLimits.windowSeconds
        let measure: CallMeasure
        if config["window_seconds"].isMissing {
            let lease = wholeNumber(
                config["lease_seconds"],
                in: seconds,
                default: WorkflowLimits.leaseSecondsDefault
            )
            measure = .concurrent(lease: .seconds(Int64(lease)))
        } else {
            let window = wholeNumber(config["window_seconds"], in: seconds, default: nil)
            measure = .arrivals(window: .seconds(Int64(window)))
            if !config["lease_seconds"].isMissing {
                error(
                    config["lease_seconds"],
                    "a limit counts arrivals in window_seconds, or calls that are up; choose one"
                )
            }
        }
        let within =
            branches["within"].isMissing ? target(node["next"]) : target(branches["within"])
        return LimitStep(
            key: requiredValue(config["key"], "\"{{ input.caller_number }}\""),
            measure: measure,
            countMax: wholeNumber(config["max"], in: 0...1_000_000, default: nil),
            withinStep: within,
            overStep: target(branches["over"])
        )
    }

    private mutating func sticky(_ config: DefinitionNode) -> StickyStep {
        warnOfUnknownKeys(config, known: ["key", "ttl_seconds"])
        let key = requiredValue(config["key"], "\"{{ input.caller_number }}\"")
        let seconds = wholeNumber(
            config["ttl_seconds"],
            in: WorkflowLimits.windowSeconds,
            default: nil
        )
        return StickyStep(key: key, lifetime: .seconds(Int64(seconds)))
    }
}
