import JSONata

/// Hears of each step of a run as it is taken, so that an explanation and a live call cannot
/// disagree.
package protocol WorkflowTrace {
    /// Where the run goes.
    mutating func note(_ turn: WorkflowTurn)
    /// What the step of the last turn looked at and made; `detail` is not built unless the trace keeps
    /// such things.
    mutating func note(_ detail: @autoclosure () -> WorkflowDetail)
}

/// One turn of a run; steps are indices into the definition.
package enum WorkflowTurn: Sendable {
    case entered(step: Int)
    case branch(label: String)
    case failed(WorkflowFault)
}

/// One thing that a step looked at or made.
package enum WorkflowDetail: Sendable {
    /// The step's key, or the value of a branch's `when`.
    case input(name: String, JSONValue)
    /// The value under which expressions see the step.
    case result(JSONValue)
    case waiting(HTTPStepRequest)
    case remark(String)
}

extension NoTrace: WorkflowTrace {
    package mutating func note(_ turn: WorkflowTurn) {}
    package mutating func note(_ detail: @autoclosure () -> WorkflowDetail) {}
}
