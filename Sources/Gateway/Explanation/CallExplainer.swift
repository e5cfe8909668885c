import Doors
import Primitives
import Routing
import Transport

/// Explains calls by one directory: the door reads, the directory decides and the workflow runs as for a
/// live call, with a trace that keeps everything.
package struct CallExplainer {
    package let directory: DirectorySnapshot
    package var answers: StepAnswers
    /// What `limit` and `sticky` steps know of the questions before; nil: each begins anew.
    package var memory: TrialMemory?
    let configuration: Configuration
    /// What TwiML names as our own address.
    let publicURL: [UInt8]
    /// What is known of a target by its URI; nil for one that is not probed.
    let targetState: (_ uri: String) -> String?

    package init(
        directory: DirectorySnapshot,
        configuration: Configuration,
        answers: StepAnswers = StepAnswers(),
        targetState: @escaping (_ uri: String) -> String? = { _ in nil }
    ) {
        self.directory = directory
        self.configuration = configuration
        self.answers = answers
        self.targetState = targetState
        let url = configuration.publicURL
        publicURL = Array((url.isEmpty ? "http://127.0.0.1" : url).utf8)
    }

    /// What would become of the call; without `withHints` what a person would add is left out.
    package func explain(
        _ question: CallQuestion,
        withHints: Bool = true
    ) throws(QuestionFault) -> CallExplanation {
        try question.check()
        let group = try question.trunks(directory)
        var explanation = CallExplanation(dialled: question.to)
        if question.doors.contains(.sip) {
            if let group {
                let called = readings(question, group, &explanation)
                explanation.doors.append(try explainSIP(question, called, group))
            } else {
                explanation.closedDoors.append(.sip)
            }
        }
        if question.doors.contains(.twilio) {
            if let door = try explainTwilio(question, &explanation) {
                explanation.doors.append(door)
            } else {
                explanation.closedDoors.append(.twilio)
            }
        }
        if withHints { explanation.hints = hints(question, group, explanation) }
        return explanation
    }

    /// The number that was dialled, as the trunks read it; the first that the directory has counts.
    private func readings(
        _ question: CallQuestion,
        _ group: TrunkGroup,
        _ explanation: inout CallExplanation
    ) -> DialledNumber {
        let dialled = Array(question.to.utf8)
        let numbers = group.readings.map { $0.numberPlan.read(dialled.span) }
        explanation.readings = zip(group.readings, numbers).map { trunk, number in
            let country = trunk.defaultCountry ?? "none"
            return CallExplanation.Reading(
                trunk: trunk.id,
                number: number,
                rule: "number_source \(trunk.numberSource.text), default_country \(country)"
            )
        }
        return numbers.first { number in
            if case .number(let number) = number { return directory.entry(number) != nil }
            return false
        } ?? numbers.first { if case .number = $0 { true } else { false } } ?? numbers.first
            ?? .notANumber
    }

    // MARK: - Doors

    private func explainSIP(
        _ question: CallQuestion,
        _ called: DialledNumber,
        _ group: TrunkGroup
    ) throws(QuestionFault) -> ExplainedDoor {
        var number: PhoneNumber?
        if case .number(let read) = called { number = read }
        guard let invite = PlaceholderInvite(question, number: number, from: group) else {
            throw QuestionFault("no INVITE can say what is asked here; look at the headers")
        }
        let bytes = invite.bytes
        var reading = SIPTrunkDoor.read(
            invite.message,
            of: invite.arrival,
            in: bytes.span,
            directory: directory,
            id: question.id,
            at: question.time
        )
        // The placeholder has the number in the Request-URI, wherever this trunk would put it.
        reading.call.called = called
        var door = decide(reading.call) { decision in
            var input = SIPTrunkDoor.workflowInput(
                invite.message,
                of: invite.arrival,
                reading: reading,
                decision: decision,
                in: bytes.span,
                directory: directory
            )
            if question.attestation != .none { input.attestation = question.attestation }
            return input
        }
        var out = ByteBuffer()
        let answer = SIPTrunkDoor.write(
            &door.decision,
            to: invite.message,
            of: invite.arrival,
            in: bytes.span,
            id: question.id,
            directory: directory,
            retryAfterSeconds: configuration.drain.retryAfterSeconds,
            into: &out
        )
        door.status = answer.status
        door.leftOut = answer.leftOut.names
        door.answer = out.text
        door.carrierReason = reason(ofTrunk: door.decision, question)
        return door
    }

    /// Nil where no credential brings this number.
    private func explainTwilio(
        _ question: CallQuestion,
        _ explanation: inout CallExplanation
    ) throws(QuestionFault) -> ExplainedDoor? {
        let dialled = Array(question.to.utf8)
        let called = CompiledNumberPlan.international.read(dialled.span)
        var entry: NumberEntry?
        if case .number(let number) = called { entry = directory.entry(number) }
        guard let credential = credential(for: entry) else { return nil }
        explanation.readings.append(CallExplanation.Reading(number: called, rule: "E.164 alone"))
        let placeholder = PlaceholderWebhook(question, account: credential.accountSID)
        let nobody: [UInt8] = []
        guard let webhook = placeholder?.webhook,
            let call = TwilioDoor.read(
                webhook,
                path: .inbound,
                agentName: nobody.span,
                credential: credential.index,
                directory: directory,
                id: question.id,
                at: question.time
            )
        else { throw QuestionFault("no webhook can say what is asked here; look at the headers") }
        var door = decide(call) { decision in
            var input = TwilioDoor.workflowInput(
                webhook,
                call: call,
                decision: decision,
                directory: directory
            )
            if question.attestation != .none { input.attestation = question.attestation }
            return input
        }
        var out = ByteBuffer()
        let leftOut = TwilioDoor.write(
            door.decision,
            to: call,
            directory: directory,
            publicURL: publicURL.span,
            dialTimeoutSeconds: configuration.twilio.dialTimeoutSeconds,
            into: &out
        )
        door.leftOut = leftOut.names
        door.answer = out.text
        let account = String(decoding: credential.accountSID, as: UTF8.self)
        let because =
            entry == nil
            ? "the first credential of all"
            : entry?.credential == credential.index
                ? "the number is bound to it" : "the number's organization has it"
        door.carrierReason = "\(because), account \(account)"
        return door
    }

    /// The Twilio credential that brings this number's calls; any brings those to a number of nobody.
    private func credential(for entry: NumberEntry?) -> CredentialEntry? {
        let credentials = directory.allCredentials.filter { $0.provider == .twilio }
        guard let entry else { return credentials.first }
        return credentials.first { $0.index == entry.credential }
            ?? credentials.first { $0.organization == entry.organization }
    }

    // MARK: - Deciding

    private func decide(
        _ call: IncomingCall,
        input: (Decision) -> WorkflowInput
    ) -> ExplainedDoor {
        let start = Clock.now()
        var trace = FullTrace()
        var decision = directory.decide(call, trace: &trace)
        if case .consult = decision.outcome,
            let routing = directory.organization(decision.organization)?.routing,
            let workflow = routing.workflow
        {
            let trial = WorkflowTrial(
                definition: workflow,
                timeoutMilliseconds: routing.timeoutMilliseconds,
                directory: directory,
                answers: answers,
                memory: memory
            )
            decision = directory.conclude(
                decision,
                with: trial.run(input(decision)),
                of: call,
                trace: &trace
            )
        }
        let duration = Clock.now() - start
        var door = ExplainedDoor(door: call.door, decision: decision, tests: trace.notes)
        door.duration = duration
        door.organization = directory.organization(decision.organization)?.id
        door.trunk = directory.trunk(decision.trunk)?.id
        door.credential = directory.credential(decision.credential)?.id
        door.agent = directory.agent(decision.agent)?.id
        door.targets = targets(of: decision, call.door)
        return door
    }

    private func targets(
        of decision: Decision,
        _ door: IncomingCall.Door
    ) -> [ExplainedDoor.Target] {
        let order = decision.targets
        var offered: [Int] = []
        var next = order.next(from: decision.firstTarget)
        while let place = next {
            offered.append(order[place])
            next = order.next(from: place + 1)
        }
        return directory.targets(of: decision).enumerated().map { index, entry in
            let uri = String(decoding: entry.uri, as: UTF8.self)
            let position = offered.firstIndex(of: index)
            var omission: String?
            if position == nil {
                omission =
                    !door.offers(entry.kind)
                    ? "the SIP door cannot offer \(entry.kind):"
                    : directory.isDown(entry)
                        ? "it does not answer"
                        : offered.count >= TargetOrder.countMax
                            ? "\(TargetOrder.countMax) targets are enough"
                            : "calls may not be sent to such an address"
            }
            return ExplainedDoor.Target(
                uri: uri,
                position: position,
                omission: omission,
                state: targetState(uri)
            )
        }
    }
}

extension Enclosure.Parts {
    /// The parts by the names that records show.
    fileprivate var names: [String] {
        Self.named.indices.map { Self.named[$0] }.filter { contains($0.part) }.map { "\($0.name)" }
    }
}
