import Routing

/// The trace of a live run: its path for the record, and its explanation where that goes there too.
struct LiveTrace: WorkflowTrace {
    private(set) var path: WorkflowPath
    private(set) var explanation: WorkflowExplanation?

    init(of definition: WorkflowDefinition, explains: Bool) {
        path = WorkflowPath(of: definition)
        explanation = explains ? WorkflowExplanation(of: definition) : nil
    }

    mutating func note(_ note: @autoclosure () -> WorkflowNote) {
        guard explanation != nil else { return path.note(note()) }
        let note = note()
        path.note(note)
        explanation?.note(note)
    }

    /// What the run came to, with all that was traced of it.
    mutating func result(
        _ ending: WorkflowResult.Ending,
        of action: WorkflowAction
    ) -> WorkflowResult {
        explanation?.conclude(action)
        return WorkflowResult(ending, explanation: explanation, path: path)
    }
}
