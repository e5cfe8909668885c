import JSONata

/// Hears of each step of a run as it is taken, so that an explanation and a live call cannot
/// disagree.
package protocol WorkflowTrace {
    /// `note` is not made unless the trace wants it.
    mutating func note(_ note: @autoclosure () -> WorkflowNote)
}

/// One thing that happened in a run; steps are indices into the definition.
package enum WorkflowNote: Sendable {
    case entered(step: Int)
    /// What the step looked at: its key, or the value of a branch's `when`.
    case input(step: Int, name: String, JSONValue)
    /// The value under which expressions see the step.
    case result(step: Int, JSONValue)
    case branch(step: Int, label: String)
    case waiting(step: Int, HTTPStepRequest)
    case remark(step: Int, String)
    case failed(step: Int, WorkflowFault)
}

extension NoTrace: WorkflowTrace {
    package mutating func note(_ note: @autoclosure () -> WorkflowNote) {}
}
