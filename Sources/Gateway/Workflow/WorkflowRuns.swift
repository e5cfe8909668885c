import Primitives
import Routing
import Transport

/// The workflow runs of one loop: those that end at once, and those that wait for a host.
///
/// Runs that count, remember or ask (`limit`, `sticky`, `http`) belong to one loop for each organization,
/// so that there is one count and one memory, and a call that comes twice is decided once. The loop that
/// has the call asks that one, and is told the result.
package struct WorkflowRuns: ~Copyable {
    private var services: LoopServices
    private var recent = RecentResults(capacity: Limits.recentResults)
    private var running: [UInt64: Running] = [:]
    private var runByCall: [RecentResults.Key: UInt64] = [:]
    private var waitingByOrganization: [UInt64: Int] = [:]
    private var timers = TimerWheel()
    private var lastRun: UInt64 = 0
    private var results: [Delivery] = []
    private let exchange: LoopExchange
    private let counters: LoopCounters

    /// A run that waits for a host, and the calls that wait for the run.
    private struct Running {
        var run: WorkflowRun
        var trace: LiveTrace
        var tickets: [CallTicket]
        var question: WorkflowQuestion
        /// What the run waits for.
        var origin: HTTPOrigin
        var request: Int
        var timer = TimerID.none
        /// The caller has given up: what the run still counts as up is not.
        var isCallOver = false
    }

    /// A result, and the call that has waited for it.
    package struct Delivery {
        package var ticket: CallTicket
        package var result: WorkflowResult
    }

    package init(
        directory: DirectorySnapshot,
        exchange: LoopExchange,
        counters: LoopCounters
    ) {
        services = LoopServices(snapshot: directory)
        self.exchange = exchange
        self.counters = counters
    }

    /// How many runs wait.
    package var count: Int { running.count }

    package var nextDeadline: Instant? {
        var deadline = timers.nextDeadline ?? .distantFuture
        if let next = recent.nextDeadline { deadline = min(deadline, next) }
        return deadline == .distantFuture ? nil : deadline
    }

    /// Decides a call; nil when the run has to wait, and its result comes from `nextResult`.
    package mutating func start(
        _ question: WorkflowQuestion,
        for ticket: CallTicket,
        at now: Instant
    ) -> WorkflowResult? {
        if question.definition.isPure { return decide(question, at: now) }
        let key = RecentResults.Key(question)
        if let result = recent[key] { return result }
        if let id = runByCall[key] {
            running[id]?.tickets.append(ticket)
            return nil
        }
        return begin(question, for: ticket, at: now)
    }

    /// Decides a call by a pure definition, whose runs never wait.
    package mutating func decide(_ question: WorkflowQuestion, at now: Instant) -> WorkflowResult {
        let (_, trace, action) = begin(question, at: now)
        return conclude(action, trace, question, at: now)
    }

    /// Goes on with a run whose request was answered or came to nothing; a run that is gone stays so.
    package mutating func handle(_ event: WorkflowEvent, run id: UInt64, at now: Instant) {
        guard var entry = running[id], event.request == entry.request else { return }
        note(event, from: entry.origin, at: now)
        services.snapshot = entry.question.state.directory
        let action = entry.run.handle(
            event,
            at: now,
            services: &services,
            trace: &entry.trace
        )
        goOn(id, &entry, action, at: now)
    }

    /// Gives up requests that take too long, and forgets old decisions.
    package mutating func advance(to now: Instant) {
        recent.advance(to: now)
        while let id = timers.popDue(at: now) {
            guard var entry = running[id] else { continue }
            entry.timer = .none
            exchange.breakers.failed(entry.origin, at: now)
            services.snapshot = entry.question.state.directory
            let action = entry.run.advance(to: now, services: &services, trace: &entry.trace)
            goOn(id, &entry, action, at: now)
        }
    }

    /// A result for a call that waits; call it until it says nil.
    package mutating func nextResult() -> Delivery? { results.popLast() }

    /// A call is over: it does not count as being up any more, and will not when its run goes on.
    package mutating func end(_ call: RecentResults.Key) {
        services.counters.end(call: Hex.text(call.call))
        if let id = runByCall[call] { running[id]?.isCallOver = true }
    }
}

/// Running.
extension WorkflowRuns {
    private mutating func begin(
        _ question: WorkflowQuestion,
        at now: Instant
    ) -> (run: WorkflowRun, trace: LiveTrace, action: WorkflowAction) {
        counters.add(.workflowRuns)
        services.snapshot = question.state.directory
        var run = WorkflowRun(
            question.definition,
            input: question.input,
            timeoutMilliseconds: question.timeoutMilliseconds
        )
        var trace = LiveTrace(
            of: question.definition,
            explains: question.state.configuration.records.explain != .never
        )
        let action = run.start(at: now, services: &services, trace: &trace)
        return (run, trace, action)
    }

    private mutating func begin(
        _ question: WorkflowQuestion,
        for ticket: CallTicket,
        at now: Instant
    ) -> WorkflowResult? {
        let (run, trace, action) = begin(question, at: now)
        guard case .request(let request, _) = action else {
            return conclude(action, trace, question, at: now)
        }
        var entry = Running(
            run: run,
            trace: trace,
            tickets: [],
            question: question,
            origin: request.origin,
            request: request.id
        )
        guard enter(question) else {
            let refusal = WorkflowEvent.requestFailed(id: request.id, reason: .tooManyWaiting)
            return refuse(refusal, &entry, at: now)
        }
        lastRun &+= 1
        runByCall[RecentResults.Key(question)] = lastRun
        goOn(lastRun, &entry, action, at: now)
        // The result of a run that does not wait after all is not delivered but returned.
        guard running[lastRun] != nil else { return recent[RecentResults.Key(question)] }
        running[lastRun]?.tickets.append(ticket)
        return nil
    }

    /// A run that may not wait: whatever request it comes to is refused in the same way.
    private mutating func refuse(
        _ refusal: WorkflowEvent,
        _ entry: inout Running,
        at now: Instant
    ) -> WorkflowResult {
        counters.add(.workflowRequestsRefused)
        var event = refusal
        while true {
            let action = entry.run.handle(
                event,
                at: now,
                services: &services,
                trace: &entry.trace
            )
            guard case .request(let next, _) = action else {
                return conclude(action, entry.trace, entry.question, at: now)
            }
            event = .requestFailed(id: next.id, reason: .tooManyWaiting)
        }
    }

    /// Sends what the run asks for, or ends it.
    private mutating func goOn(
        _ id: UInt64,
        _ entry: inout Running,
        _ action: WorkflowAction,
        at now: Instant
    ) {
        var action = action
        while case .request(let request, let deadline) = action {
            entry.origin = request.origin
            entry.request = request.id
            if exchange.breakers.admits(request.origin, at: now) {
                send(request, of: id, &entry, deadline: deadline, at: now)
                return
            }
            counters.add(.workflowRequestsRefused)
            action = entry.run.handle(
                .requestFailed(id: request.id, reason: .circuitOpen),
                at: now,
                services: &services,
                trace: &entry.trace
            )
        }
        if case .waiting = action {
            running[id] = entry
            return
        }
        leave(id, entry)
        let result = conclude(action, entry.trace, entry.question, at: now)
        if entry.isCallOver { end(RecentResults.Key(entry.question)) }
        for ticket in entry.tickets { results.append(Delivery(ticket: ticket, result: result)) }
    }

    private mutating func send(
        _ request: HTTPStepRequest,
        of id: UInt64,
        _ entry: inout Running,
        deadline: Instant,
        at now: Instant
    ) {
        counters.add(.workflowRequests)
        _ = timers.cancel(entry.timer)
        entry.timer = timers.schedule(at: deadline, token: id)
        running[id] = entry
        entry.question.state.sendStep(request, deadline - now) {
            [mailbox = exchange.mailbox] event in
            mailbox.send(.stepAnswered(run: id, event))
        }
    }

    private mutating func conclude(
        _ action: WorkflowAction,
        _ trace: LiveTrace,
        _ question: WorkflowQuestion,
        at now: Instant
    ) -> WorkflowResult {
        let ending: WorkflowResult.Ending
        switch action {
        case .decided(let output): ending = .decided(output)
        case .failed(let failure):
            counters.add(.workflowFailures)
            ending = .failed(failure)
        case .request, .waiting:
            // A run that has begun decides, fails or asks; it cannot be here.
            ending = .failed(WorkflowFailure(step: "", fault: .noOutput))
        }
        var trace = trace
        let result = trace.result(
            ending,
            of: action,
            messageInput: question.definition.messageInput.value(of: question.input)
        )
        if !question.definition.isPure {
            recent.keep(result, for: RecentResults.Key(question), at: now)
        }
        return result
    }
}

/// Waiting: its bounds, and what is known of the hosts.
extension WorkflowRuns {
    private mutating func enter(_ question: WorkflowQuestion) -> Bool {
        let limits = question.state.configuration.workflow
        let count = waitingByOrganization[question.organization, default: 0]
        guard count < limits.waitingCallsPerOrganization,
            exchange.waiting.enter(limit: limits.waitingCalls)
        else { return false }
        waitingByOrganization[question.organization] = count + 1
        return true
    }

    private mutating func leave(_ id: UInt64, _ entry: Running) {
        _ = timers.cancel(entry.timer)
        running[id] = nil
        runByCall[RecentResults.Key(entry.question)] = nil
        exchange.waiting.leave()
        let organization = entry.question.organization
        let left = waitingByOrganization[organization, default: 1] - 1
        waitingByOrganization[organization] = left > 0 ? left : nil
    }

    /// An answer of 500 and above is a failure of the host as much as no answer is.
    private mutating func note(_ event: WorkflowEvent, from origin: HTTPOrigin, at now: Instant) {
        switch event {
        case .response(_, let status, _, _) where status < 500: exchange.breakers.succeeded(origin)
        case .response: exchange.breakers.failed(origin, at: now)
        case .requestFailed(_, .hostNotAllowed), .requestFailed(_, .tooManyWaiting): break
        case .requestFailed: exchange.breakers.failed(origin, at: now)
        }
    }
}

extension WorkflowEvent {
    /// The number of the request that this is about.
    fileprivate var request: Int {
        switch self {
        case .response(let id, _, _, _), .requestFailed(let id, _): id
        }
    }
}
