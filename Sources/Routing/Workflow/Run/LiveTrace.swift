import JSONata

/// The trace of a live run: its path for the record, and its explanation where that goes there too.
package struct LiveTrace: WorkflowTrace, Sendable {
    package private(set) var path: WorkflowPath
    package private(set) var explanation: WorkflowExplanation?

    package init(of definition: WorkflowDefinition, explains: Bool) {
        path = WorkflowPath(of: definition)
        explanation = explains ? WorkflowExplanation(of: definition) : nil
    }

    package mutating func note(_ note: @autoclosure () -> WorkflowNote) {
        guard explanation != nil else { return path.note(note()) }
        let note = note()
        path.note(note)
        explanation?.note(note)
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
