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
            if step.id != "input" { try finish(trigger: step, &trace) }
            return .go(to: step.next)
        case .condition(let condition): return try take(condition, step, evaluator, &trace)
        case .schedule(let schedule): return try take(schedule, step, &trace)
        case .split(let split): return try take(split, step, evaluator, &trace)
        case .set(let members):
            let values = try WorkflowValue.object(of: members, &context, evaluator)
            try finish(step, .value(.object(values)), &trace)
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
    mutating func finish(
        _ step: WorkflowStep,
        _ result: StepResult,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) {
        trace.note(.result(result.value))
        try context.charge(result)
        if step.isSeen { context.set(result, of: step) }
    }

    /// The call as the result of a step, which is not made where neither expressions nor the trace see
    /// it.
    private mutating func finish(
        trigger step: WorkflowStep,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) {
        trace.note(.result(context.input.value))
        try context.chargeInput()
        if step.isSeen { context.set(.value(context.input.value), of: step) }
    }

    private mutating func branch(
        _ step: WorkflowStep,
        _ label: String,
        _ result: StepResult,
        to next: Int?,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        try finish(step, result, &trace)
        trace.note(.branch(label: label))
        return .go(to: next)
    }

    private mutating func take(
        _ condition: ConditionStep,
        _ step: WorkflowStep,
        _ evaluator: Evaluator,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        for index in condition.branches.indices {
            // Only true is true: a text such as "no" must not pass for it.
            let value = try condition.branches[index].when.evaluate(&context, evaluator)
            trace.note(.input(name: condition.branches[index].label, value ?? .null))
            if value?.boolValue == true {
                let chosen = condition.branches[index]
                return try branch(
                    step,
                    chosen.label,
                    .branch(chosen.label),
                    to: chosen.step,
                    &trace
                )
            }
            if let value, value.boolValue == nil {
                let label = condition.branches[index].label
                trace.note(.remark("“\(label)” is \(value.jsonText), which is not true or false"))
            }
        }
        return try branch(step, "default", .branch("default"), to: condition.defaultStep, &trace)
    }

    private mutating func take(
        _ schedule: ScheduleStep,
        _ step: WorkflowStep,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let local = schedule.zone.localTime(at: input.timestamp)
        let isOpen = schedule.schedule.isOpen(at: local)
        let label = isOpen ? "open" : "closed"
        let next = isOpen ? schedule.openStep : schedule.closedStep
        return try branch(step, label, .hours(label, local), to: next, &trace)
    }

    private mutating func take(
        _ split: SplitStep,
        _ step: WorkflowStep,
        _ evaluator: Evaluator,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> Progress {
        let key = try split.key.text(&context, evaluator)
        trace.note(.input(name: "key", .string(key)))
        guard let chosen = split.branch(of: key, step: step.id) else { throw .noOutput }
        return try branch(step, chosen.label, .branch(chosen.label), to: chosen.step, &trace)
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
        try finish(step, .entry(value), &trace)
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
        let label = isOver ? "over" : "within"
        let next = isOver ? limit.overStep : limit.withinStep
        return try branch(step, label, .count(label, count), to: next, &trace)
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
        try finish(step, .agent(agent), &trace)
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
    /// The branch of a key: a hash of step and key, scaled to the sum of the weights; nil of none.
    ///
    /// Scaling instead of taking a remainder keeps most keys where they are when a weight changes.
    func branch(of key: String, step: String) -> Branch? {
        var hash = SipHash(key: Self.hashKey)
        hash.combine(step.utf8Span.span)
        hash.combine(UInt8(0))
        hash.combine(key.utf8Span.span)
        let place = hash.finalize().multipliedFullWidth(by: total).high
        for branch in branches where place < branch.cumulativeWeight { return branch }
        return branches.last
    }

    /// The same on every node and after every start; a caller cannot choose a share by it, since
    /// the number that a carrier vouches for is not the caller's to choose.
    private static let hashKey = SipHash.Key(0x7472_756E_6B6C_696E, 0x652D_7370_6C69_742E)
}
