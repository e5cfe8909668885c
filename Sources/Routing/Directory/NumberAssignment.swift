import Primitives

/// One number of the directory, unique over all organizations, and who answers it.
package struct NumberAssignment: Hashable, Sendable {
    package var number: PhoneNumber
    package var organizationID: String
    package var trunkID: String?
    package var credentialID: String?
    package var inboundAgentID: String?
    /// Nil: the latest published version.
    package var inboundVersion: Int?
    package var label: String
    package var status: Status
    /// After this instant calls are refused with `trial_over`; nil when it is no trial.
    package var trialEnds: WallTime?
    /// JSON object that goes with a call to the default target when no agent is set; empty: none.
    package var dispatchTemplate: String
    /// Free JSON object for workflows (`input.number.metadata`); empty: none.
    package var metadata: String

    package init(
        number: PhoneNumber,
        organizationID: String,
        trunkID: String? = nil,
        credentialID: String? = nil,
        inboundAgentID: String? = nil,
        inboundVersion: Int? = nil,
        label: String = "",
        status: Status = .active,
        trialEnds: WallTime? = nil,
        dispatchTemplate: String = "",
        metadata: String = ""
    ) {
        self.number = number
        self.organizationID = organizationID
        self.trunkID = trunkID
        self.credentialID = credentialID
        self.inboundAgentID = inboundAgentID
        self.inboundVersion = inboundVersion
        self.label = label
        self.status = status
        self.trialEnds = trialEnds
        self.dispatchTemplate = dispatchTemplate
        self.metadata = metadata
    }

    /// Whether calls to the number are answered; the raw values stand in the store.
    package enum Status: UInt8, Hashable, Sendable, CaseIterable {
        case active, pending, suspended, error

        package var text: String {
            switch self {
            case .active: "active"
            case .pending: "pending"
            case .suspended: "suspended"
            case .error: "error"
            }
        }

        package init?(_ text: String) {
            guard let found = Self.allCases.first(where: { $0.text == text }) else { return nil }
            self = found
        }
    }
}
