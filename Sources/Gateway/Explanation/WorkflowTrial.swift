import Primitives
import Routing
import Transport

/// One run of a workflow apart from all calls: nothing was counted or remembered before it, and nothing
/// is after it.
struct WorkflowTrial {
    let definition: WorkflowDefinition
    let timeoutMilliseconds: Int
    let directory: DirectorySnapshot
    let answers: StepAnswers

    func run(_ input: WorkflowInput) -> WorkflowResult {
        var services = LoopServices(snapshot: directory)
        var trace = TrialTrace(of: definition)
        var run = WorkflowRun(
            definition,
            input: input,
            timeoutMilliseconds: timeoutMilliseconds
        )
        var action = run.start(at: Clock.now(), services: &services, trace: &trace)
        while case .request(let request, let deadline) = action {
            let step = trace.explanation.steps.last?.id ?? ""
            let now = Clock.now()
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
