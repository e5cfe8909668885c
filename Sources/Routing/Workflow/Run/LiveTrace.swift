import JSONata

/// The trace of a live run: its path for the record, and its explanation where that goes there too.
package struct LiveTrace: WorkflowTrace, Sendable {
    package private(set) var path: WorkflowPath
    package private(set) var explanation: WorkflowExplanation?

    package init(of definition: WorkflowDefinition, explains: Bool) {
        path = WorkflowPath(of: definition)
        explanation = explains ? WorkflowExplanation(of: definition) : nil
    }

    package mutating func note(_ turn: WorkflowTurn) {
        path.note(turn)
        explanation?.note(turn)
    }

    package mutating func note(_ detail: @autoclosure () -> WorkflowDetail) {
        explanation?.note(detail())
    }

    /// What the run came to, with all that was traced of it.
    package mutating func result(
        _ ending: WorkflowResult.Ending,
        of action: WorkflowAction,
        messageInput: JSONValue? = nil
    ) -> WorkflowResult {
        explanation?.conclude(action)
        return WorkflowResult(
            ending,
            explanation: explanation,
            path: path,
            messageInput: messageInput
        )
    }
}
