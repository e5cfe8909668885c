/// Why a call was not given to an agent: the closed list that records, logs, metrics and the
/// `Reason` header share.
///
/// The raw value is the id that people see and filter by.
package enum RefusalReason: String, Hashable, Sendable, CaseIterable {
    /// The trunk is known; no number of its organization is the one dialled.
    case unknownNumber = "unknown_number"
    /// The number is the organization's, but is bound to a trunk that this call did not come by.
    case wrongTrunk = "wrong_trunk"
    /// The dialled text is a number with too few digits to be one.
    case incompleteNumber = "incomplete_number"
    /// The dialled text is no telephone number at all.
    case notANumber = "not_a_number"
    /// The number is suspended.
    case suspended = "suspended"
    /// The number is still being set up or its set-up failed.
    case notActive = "not_active"
    /// The number's trial is over.
    case trialOver = "trial_over"
    /// Neither a workflow nor the number itself names an agent.
    case noAgent = "no_agent"
    /// The agent is inactive or has no published version.
    case agentUnavailable = "agent_unavailable"
    /// The agent has no target that this door can offer.
    case noTarget = "no_target"
    /// Every target was tried and none answered.
    case targetsExhausted = "targets_exhausted"
    /// The workflow failed and there is no fallback agent.
    case workflowFailed = "workflow_failed"
    /// The workflow has to wait for a host, as many calls as may wait do so already, and there is no
    /// fallback agent.
    case tooManyWaiting = "too_many_waiting"
    /// The workflow said no.
    case rejected = "rejected"
    /// The trunk's `answer_mode` sends every call to the carrier's next route.
    case answerMode = "answer_mode"
    /// The gateway is shutting down.
    case draining = "draining"
    /// A bound of the gateway is reached.
    case overloaded = "overloaded"
    /// The call comes again and again, or was forwarded from its own number more often than networks
    /// forward a call at all.
    case loop = "loop"
    /// The caller gave up before the decision.
    case cancelled = "cancelled"
    /// Of no call: a source that no trunk has is not answered with a reason. Stored trunks may have a
    /// status for it.
    case unknownTrunk = "unknown_trunk"

    /// The reasons that a call can be refused for.
    package static let ofCalls = allCases.filter { $0 != .unknownTrunk }

    /// The SIP status unless the trunk says otherwise.
    ///
    /// RFC 3261 §21; the choice of each is in
    /// `config/README.md`: 404 and 603 end the call, 480 and 503 let the carrier try elsewhere.
    package var defaultStatus: Int {
        switch self {
        case .unknownTrunk: 403
        case .unknownNumber: 404
        case .wrongTrunk: 403
        case .incompleteNumber: 484
        case .notANumber: 404
        case .suspended, .trialOver, .rejected: 603
        case .notActive, .noAgent, .agentUnavailable, .noTarget, .targetsExhausted: 480
        case .workflowFailed, .tooManyWaiting, .draining, .overloaded: 503
        case .answerMode: 480
        case .loop: 482
        case .cancelled: 487
        }
    }

    /// The place of the reason in a table of all of them: 0 and up, without gaps.
    package var position: Int {
        switch self {
        case .unknownTrunk: 0
        case .unknownNumber: 1
        case .wrongTrunk: 2
        case .incompleteNumber: 3
        case .notANumber: 4
        case .suspended: 5
        case .notActive: 6
        case .trialOver: 7
        case .noAgent: 8
        case .agentUnavailable: 9
        case .noTarget: 10
        case .targetsExhausted: 11
        case .workflowFailed: 12
        case .rejected: 13
        case .answerMode: 14
        case .draining: 15
        case .overloaded: 16
        case .cancelled: 17
        case .tooManyWaiting: 18
        case .loop: 19
        }
    }
}
