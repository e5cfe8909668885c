import JSONata
import Primitives

/// One call's way through a workflow: a machine without clock, socket or memory of other calls.
///
///     start ──▶ steps … ──▶ decided | failed
///                 │  ▲
///         request ▼  │ handle, advance
///                waiting
///
/// It runs to its end at once unless an HTTP step makes it wait; then it is a value to keep until
/// the answer comes or `nextDeadline` passes.
package struct WorkflowRun: Sendable {
    package let definition: WorkflowDefinition
    var context: WorkflowContext
    private(set) var state = State.ready
    /// Keys whose agent is to be remembered once the run has decided.
    var stickyKeys: [String] = []
    private var visitCount = 0
    private var requestCount = 0
    private let timeout: Interval
    private var deadline = Instant.distantFuture

    package init(
        _ definition: WorkflowDefinition,
        input: WorkflowInput,
        timeoutMilliseconds: Int = 5_000
    ) {
        self.definition = definition
        context = WorkflowContext(of: definition, input)
        let limits = WorkflowLimits.timeoutMilliseconds
        timeout = .milliseconds(
            Int64(min(max(timeoutMilliseconds, limits.lowerBound), limits.upperBound))
        )
    }

    var input: WorkflowInput { context.input }

    enum State: Sendable {
        case ready
        case waiting(step: Int, request: Int, until: Instant)
        case ended
    }

    /// What comes of a step.
    enum Progress {
        case go(to: Int?)
        case wait(HTTPStepRequest, timeout: Interval)
        case end(WorkflowOutput)
    }

    /// When `advance` has something to do; nil unless the run waits.
    package var nextDeadline: Instant? {
        guard case .waiting(_, _, let until) = state else { return nil }
        return until
    }

    /// Runs from the first step until it ends or waits.
    ///
    /// Once only: later calls are answered with `.waiting`.
    @specialized(where Services == LoopServices, Trace == NoTrace)
    @specialized(where Services == LoopServices, Trace == LiveTrace)
    package mutating func start<Services: WorkflowServices, Trace: WorkflowTrace>(
        at now: Instant,
        services: inout Services,
        trace: inout Trace
    ) -> WorkflowAction {
        guard case .ready = state else { return .waiting }
        deadline = now + timeout
        do throws(WorkflowFault) {
            try context.begin()
        } catch {
            return fail(error, at: definition.initialStep, &trace)
        }
        return run(from: definition.initialStep, at: now, &services, &trace)
    }

    /// Goes on with what came of the request that the run waits for; a stale event changes nothing.
    @specialized(where Services == LoopServices, Trace == NoTrace)
    @specialized(where Services == LoopServices, Trace == LiveTrace)
    package mutating func handle<Services: WorkflowServices, Trace: WorkflowTrace>(
        _ event: WorkflowEvent,
        at now: Instant,
        services: inout Services,
        trace: inout Trace
    ) -> WorkflowAction {
        guard case .waiting(let step, let request, _) = state, event.request == request else {
            return .waiting
        }
        guard now < deadline else { return fail(.timedOut, at: step, &trace) }
        let next: Int?
        do throws(WorkflowFault) {
            try receive(event, step: step, &trace)
            next = definition.steps[step].next
        } catch {
            guard let onError = recover(error, step: step, &trace) else {
                return fail(error, at: step, &trace)
            }
            next = onError
        }
        guard let next else { return fail(.noOutput, at: step, &trace) }
        return run(from: next, at: now, &services, &trace)
    }

    /// Gives up what has taken too long: the step, or the whole run.
    @specialized(where Services == LoopServices, Trace == NoTrace)
    @specialized(where Services == LoopServices, Trace == LiveTrace)
    package mutating func advance<Services: WorkflowServices, Trace: WorkflowTrace>(
        to now: Instant,
        services: inout Services,
        trace: inout Trace
    ) -> WorkflowAction {
        guard case .waiting(let step, let request, let until) = state, now >= until else {
            return .waiting
        }
        guard now < deadline else { return fail(.timedOut, at: step, &trace) }
        let event = WorkflowEvent.requestFailed(id: request, reason: .timedOut)
        return handle(event, at: now, services: &services, trace: &trace)
    }

    // MARK: - Steps

    private mutating func run(
        from first: Int,
        at now: Instant,
        _ services: inout some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) -> WorkflowAction {
        var current = first
        let evaluator = services.evaluator
        // `$random()` of a call is the same on every node and in every replay.
        evaluator.reset(timestamp: input.timestamp, seed: .text(input.callID))
        while true {
            visitCount += 1
            guard visitCount <= WorkflowLimits.visitCountMax else {
                return fail(.tooManySteps, at: current, &trace)
            }
            trace.note(.entered(step: current))
            let next: Int?
            do throws(WorkflowFault) {
                switch try take(current, at: now, evaluator, &services, &trace) {
                case .go(let step): next = step
                case .wait(let request, let timeout):
                    return wait(for: request, step: current, until: now + timeout, &trace)
                case .end(let output):
                    return decide(output, at: now, &services)
                }
            } catch {
                guard let onError = recover(error, step: current, &trace) else {
                    return fail(error, at: current, &trace)
                }
                next = onError
            }
            guard let next else { return fail(.noOutput, at: current, &trace) }
            current = next
        }
    }

    private mutating func wait(
        for request: HTTPStepRequest,
        step: Int,
        until: Instant,
        _ trace: inout some WorkflowTrace
    ) -> WorkflowAction {
        requestCount += 1
        var request = request
        request.id = requestCount
        let until = min(until, deadline)
        state = .waiting(step: step, request: requestCount, until: until)
        let sent = request
        trace.note(.waiting(sent))
        return .request(request, deadline: until)
    }

    private mutating func decide(
        _ output: WorkflowOutput,
        at now: Instant,
        _ services: inout some WorkflowServices
    ) -> WorkflowAction {
        state = .ended
        if !output.rejects, let agent = output.agentID {
            for key in stickyKeys { services.remember(key, agent: agent, at: now) }
        }
        return .decided(output)
    }

    /// The step that a failure leads to; nil when the run fails with it.
    private func recover(
        _ fault: WorkflowFault,
        step: Int,
        _ trace: inout some WorkflowTrace
    ) -> Int? {
        guard !fault.endsRun, let next = definition.steps[step].onError else { return nil }
        trace.note(.failed(fault))
        trace.note(.branch(label: "on_error"))
        return next
    }

    private mutating func fail(
        _ fault: WorkflowFault,
        at step: Int,
        _ trace: inout some WorkflowTrace
    ) -> WorkflowAction {
        state = .ended
        trace.note(.failed(fault))
        return .failed(WorkflowFailure(step: definition.steps[step].id, fault: fault))
    }
}

/// What the owner of a run is to do.
package enum WorkflowAction: Sendable {
    /// The run has ended with an answer.
    case decided(WorkflowOutput)
    /// The run has ended without one: the fallback agent is next.
    case failed(WorkflowFailure)
    /// Send the request, keep the run, and come back with an event; or call `advance` at
    /// `deadline`.
    case request(HTTPStepRequest, deadline: Instant)
    /// Nothing changed: the run waits as before, or has ended before.
    case waiting
}

extension WorkflowEvent {
    fileprivate var request: Int {
        switch self {
        case .response(let id, _, _, _), .requestFailed(let id, _): id
        }
    }
}
