import Primitives

/// What becomes of a call that was decided in part before: by its workflow, or when it was here last.
extension DirectorySnapshot {
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

    /// A call that has been with us before: the next target of what was decided then.
    func goOn(
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
        // A URL that pins an agent means that agent and no other.
        if decision.rule == .continuation, decision.refusal != nil {
            useFallback(of: continuation.agent, call, &decision, &trace)
        }
    }
}

/// The agent that answers where nobody else does.
extension DirectorySnapshot {
    /// The fallback agent, where the target that failed is one of its own.
    ///
    /// Nobody comes after it: to begin again with the first agent would lead the call in circles.
    func fallbackAgent(of entry: NumberEntry, offering failed: [UInt8]?) -> UInt32? {
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

    func useFallback(
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
}
