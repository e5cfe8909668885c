/// Hears of each test of a resolution as it is made; the way an explanation is written without a second
/// copy of the rules.
package protocol ResolutionTrace {
    mutating func note(_ test: ResolutionTest, held: Bool)
}

/// The tests of a resolution, in the order in which they are made.
package enum ResolutionTest: UInt8, Sendable, CaseIterable {
    case carrierKnown
    case numberReadable
    case numberFound
    case numberOwned
    case numberOnTrunk
    case numberActive
    case trialRunning
    case workflowEnabled
    case workflowDecided
    case fallbackAgentSet
    case agentPinned
    case numberAgentSet
    case dispatchTemplateSet
    case defaultAgentSet
    case agentUsable
    case targetOffered

    package var name: String {
        switch self {
        case .carrierKnown: "carrier_known"
        case .numberReadable: "number_readable"
        case .numberFound: "number_found"
        case .numberOwned: "number_owned"
        case .numberOnTrunk: "number_on_trunk"
        case .numberActive: "number_active"
        case .trialRunning: "trial_running"
        case .workflowEnabled: "workflow_enabled"
        case .workflowDecided: "workflow_decided"
        case .fallbackAgentSet: "fallback_agent_set"
        case .agentPinned: "agent_pinned"
        case .numberAgentSet: "number_agent_set"
        case .dispatchTemplateSet: "dispatch_template_set"
        case .defaultAgentSet: "default_agent_set"
        case .agentUsable: "agent_usable"
        case .targetOffered: "target_offered"
        }
    }
}

/// The trace of a live call: nothing is noted, and nothing is left of it in the code.
package struct NoTrace: ResolutionTrace {
    package init() {}
    package mutating func note(_ test: ResolutionTest, held: Bool) {}
}

/// The trace of an explanation: every test and whether it held.
package struct FullTrace: ResolutionTrace, Sendable {
    package private(set) var notes: [(test: ResolutionTest, held: Bool)] = []

    package init() {}

    package mutating func note(_ test: ResolutionTest, held: Bool) {
        notes.append((test, held))
    }
}
