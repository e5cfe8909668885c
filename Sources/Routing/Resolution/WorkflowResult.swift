/// What a run of an organization's workflow came to, and what is left of it once the run is gone.
///
/// A reference, so that the decisions that no workflow made stay small.
package final class WorkflowResult: Sendable {
    package let ending: Ending
    /// The targets that the output names instead of the agent's own, in the order in which they are
    /// offered; empty when it names none.
    package let targets: [TargetEntry]
    /// How the run went, where somebody wants to know.
    package let explanation: WorkflowExplanation?
    /// The steps that the run took; nil where nobody traced it.
    package let path: WorkflowPath?

    /// How a run ended.
    package enum Ending: Sendable {
        case decided(WorkflowOutput)
        case failed(WorkflowFailure)
    }

    package init(
        _ ending: Ending,
        explanation: WorkflowExplanation? = nil,
        path: WorkflowPath? = nil
    ) {
        self.ending = ending
        self.explanation = explanation
        self.path = path
        targets = Self.entries(of: ending)
    }

    package var output: WorkflowOutput? {
        guard case .decided(let output) = ending else { return nil }
        return output
    }

    package var failure: WorkflowFailure? {
        guard case .failed(let failure) = ending else { return nil }
        return failure
    }

    /// One priority for each target: they are offered as listed.
    private static func entries(of ending: Ending) -> [TargetEntry] {
        guard case .decided(let output) = ending else { return [] }
        return (output.targets ?? []).enumerated().compactMap { position, uri in
            TargetEntry(AgentTarget(uri: uri, priority: position))
        }
    }
}
