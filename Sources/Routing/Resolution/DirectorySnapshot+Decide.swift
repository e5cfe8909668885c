import Primitives

/// The order in which a call is resolved, the same for both doors (design §4).
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

    /// Goes on with a decision that asked for the organization's workflow, by what the run came to.
    ///
    /// This snapshot is the one that asked. A run without a usable answer leads to the fallback agent;
    /// a refusal by the workflow does not.
    package func conclude(
        _ consultation: Decision,
        with result: WorkflowResult,
        of call: IncomingCall,
        trace: inout some ResolutionTrace
    ) -> Decision {
        var decision = consultation
        decision.workflow = result
        conclude(result, call, &decision, &trace)
        if let entry = decision.number.flatMap({ entry($0) }) { enclose(entry, call, &decision) }
        return decision
    }

    private func conclude(
        _ result: WorkflowResult,
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) {
        switch result.ending {
        case .decided(let output) where output.rejects:
            trace.note(.workflowDecided, held: true)
            decision.outcome = .refuse(.rejected)
            return
        case .decided(let output):
            trace.note(.workflowDecided, held: true)
            let agent = output.agentID.flatMap {
                self.agent(named: $0, organization: decision.organization)
            }
            answer(
                agent?.index ?? Decision.none,
                version: output.version ?? 0,
                from: 0,
                call,
                &decision,
                &trace
            )
            // A trunk that does not redirect would not redirect to the fallback agent either.
            guard let reason = decision.refusal, reason != .answerMode else { return }
        case .failed(let failure):
            trace.note(.workflowDecided, held: false)
            let hasNoRoom =
                if case .request(.tooManyWaiting) = failure.fault { true } else { false }
            decision.outcome = .refuse(hasNoRoom ? .tooManyWaiting : .workflowFailed)
        }
        if let routing = organization(decision.organization)?.routing {
            useFallback(routing, call, &decision, &trace)
        }
    }

    /// What goes along with the call: what its workflow said, and the template of its number.
    private func enclose(
        _ entry: NumberEntry,
        _ call: IncomingCall,
        _ decision: inout Decision
    ) {
        guard case .answer = decision.outcome, entry.hasDispatchTemplate || decision.workflow != nil
        else { return }
        let template =
            entry.hasDispatchTemplate ? numbers.details(of: entry).dispatchTemplate : nil
        guard template != nil || decision.output?.hasEnclosure == true else { return }
        decision.enclosure = Enclosure(
            output: decision.output,
            template: template.map { text in
                DispatchTemplate(text).filled(for: call, decision: decision, directory: self)
            }
        )
    }

    /// The SIP status of a refusal: the trunk's own for the reason, else what the workflow asked for,
    /// else the reason's default; nil for a call that is not refused.
    package func status(of decision: Decision) -> Int? {
        guard let reason = decision.refusal else { return nil }
        let trunk = trunk(decision.trunk)
        return trunk?.configuredStatus(for: reason) ?? decision.rejectReason?.status
            ?? reason.defaultStatus
    }

    /// The targets that a decision is about, as `decision.targets` counts them: those that the workflow
    /// named, else those of the agent's version; none where there is no agent.
    package func targets(of decision: Decision) -> [TargetEntry] {
        if let targets = decision.workflowTargets { return targets }
        return agent(decision.agent)?.version(UInt32(clamping: decision.version))?.targets ?? []
    }

    /// A call that has been with us before: the next target of what was decided then.
    private func goOn(
        _ continuation: IncomingCall.Continuation,
        _ call: IncomingCall,
        _ decision: inout Decision,
        _ trace: inout some ResolutionTrace
    ) {
        decision.rule = continuation.nextTarget == 0 ? .pinnedAgent : .continuation
        decision.workflow = continuation.workflow
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

    /// The fallback agent, where the target that failed is one of its own.
    ///
    /// Nobody comes after it: to begin again with the first agent would lead the call in circles.
    private func fallbackAgent(of entry: NumberEntry, offering failed: [UInt8]?) -> UInt32? {
        guard let failed, let routing = organization(entry.organization)?.routing,
            routing.isEnabled,
            let targets = agent(routing.fallbackAgent)?.version(0)?.targets,
            targets.contains(where: { $0.uri == failed })
        else { return nil }
        return routing.fallbackAgent
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
        if let agent, let version {
            decision.agent = agent.index
            decision.version = Int(version.number)
        }
        // A workflow may name targets and no agent at all.
        let targets = self.targets(of: decision)
        let isUsable = version != nil || index == Decision.none && !targets.isEmpty
        trace.note(.agentUsable, held: isUsable)
        guard isUsable else {
            decision.outcome = .refuse(.agentUnavailable)
            return
        }
        let allowsPrivate = trunk(decision.trunk)?.allowsPrivateTargets ?? false
        let areFromWorkflow = decision.workflowTargets != nil
        decision.targets = TargetOrder(
            of: targets,
            call: call.id,
            where: { target in
                // An agent's own targets were held against its trunks when they were saved.
                call.door.offers(targets[target].kind)
                    && (!areFromWorkflow || targets[target].isUsable(allowsPrivate: allowsPrivate))
            },
            unless: { isDown(targets[$0]) }
        )
        var first = position
        if first == 0, let failed = call.failedTarget {
            first = place(behind: failed, decision, targets)
        }
        decision.firstTarget = decision.targets.next(from: first) ?? decision.targets.count
        let isOffered = decision.firstTarget < decision.targets.count
        trace.note(.targetOffered, held: isOffered)
        if isOffered, call.door == .sip, trunk(decision.trunk)?.redirects == false {
            decision.outcome = .refuse(.answerMode)
        } else if isOffered {
            decision.outcome = .answer
        } else {
            decision.outcome = .refuse(first == 0 ? .noTarget : .targetsExhausted)
        }
    }

    /// The position behind a target that failed; 0 when it is none of these.
    private func place(
        behind failed: [UInt8],
        _ decision: Decision,
        _ targets: [TargetEntry]
    ) -> Int {
        for position in 0..<decision.targets.count
        where targets[decision.targets[position]].uri == failed { return position + 1 }
        return 0
    }
}

extension WorkflowOutput.RejectReason {
    /// RFC 3261 §21.4.24, §21.6.2 and §21.4.18.
    package var status: Int {
        switch self {
        case .busy: 486
        case .declined: 603
        case .unavailable: 480
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
