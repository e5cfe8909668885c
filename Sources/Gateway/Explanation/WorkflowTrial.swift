import Primitives
import Routing
import Transport

/// What trials count and remember from one to the next, where they are of calls that came one after the
/// other; each happens at the time of its call.
package final class TrialMemory {
    fileprivate var counters = CallCounters()
    fileprivate var sticky = StickyTable()
    /// When calls that are up will be over, the last of them first.
    private var endings: [(time: WallTime, call: String)] = []

    package init() {}

    /// Lets calls end that have ended by then.
    package func advance(to time: WallTime) {
        while let next = endings.last, next.time <= time {
            counters.end(call: next.call)
            endings.removeLast()
        }
    }

    /// A call will be over at a time.
    package func end(call: String, at time: WallTime) {
        let place = endings.firstIndex { $0.time <= time } ?? endings.count
        endings.insert((time, call), at: place)
    }
}

/// One run of a workflow apart from all calls: without a `memory` nothing was counted or remembered
/// before it, and nothing is after it.
struct WorkflowTrial {
    let definition: WorkflowDefinition
    let timeoutMilliseconds: Int
    let directory: DirectorySnapshot
    let answers: StepAnswers
    var memory: TrialMemory?

    func run(_ input: WorkflowInput) -> WorkflowResult {
        var services = LoopServices(snapshot: directory)
        if let memory {
            swap(&services.counters, &memory.counters)
            swap(&services.sticky, &memory.sticky)
        }
        defer {
            memory?.counters = services.counters
            memory?.sticky = services.sticky
        }
        let start =
            memory == nil
            ? Clock.now() : Instant(nanoseconds: input.timestamp.microseconds &* 1_000)
        var trace = TrialTrace(of: definition)
        var run = WorkflowRun(
            definition,
            input: input,
            timeoutMilliseconds: timeoutMilliseconds
        )
        var action = run.start(at: start, services: &services, trace: &trace)
        while case .request(let request, let deadline) = action {
            let step = trace.explanation.steps.last?.id ?? ""
            let now = answers.send == nil ? start : Clock.now()
            let (event, remark) = answers.event(request, of: step, within: deadline - now)
            if let remark { trace.explanation.note(.remark(remark)) }
            // What waits for nothing takes no time either, however slow this machine is.
            let later = answers.send == nil ? now : Clock.now()
            action = run.handle(event, at: later, services: &services, trace: &trace)
        }
        trace.explanation.conclude(action)
        switch action {
        case .decided(let output):
            return WorkflowResult(
                .decided(output),
                explanation: trace.explanation,
                path: trace.path
            )
        case .failed(let failure):
            return WorkflowResult(
                .failed(failure),
                explanation: trace.explanation,
                path: trace.path
            )
        case .request, .waiting:
            // The loop above answers every request, and a run that was answered goes on.
            return WorkflowResult(.failed(WorkflowFailure(step: "", fault: .noOutput)))
        }
    }
}

/// Everything that happens in a trial.
private struct TrialTrace: WorkflowTrace {
    var explanation: WorkflowExplanation
    var path: WorkflowPath

    init(of definition: WorkflowDefinition) {
        explanation = WorkflowExplanation(of: definition)
        path = WorkflowPath(of: definition)
    }

    mutating func note(_ turn: WorkflowTurn) {
        explanation.note(turn)
        path.note(turn)
    }

    mutating func note(_ detail: @autoclosure () -> WorkflowDetail) {
        explanation.note(detail())
    }
}
