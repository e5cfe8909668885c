import Primitives

/// The order in which a call is resolved, the same for both doors.
extension DirectorySnapshot {
    /// Decides a call; a pure function of the call and this snapshot.
    ///
    /// `.consult` says that the organization's workflow comes next: run it, and `conclude`.
    ///
    /// Every test is told to `trace` as it is made, so that an explanation and a live call can never
    /// disagree.
    @specialized(where Trace == NoTrace)
    package func decide<Trace: ResolutionTrace>(
        _ call: IncomingCall,
        trace: inout Trace
    ) -> Decision {
        var decision = Decision(outcome: .refuse(.noAgent), rule: .number)
        guard let entry = find(call, &decision, &trace), isOwned(entry, call, &decision, &trace),
            isInService(entry, call, &decision, &trace)
        else { return decision }
        if let continuation = call.continuation {
            trace.note(.agentPinned, held: true)
            goOn(continuation, call, &decision, &trace)
        } else if let agent = fallbackAgent(of: entry, offering: call.failedTarget) {
            decision.rule = .fallbackAgent
            trace.note(.fallbackAgentSet, held: true)
            answer(agent, version: 0, from: 0, call, &decision, &trace)
        } else {
            decideByRouting(entry, call, &decision, &trace)
        }
        enclose(entry, call, &decision)
        return decision
    }

    /// Step 1: there is a number, and the directory has it.
    private func find(
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) -> NumberEntry? {
        switch call.carrier {
        case .trunks(let group): decision.trunk = group.trunks.first?.index ?? Decision.none
        case .credential(let index): decision.credential = index
        }
        trace.note(.carrierKnown, held: true)
        guard case .number(let number) = call.called else {
            trace.note(.numberReadable, held: false)
            decision.outcome = .refuse(
                call.called == .incomplete ? .incompleteNumber : .notANumber
            )
            return nil
        }
        trace.note(.numberReadable, held: true)
        decision.number = number
        let entry = entry(number)
        trace.note(.numberFound, held: entry != nil)
        if entry == nil { decision.outcome = .refuse(.unknownNumber) }
        return entry
    }

    /// Step 2: the number belongs to the organization whose trunk or credential brought the call.
    ///
    /// A number of another organization is answered like one that does not exist, so that nobody can
    /// find out whose numbers are here.
    private func isOwned(
        _ entry: NumberEntry,
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) -> Bool {
        let owned: Bool
        let bound: Bool
        switch call.carrier {
        case .trunks(let group):
            switch group.trunk(for: entry) {
            case .allowed(let trunk):
                (owned, bound) = (true, true)
                decision.trunk = trunk.index
            case .wrongTrunk(let trunk):
                (owned, bound) = (true, false)
                decision.trunk = trunk.index
            case .otherOrganization: (owned, bound) = (false, false)
            }
        case .credential(let index):
            owned = credential(index)?.organization == entry.organization
            bound = entry.credential == NumberEntry.none || entry.credential == index
        }
        trace.note(.numberOwned, held: owned)
        guard owned else {
            decision.outcome = .refuse(.unknownNumber)
            return false
        }
        decision.organization = entry.organization
        trace.note(.numberOnTrunk, held: bound)
        if !bound { decision.outcome = .refuse(.wrongTrunk) }
        return bound
    }

    /// Step 3: the number is in service.
    private func isInService(
        _ entry: NumberEntry,
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) -> Bool {
        decision.rule = .status
        trace.note(.numberActive, held: entry.status == .active)
        switch entry.status {
        case .active: break
        case .suspended:
            decision.outcome = .refuse(.suspended)
            return false
        case .pending, .error:
            decision.outcome = .refuse(.notActive)
            return false
        }
        let isTrialOver = entry.isTrialOver(at: call.time)
        trace.note(.trialRunning, held: !isTrialOver)
        if isTrialOver { decision.outcome = .refuse(.trialOver) }
        return !isTrialOver
    }

    /// Steps 4 to 6: the organization's workflow, else the number's own agent, else its dispatch
    /// template with the organization's default agent.
    private func decideByRouting(
        _ entry: NumberEntry,
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) {
        let routing = organization(entry.organization)?.routing
        let isEnabled = routing?.isEnabled ?? false
        trace.note(.workflowEnabled, held: isEnabled)
        if isEnabled, let routing {
            decision.rule = .workflow
            guard routing.workflow == nil else {
                decision.outcome = .consult
                return
            }
            decision.outcome = .refuse(.workflowFailed)
            useFallback(routing, call, &decision, &trace)
            return
        }
        decision.rule = .numberAgent
        trace.note(.numberAgentSet, held: entry.agent != NumberEntry.none)
        guard entry.agent == NumberEntry.none else {
            answer(
                entry.agent,
                version: Int(entry.inboundVersion),
                from: 0,
                call,
                &decision,
                &trace
            )
            return
        }
        decision.outcome = .refuse(.noAgent)
        trace.note(.dispatchTemplateSet, held: entry.hasDispatchTemplate)
        guard entry.hasDispatchTemplate else { return }
        decision.rule = .dispatchTemplate
        let agent = routing?.defaultAgent ?? NumberEntry.none
        trace.note(.defaultAgentSet, held: agent != NumberEntry.none)
        guard agent != NumberEntry.none else { return }
        answer(agent, version: 0, from: 0, call, &decision, &trace)
    }
}
