import Routing

/// The trace of a live run: nothing is noted unless its explanation goes into the record.
struct LiveTrace: WorkflowTrace {
    private(set) var explanation: WorkflowExplanation?

    init(of definition: WorkflowDefinition, explains: Bool) {
        explanation = explains ? WorkflowExplanation(of: definition) : nil
    }

    mutating func note(_ note: @autoclosure () -> WorkflowNote) {
        explanation?.note(note())
    }

    mutating func conclude(_ action: WorkflowAction) -> WorkflowExplanation? {
        explanation?.conclude(action)
        return explanation
    }
}
