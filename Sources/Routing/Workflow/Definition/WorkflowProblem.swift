/// Something wrong with a workflow definition: where it stands and what to write instead.
package struct WorkflowProblem: Hashable, Sendable {
    package var severity: Severity
    /// The place in the definition, such as `steps[3].config.branches[0].when`; empty for the
    /// whole.
    package var path: String
    /// One sentence for the person who wrote the definition.
    package var message: String

    package init(severity: Severity = .error, path: String, message: String) {
        self.severity = severity
        self.path = path
        self.message = message
    }

    package enum Severity: String, Sendable {
        /// The definition cannot be saved.
        case error
        /// It can, but some calls may not be answered as its author expects.
        case warning
    }
}

extension WorkflowProblem: CustomStringConvertible {
    package var description: String { severity == .warning ? "warning: " + text : text }

    /// The place and the sentence, whatever its severity.
    package var text: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// What came of reading a definition: the definition when nothing is wrong, and all that is to say.
package struct WorkflowCompilation: Sendable {
    /// Nil when a problem is an error.
    package var definition: WorkflowDefinition?
    /// Errors and warnings: those of the steps in their order, then those of the paths between
    /// them.
    package var problems: [WorkflowProblem]

    package init(definition: WorkflowDefinition?, problems: [WorkflowProblem]) {
        self.definition = definition
        self.problems = problems
    }

    package var errors: [WorkflowProblem] { problems.filter { $0.severity == .error } }
    package var warnings: [WorkflowProblem] { problems.filter { $0.severity == .warning } }
}
