import Primitives

/// One number as calls see it: who owns it, what it is bound to, and who answers it.
///
/// Indices count within one `DirectorySnapshot` and those that were made from it by changes.
package struct NumberEntry: Hashable, Sendable {
    package var number: PhoneNumber
    package var organization: UInt32
    /// The trunk that calls must come by, or `none` for any of the organization.
    package var trunk: UInt32
    package var credential: UInt32
    package var agent: UInt32
    /// The version of the agent that answers; 0 is the latest published one.
    package var inboundVersion: UInt32
    /// Seconds since 1970 after which calls are refused, or `none`.
    var trialEnds: UInt32
    /// Where the label and metadata stand in the number's page, which names its template too; or `none`.
    var details: UInt32
    package var status: NumberAssignment.Status
    /// Whether there is a template among the details; calls look at those only then.
    var hasDispatchTemplate = false

    /// Stands for "no such thing" in every index.
    package static let none: UInt32 = .max

    package init(
        number: PhoneNumber,
        organization: UInt32,
        trunk: UInt32 = Self.none,
        credential: UInt32 = Self.none,
        agent: UInt32 = Self.none,
        inboundVersion: UInt32 = 0,
        trialEnds: UInt32 = Self.none,
        status: NumberAssignment.Status = .active
    ) {
        self.number = number
        self.organization = organization
        self.trunk = trunk
        self.credential = credential
        self.agent = agent
        self.inboundVersion = inboundVersion
        self.trialEnds = trialEnds
        details = Self.none
        self.status = status
    }

    /// Whether the number's trial is over at `now`.
    package func isTrialOver(at now: WallTime) -> Bool {
        trialEnds != Self.none && now.seconds >= Int64(trialEnds)
    }
}

/// What only some numbers have, and only workflows and people read.
package struct NumberDetails: Hashable, Sendable {
    package var label: String
    /// JSON object, or empty.
    package var metadata: String
    package var dispatchTemplate: DispatchTemplate?

    package init(
        label: String = "",
        metadata: String = "",
        dispatchTemplate: DispatchTemplate? = nil
    ) {
        self.label = label
        self.metadata = metadata
        self.dispatchTemplate = dispatchTemplate
    }

    package var isEmpty: Bool { label.isEmpty && metadata.isEmpty && dispatchTemplate == nil }
}
