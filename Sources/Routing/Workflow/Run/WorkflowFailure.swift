import JSONata

/// Why a run came to no answer, and at which step.
package struct WorkflowFailure: Error, Sendable {
    /// The id of the step that failed.
    package var step: String
    package var fault: WorkflowFault

    package init(step: String, fault: WorkflowFault) {
        self.step = step
        self.fault = fault
    }
}

extension WorkflowFailure: CustomStringConvertible {
    package var description: String { "step “\(step)”: \(fault.message)" }
}

/// What can go wrong in a step or with a whole run.
package enum WorkflowFault: Error, Sendable {
    case expression(JSONataError)
    /// The run took longer than `timeout_ms`.
    case timedOut
    case tooManySteps
    case tooManyOperations
    case valuesTooLarge
    /// A request came to nothing.
    case request(HTTPStepFailure)
    /// An HTTP answer that is not 2xx.
    case status(Int)
    case malformedBody(JSONParseError)
    /// A URL or header that the values of this call make unusable.
    case unusableRequest(String)
    /// A path ended without an output.
    case noOutput
    /// An output that neither rejects nor names an agent or targets.
    case noAnswer
    case wrongType(field: String, expected: String)
    case tooLong(field: String, limit: Int)
    case unusableAgent(String)
    case unusableTarget(String)

    /// Whether the whole run ends, so that `on_error` does not help.
    package var endsRun: Bool {
        switch self {
        case .timedOut, .tooManySteps, .tooManyOperations, .valuesTooLarge, .noOutput: true
        default: false
        }
    }

    /// A word for records and metrics.
    package var name: String {
        switch self {
        case .expression: "expression_error"
        case .timedOut: "timed_out"
        case .tooManySteps: "too_many_steps"
        case .tooManyOperations: "too_many_operations"
        case .valuesTooLarge: "values_too_large"
        case .request(let failure): "http_" + failure.rawValue
        case .status: "http_status"
        case .malformedBody: "http_malformed_body"
        case .unusableRequest: "unusable_request"
        case .noOutput: "no_output"
        case .noAnswer: "no_answer"
        case .wrongType: "wrong_type"
        case .tooLong: "too_long"
        case .unusableAgent: "unusable_agent"
        case .unusableTarget: "unusable_target"
        }
    }

    /// What happened, in a sentence for the person who wrote the workflow.
    package var message: String {
        switch self {
        case .expression(let error): "the expression failed: \(error)"
        case .timedOut: "the time of the whole run is up"
        case .tooManySteps: "the run visited \(WorkflowLimits.visitCountMax) steps and did not end"
        case .tooManyOperations:
            "the expressions took more than \(WorkflowLimits.operationCountMax) operations"
        case .valuesTooLarge:
            "the values of the run exceed \(WorkflowLimits.valueByteCountMax >> 10) KiB"
        case .request(let failure): "\(failure.message) (\(failure.rawValue))"
        case .status(let status): "the server answered \(status), which is not 2xx"
        case .malformedBody(let error): "the answer's body is not JSON: \(error)"
        case .unusableRequest(let what): what
        case .noOutput: "the path ends without an output"
        case .noAnswer: "the output has neither reject: true nor agent_id nor targets"
        case .wrongType(let field, let expected): "\(field) must be \(expected)"
        case .tooLong(let field, let limit): "\(field) exceeds \(limit) octets"
        case .unusableAgent(let id):
            "agent “\(id)” is unknown, inactive, of another organization or not published"
        case .unusableTarget(let uri):
            "no call can be sent to the target “\(uri)”"
                + (TargetAddress.fault(in: uri, allowsPrivate: true).map { ": \($0)" } ?? "")
        }
    }
}
