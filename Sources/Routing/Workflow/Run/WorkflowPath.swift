/// The steps that a run took and the branch out of each: what every record keeps of it.
///
/// A few words for each step, where a `WorkflowExplanation` copies every value.
package struct WorkflowPath: WorkflowTrace, Sendable {
    private var visits: [(step: Int, label: String?)] = []
    private let definition: WorkflowDefinition

    package init(of definition: WorkflowDefinition) {
        self.definition = definition
        // Few runs take more steps than this: one allocation for most.
        visits.reserveCapacity(min(definition.steps.count, 16))
    }

    package var isEmpty: Bool { visits.isEmpty }

    package mutating func note(_ turn: WorkflowTurn) {
        switch turn {
        case .entered(let step): visits.append((step, nil))
        case .branch(let label): setLabel(label)
        case .failed: setLabel("failed")
        }
    }

    package mutating func note(_ detail: @autoclosure () -> WorkflowDetail) {}

    private mutating func setLabel(_ label: String) {
        guard let last = visits.indices.last else { return }
        visits[last].label = label
    }

    /// `hours:open`, `crm:on_error` and so on; a step without a branch is its id alone.
    package var words: [String] {
        var words: [String] = []
        forEach { id, label in words.append(label.map { "\(id):\($0)" } ?? id) }
        return words
    }

    /// Each step by its id, with the branch out of it.
    package func forEach(_ body: (_ step: String, _ label: String?) -> Void) {
        for visit in visits { body(definition.steps[visit.step].id, visit.label) }
    }
}
