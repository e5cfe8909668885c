import Primitives

/// The end of a resolution: an agent and its targets, and what goes along with the call.
extension DirectorySnapshot {
    /// The last step: the agent is usable, and has targets that this door can offer.
    func answer(
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
        decision.targets = order(targets, call, decision)
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

    /// The order in which this call is offered `targets`, without those that cannot take it.
    private func order(
        _ targets: [TargetEntry],
        _ call: IncomingCall,
        _ decision: Decision
    ) -> TargetOrder {
        let allowsPrivate = trunk(decision.trunk)?.allowsPrivateTargets ?? false
        let areFromWorkflow = decision.workflowTargets != nil
        return TargetOrder(
            of: targets,
            call: call.id,
            where: { target in
                // An agent's own targets were held against its trunks when they were saved.
                call.door.offers(targets[target].kind)
                    && (!areFromWorkflow || targets[target].isUsable(allowsPrivate: allowsPrivate))
            },
            unless: { isDown(targets[$0]) }
        )
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

    /// The targets that a decision is about, as `decision.targets` counts them: those that the workflow
    /// named, else those of the agent's version; none where there is no agent.
    package func targets(of decision: Decision) -> [TargetEntry] {
        if let targets = decision.workflowTargets { return targets }
        return agent(decision.agent)?.version(UInt32(clamping: decision.version))?.targets ?? []
    }

    /// The SIP status of a refusal: the trunk's own for the reason, else what the workflow asked for,
    /// else the reason's default; nil for a call that is not refused.
    package func status(of decision: Decision) -> Int? {
        guard let reason = decision.refusal else { return nil }
        let trunk = trunk(decision.trunk)
        return trunk?.configuredStatus(for: reason) ?? decision.rejectReason?.status
            ?? reason.defaultStatus
    }

    /// What goes along with the call: what its workflow said, and the template of its number.
    func enclose(
        _ entry: NumberEntry,
        _ call: IncomingCall,
        _ decision: inout Decision
    ) {
        guard case .answer = decision.outcome, entry.hasDispatchTemplate || decision.workflow != nil
        else { return }
        let template = entry.hasDispatchTemplate ? numbers.dispatchTemplate(of: entry) : nil
        guard template != nil || decision.output?.hasEnclosure == true else { return }
        decision.enclosure = Enclosure(
            output: decision.output,
            template: template?.filled(for: call, decision: decision, directory: self)
        )
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
    /// Whether this door can send a call to such a target.
    package func offers(_ kind: TargetKind) -> Bool {
        switch (self, kind) {
        case (.twilio, _), (.sip, .sip), (.sip, .sips), (.sip, .tel), (.sip, .number): true
        case (.sip, .wss), (.sip, .https): false
        }
    }
}
