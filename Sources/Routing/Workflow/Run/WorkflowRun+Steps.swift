import JSONata
import Primitives

/// What each step does, apart from `http` and `output`.
extension WorkflowRun {
    mutating func take(
        _ index: Int,
        at now: Instant,
        _ evaluator: Evaluator,
        _ services: inout some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let step = definition.steps[index]
        switch step.kind {
        case .note: return .go(to: step.next)
        case .trigger:
            if step.id != "input" {
                let call = input
                try finish(step, InputView.byteCount(of: call), call.value, &trace)
            }
            return .go(to: step.next)
        case .condition(let condition): return try take(condition, step, evaluator, &trace)
        case .schedule(let schedule): return try take(schedule, step, &trace)
        case .split(let split): return try take(split, step, evaluator, &trace)
        case .set(let members):
            let values = try WorkflowValue.object(of: members, &context, evaluator)
            let result = JSONValue.object(values)
            try finish(step, context.byteCount(of: result), result, &trace)
            return .go(to: step.next)
        case .lookup(let lookup): return try take(lookup, step, evaluator, services, &trace)
        case .limit(let limit): return try take(limit, step, now, evaluator, &services, &trace)
        case .sticky(let sticky): return try take(sticky, step, now, evaluator, &services, &trace)
        case .http(let http): return .wait(try request(http, evaluator), timeout: http.timeout)
        case .output(let fields):
            return .end(try output(fields, evaluator, services, &trace))
        }
    }

    /// Makes the result of a step known to later ones and to the trace.
    ///
    /// What neither sees is not made; its octets count all the same.
    mutating func finish(
        _ step: WorkflowStep,
        _ byteCount: Int,
        _ result: @autoclosure () -> JSONValue,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) {
        assert(byteCount >= context.byteCount(of: result()), "too little was counted")
        trace.note(.result(result()))
        try context.charge(bytes: byteCount)
        if step.isSeen { context.set(result(), of: step) }
    }

    private mutating func branch(
        _ step: WorkflowStep,
        _ label: String,
        byteCount: Int = 0,
        _ member: @autoclosure () -> (key: String, value: JSONValue)? = nil,
        to next: Int,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        try finish(
            step,
            16 + 5 + 16 + label.utf8.count + byteCount,
            Self.result(("label", .string(label)), member()),
            &trace
        )
        trace.note(.branch(label: label))
        return .go(to: next)
    }

    private static func result(
        _ first: (key: String, value: JSONValue),
        _ second: (key: String, value: JSONValue)?
    ) -> JSONValue {
        var result = JSONObject(capacity: second == nil ? 1 : 2)
        result.append(first.value, forNewKey: first.key)
        if let second { result.append(second.value, forNewKey: second.key) }
        return .object(result)
    }

    private mutating func take(
        _ condition: ConditionStep,
        _ step: WorkflowStep,
        _ evaluator: Evaluator,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        for candidate in condition.branches {
            // Only true is true: a text such as "no" must not pass for it.
            let value = try candidate.when.evaluate(&context, evaluator)
            trace.note(.input(name: candidate.label, value ?? .null))
            if value?.boolValue == true {
                return try branch(step, candidate.label, to: candidate.step, &trace)
            }
            if let value, value.boolValue == nil {
                trace.note(
                    .remark(
                        "“\(candidate.label)” is \(value.jsonText), which is not true or false"
                    )
                )
            }
        }
        return try branch(step, "default", to: condition.defaultStep, &trace)
    }

    private mutating func take(
        _ schedule: ScheduleStep,
        _ step: WorkflowStep,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let local = schedule.zone.localTime(at: input.timestamp)
        let isOpen = schedule.schedule.isOpen(at: local)
        return try branch(
            step,
            isOpen ? "open" : "closed",
            byteCount: 10 + 16 + LocalTime.textByteCount,
            ("local_time", .string(local.text)),
            to: isOpen ? schedule.openStep : schedule.closedStep,
            &trace
        )
    }

    private mutating func take(
        _ split: SplitStep,
        _ step: WorkflowStep,
        _ evaluator: Evaluator,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let key = try split.key.text(&context, evaluator)
        trace.note(.input(name: "key", .string(key)))
        let branch = split.branch(of: key, step: step.id)
        return try self.branch(step, branch.label, to: branch.step, &trace)
    }

    private mutating func take(
        _ lookup: LookupStep,
        _ step: WorkflowStep,
        _ evaluator: Evaluator,
        _ services: some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let key = try lookup.key.text(&context, evaluator)
        trace.note(.input(name: "key", .string(key)))
        let value: JSONValue?
        if let table = lookup.table {
            value = table.value(of: key, at: input.timestamp)
        } else {
            value = services.lookup(
                key,
                in: lookup.list,
                organization: input.organizationID,
                at: input.timestamp
            )
        }
        try finish(
            step,
            16 + 5 + 16 + 5 + context.byteCount(of: value ?? .null),
            Self.result(("found", .bool(value != nil)), ("value", value ?? .null)),
            &trace
        )
        return .go(to: step.next)
    }

    private mutating func take(
        _ limit: LimitStep,
        _ step: WorkflowStep,
        _ now: Instant,
        _ evaluator: Evaluator,
        _ services: inout some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        // Each step counts for itself, and no organization counts for another.
        let scope = step.id
        let key = try scopedKey(limit.key, scope: scope, evaluator, &trace)
        trace.note(
            .remark(input.door == .sip ? limit.remarkBySIP : limit.remarkByTwilio)
        )
        let count = services.count(
            key,
            by: limit.measure,
            max: limit.countMax,
            call: input.callID,
            at: now
        )
        let isOver = count > limit.countMax
        return try branch(
            step,
            isOver ? "over" : "within",
            byteCount: 5 + 16,
            ("count", .number(Double(count))),
            to: isOver ? limit.overStep : limit.withinStep,
            &trace
        )
    }

    private mutating func take(
        _ sticky: StickyStep,
        _ step: WorkflowStep,
        _ now: Instant,
        _ evaluator: Evaluator,
        _ services: inout some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        // All sticky steps of an organization share their memory: a caller is the same by day and
        // night.
        let key = try scopedKey(sticky.key, scope: "", evaluator, &trace)
        stickyKeys.append(key)
        var agent = services.recall(key, within: sticky.lifetime, at: now)
        if let known = agent,
            !services.isUsable(agent: known, version: nil, organization: input.organizationID)
        {
            trace.note(.remark("agent “\(known)” cannot take calls any more"))
            agent = nil
        }
        try finish(
            step,
            16 + 5 + 16 + (agent.map { 8 + 16 + $0.utf8.count } ?? 0),
            Self.result(("found", .bool(agent != nil)), agent.map { ("agent_id", .string($0)) }),
            &trace
        )
        return .go(to: step.next)
    }

    private mutating func scopedKey(
        _ value: WorkflowValue,
        scope: String,
        _ evaluator: Evaluator,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> String {
        let key = try value.text(&context, evaluator)
        trace.note(.input(name: "key", .string(key)))
        guard key.utf8.count <= WorkflowLimits.keyByteCountMax else {
            throw .tooLong(field: "key", limit: WorkflowLimits.keyByteCountMax)
        }
        let organization = input.organizationID
        var scoped = ""
        scoped.reserveCapacity(
            organization.utf8.count + scope.utf8.count + key.utf8.count + 2
        )
        scoped += organization
        scoped += "\u{0}"
        scoped += scope
        scoped += "\u{0}"
        scoped += key
        return scoped
    }
}

extension SplitStep {
    /// The branch of a key: a hash of step and key, scaled to the sum of the weights.
    ///
    /// Scaling instead of taking a remainder keeps most keys where they are when a weight changes.
    func branch(of key: String, step: String) -> Branch {
        var hash = SipHash(key: Self.hashKey)
        hash.combine(step.utf8Span.span)
        hash.combine(UInt8(0))
        hash.combine(key.utf8Span.span)
        let place = hash.finalize().multipliedFullWidth(by: total).high
        for branch in branches where place < branch.cumulativeWeight { return branch }
        return branches[branches.count - 1]
    }

    /// The same on every node and after every start; a caller cannot choose a share by it, since
    /// the number that a carrier vouches for is not the caller's to choose.
    private static let hashKey = SipHash.Key(0x7472_756E_6B6C_696E, 0x652D_7370_6C69_742E)
}
