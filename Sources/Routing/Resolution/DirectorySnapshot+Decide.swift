import Primitives

/// The order in which a call is resolved, the same for both doors (design §4).
extension DirectorySnapshot {
    /// Decides a call; a pure function of the call and this snapshot.
    ///
    /// Every test is told to `trace` as it is made, so that an explanation and a live call can never
    /// disagree.
    package func decide(
        _ call: IncomingCall,
        trace: inout some ResolutionTrace
    ) -> Decision {
        var decision = Decision(outcome: .refuse(.noAgent), rule: .number)
        guard let entry = find(call, &decision, &trace), isOwned(entry, call, &decision, &trace),
            isInService(entry, call, &decision, &trace)
        else { return decision }
        if let continuation = call.continuation {
            trace.note(.agentPinned, held: true)
            decision.rule = continuation.nextTarget == 0 ? .pinnedAgent : .continuation
            answer(
                continuation.agent,
                version: continuation.version ?? 0,
                from: continuation.nextTarget,
                call,
                &decision,
                &trace
            )
            if decision.refusal == .targetsExhausted {
                useFallback(of: continuation.agent, call, &decision, &trace)
            }
            return decision
        }
        decideByRouting(entry, call, &decision, &trace)
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

    /// Steps 4 to 6: the organization's workflow, else the number's own agent, else its template.
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
    }

    /// The agent that answers when the workflow failed or every target of another was tried.
    private func useFallback(
        of agent: UInt32,
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) {
        guard let routing = organization(decision.organization)?.routing, routing.isEnabled,
            routing.fallbackAgent != agent
        else { return }
        useFallback(routing, call, &decision, &trace)
    }

    private func useFallback(
        _ routing: RoutingEntry,
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) {
        trace.note(.fallbackAgentSet, held: routing.fallbackAgent != NumberEntry.none)
        guard routing.fallbackAgent != NumberEntry.none else { return }
        let before = decision
        decision.rule = .fallbackAgent
        answer(routing.fallbackAgent, version: 0, from: 0, call, &decision, &trace)
        if decision.refusal != nil { decision = before }
    }

    /// The last step: the agent is usable, and has targets that this door can offer.
    private func answer(
        _ index: UInt32,
        version number: Int,
        from position: Int,
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) {
        let agent = agent(index)
        let version = agent.flatMap { agent in
            agent.isActive && agent.organization == decision.organization
                ? agent.version(UInt32(clamping: number)) : nil
        }
        trace.note(.agentUsable, held: version != nil)
        guard let agent, let version else {
            decision.outcome = .refuse(.agentUnavailable)
            return
        }
        decision.agent = agent.index
        decision.version = Int(version.number)
        decision.targets = TargetOrder(
            of: version.targets,
            call: call.id,
            where: { call.door.offers(version.targets[$0].kind) },
            unless: { health.isDown(version.targets[$0].probe) }
        )
        decision.firstTarget = decision.targets.next(from: position) ?? decision.targets.count
        let isOffered = decision.firstTarget < decision.targets.count
        trace.note(.targetOffered, held: isOffered)
        if isOffered, call.door == .sip, trunk(decision.trunk)?.redirects == false {
            decision.outcome = .refuse(.answerMode)
        } else if isOffered {
            decision.outcome = .answer
        } else {
            decision.outcome = .refuse(position == 0 ? .noTarget : .targetsExhausted)
        }
    }
}

extension IncomingCall.Door {
    /// Whether this door can send a call to such a target (`workflow.md` §4).
    package func offers(_ kind: TargetKind) -> Bool {
        switch (self, kind) {
        case (.twilio, _), (.sip, .sip), (.sip, .sips), (.sip, .tel), (.sip, .number): true
        case (.sip, .wss), (.sip, .https): false
        }
    }
}
