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

    package mutating func note(_ note: @autoclosure () -> WorkflowNote) {
        switch note() {
        case .entered(let step): visits.append((step, nil))
        case .branch(_, let label):
            guard let last = visits.indices.last else { return }
            visits[last].label = label
        case .failed:
            guard let last = visits.indices.last else { return }
            visits[last].label = "failed"
        case .input, .result, .waiting, .remark: break
        }
    }

    /// `hours:open`, `crm:on_error` and so on; a step without a branch is its id alone.
    package var words: [String] {
        visits.map { visit in
            let id = definition.steps[visit.step].id
            return visit.label.map { "\(id):\($0)" } ?? id
        }
    }
}
