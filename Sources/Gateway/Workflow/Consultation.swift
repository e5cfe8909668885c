import Primitives
import Routing

/// Where a loop takes a call whose organization has a workflow: to its own runs, or to the loop that runs
/// the workflows of that organization.
package struct Consultation: ~Copyable {
    package var runs: WorkflowRuns
    private let exchange: LoopExchange

    package init(exchange: LoopExchange, state: ServingState, counters: LoopCounters) {
        self.exchange = exchange
        runs = WorkflowRuns(
            directory: state.directory,
            exchange: exchange,
            counters: counters
        )
    }

    package enum Answer {
        case decided(Decision)
        /// `isLong`: the run waits for a host.
        case waiting(isLong: Bool)
    }

    /// Decides a call at once where that can be done.
    package mutating func ask(
        _ decision: Decision,
        _ input: WorkflowInput,
        of call: IncomingCall,
        _ place: CallTicket.Place?,
        _ state: ServingState,
        _ now: Instant
    ) -> Answer {
        let question = WorkflowQuestion(decision, input: input, call: call.id, state: state)
        guard let question else { return .decided(refusing(decision, .workflowFailed)) }
        guard let place else {
            guard question.definition.isPure else {
                return withoutRun(decision, call, state)
            }
            return conclude(decision, runs.decide(question, at: now), call, state)
        }
        let ticket = CallTicket(loop: exchange.own, place: place)
        if !question.definition.isPure {
            let owner = exchange.owner(ofOrganization: question.organization)
            if owner != exchange.own {
                exchange.send(.consult(question, ticket), to: owner)
                return .waiting(isLong: false)
            }
        }
        guard let result = runs.start(question, for: ticket, at: now) else {
            return .waiting(isLong: true)
        }
        return conclude(decision, result, call, state)
    }

    /// Takes in the question of another loop.
    package mutating func take(_ question: WorkflowQuestion, _ ticket: CallTicket, at now: Instant)
    {
        if let result = runs.start(question, for: ticket, at: now) {
            exchange.send(.workflowResult(ticket, result), to: ticket.loop)
        } else {
            exchange.send(.workflowWaits(ticket), to: ticket.loop)
        }
    }

    /// A result for a call of this loop; those for other loops are sent on.
    package mutating func nextResult() -> WorkflowRuns.Delivery? {
        while let delivery = runs.nextResult() {
            if delivery.ticket.loop == exchange.own { return delivery }
            exchange.send(
                .workflowResult(delivery.ticket, delivery.result),
                to: delivery.ticket.loop
            )
        }
        return nil
    }

    /// A call is over or was turned away: whoever counts the calls that are up has to know.
    mutating func end(call: UInt64, ofOrganization id: String) {
        let organization = WorkflowQuestion.hash(ofOrganization: id)
        let call = RecentResults.Key(call: call, organization: organization)
        let owner = exchange.owner(ofOrganization: organization)
        if owner == exchange.own {
            runs.end(call)
        } else {
            exchange.send(.callEnded(call), to: owner)
        }
    }

    private func conclude(
        _ decision: Decision,
        _ result: WorkflowResult,
        _ call: IncomingCall,
        _ state: ServingState
    ) -> Answer {
        var trace = NoTrace()
        return .decided(
            state.directory.conclude(decision, with: result, of: call, trace: &trace)
        )
    }

    /// A call without a transaction cannot be answered later: the fallback agent is next.
    private func withoutRun(
        _ decision: Decision,
        _ call: IncomingCall,
        _ state: ServingState
    ) -> Answer {
        let failure = WorkflowFailure(step: "", fault: .request(.tooManyWaiting))
        let answer = conclude(decision, WorkflowResult(.failed(failure)), call, state)
        guard case .decided(let decision) = answer, decision.refusal == .tooManyWaiting else {
            return answer
        }
        return .decided(refusing(decision, .overloaded))
    }

    private func refusing(_ decision: Decision, _ reason: RefusalReason) -> Decision {
        var decision = decision
        decision.outcome = .refuse(reason)
        return decision
    }
}
