import JSONata
import Primitives

/// What each step does, apart from `http` and `output`.
extension WorkflowRun {
    mutating func take(
        _ index: Int,
        at now: Instant,
        _ services: inout some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let step = definition.steps[index]
        switch step.kind {
        case .note: return .go(to: step.next)
        case .trigger:
            if step.id != "input" { try finish(index, input.value, &trace) }
            return .go(to: step.next)
        case .condition(let condition): return try take(condition, index, &trace)
        case .schedule(let schedule): return try take(schedule, index, &trace)
        case .split(let split): return try take(split, index, &trace)
        case .set(let members):
            let values = try WorkflowValue.object(of: members, &context)
            try finish(index, .object(values), &trace)
            return .go(to: step.next)
        case .lookup(let lookup): return try take(lookup, index, services, &trace)
        case .limit(let limit): return try take(limit, index, now, &services, &trace)
        case .sticky(let sticky): return try take(sticky, index, now, &services, &trace)
        case .http(let http): return .wait(try request(http), timeout: http.timeout)
        case .output(let fields): return .end(try output(fields, index, services, &trace))
        }
    }

    /// Makes the result of a step known to later ones.
    mutating func finish(
        _ index: Int,
        _ result: JSONValue,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) {
        let step = definition.steps[index]
        trace.note(.result(step: index, result))
        try context.set(result, as: step.id, alias: step.alias)
    }

    private mutating func branch(
        _ index: Int,
        _ label: String,
        _ members: [(String, JSONValue)] = [],
        to next: Int,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        var result = JSONObject()
        result.set(.string(label), forKey: "label")
        for (key, value) in members { result.set(value, forKey: key) }
        try finish(index, .object(result), &trace)
        trace.note(.branch(step: index, label: label))
        return .go(to: next)
    }

    private mutating func take(
        _ condition: ConditionStep,
        _ index: Int,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        for candidate in condition.branches {
            // Only true is true: a text such as "no" must not pass for it.
            let value = try candidate.when.evaluate(&context)
            trace.note(.input(step: index, name: candidate.label, value ?? .null))
            if value?.boolValue == true {
                return try branch(index, candidate.label, to: candidate.step, &trace)
            }
            if let value, value.boolValue == nil {
                trace.note(
                    .remark(
                        step: index,
                        "“\(candidate.label)” is \(value.jsonText), which is not true or false"
                    )
                )
            }
        }
        return try branch(index, "default", to: condition.defaultStep, &trace)
    }

    private mutating func take(
        _ step: ScheduleStep,
        _ index: Int,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let local = step.zone.localTime(at: input.timestamp)
        let isOpen = step.schedule.isOpen(at: local)
        return try branch(
            index,
            isOpen ? "open" : "closed",
            [("local_time", .string(local.text))],
            to: isOpen ? step.openStep : step.closedStep,
            &trace
        )
    }

    private mutating func take(
        _ split: SplitStep,
        _ index: Int,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let key = try split.key.text(&context)
        trace.note(.input(step: index, name: "key", .string(key)))
        let branch = split.branch(of: key, step: definition.steps[index].id)
        return try self.branch(index, branch.label, to: branch.step, &trace)
    }

    private mutating func take(
        _ lookup: LookupStep,
        _ index: Int,
        _ services: some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let key = try lookup.key.text(&context)
        trace.note(.input(step: index, name: "key", .string(key)))
        let value: JSONValue?
        if let list = definition.lists[lookup.list] {
            value = list.value(of: key, at: input.timestamp)
        } else {
            value = services.lookup(
                key,
                in: lookup.list,
                organization: input.organizationID,
                at: input.timestamp
            )
        }
        let result: JSONValue = ["found": .bool(value != nil), "value": value ?? .null]
        try finish(index, result, &trace)
        return .go(to: definition.steps[index].next)
    }

    private mutating func take(
        _ limit: LimitStep,
        _ index: Int,
        _ now: Instant,
        _ services: inout some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        // Each step counts for itself, and no organization counts for another.
        let key = try scopedKey(limit.key, index, scope: definition.steps[index].id, &trace)
        let count = services.count(
            key,
            by: limit.measure,
            max: limit.countMax,
            call: input.callID,
            at: now
        )
        let isOver = count > limit.countMax
        return try branch(
            index,
            isOver ? "over" : "within",
            [("count", .number(Double(count)))],
            to: isOver ? limit.overStep : limit.withinStep,
            &trace
        )
    }

    private mutating func take(
        _ sticky: StickyStep,
        _ index: Int,
        _ now: Instant,
        _ services: inout some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        // All sticky steps of an organization share their memory: a caller is the same by day and
        // night.
        let key = try scopedKey(sticky.key, index, scope: "", &trace)
        stickyKeys.append(key)
        var agent = services.recall(key, within: sticky.lifetime, at: now)
        if let known = agent,
            !services.isUsable(agent: known, version: nil, organization: input.organizationID)
        {
            trace.note(.remark(step: index, "agent “\(known)” cannot take calls any more"))
            agent = nil
        }
        var result: JSONObject = ["found": .bool(agent != nil)]
        if let agent { result["agent_id"] = .string(agent) }
        try finish(index, .object(result), &trace)
        return .go(to: definition.steps[index].next)
    }

    private mutating func scopedKey(
        _ value: WorkflowValue,
        _ index: Int,
        scope: String,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> String {
        let key = try value.text(&context)
        trace.note(.input(step: index, name: "key", .string(key)))
        guard key.utf8.count <= WorkflowLimits.keyByteCountMax else {
            throw .tooLong(field: "key", limit: WorkflowLimits.keyByteCountMax)
        }
        return "\(input.organizationID)\u{0}\(scope)\u{0}\(key)"
    }
}

extension SplitStep {
    /// The branch of a key: a hash of step and key, scaled to the sum of the weights.
    ///
    /// Scaling instead of taking a remainder keeps most keys where they are when a weight changes.
    func branch(of key: String, step: String) -> Branch {
        var hash = SipHash(key: Self.hashKey)
        for byte in step.utf8 { hash.combine(byte) }
        hash.combine(UInt8(0))
        for byte in key.utf8 { hash.combine(byte) }
        let place = hash.finalize().multipliedFullWidth(by: total).high
        for branch in branches where place < branch.cumulativeWeight { return branch }
        return branches[branches.count - 1]
    }

    /// The same on every node and after every start; a caller cannot choose a share by it, since
    /// the number that a carrier vouches for is not the caller's to choose.
    private static let hashKey = SipHash.Key(0x7472_756E_6B6C_696E, 0x652D_7370_6C69_742E)
}
