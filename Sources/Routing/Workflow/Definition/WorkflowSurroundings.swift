import Primitives

/// What a definition is checked against when it is saved: the world around it, as its reader sees
/// it.
package struct WorkflowSurroundings {
    /// Whether an agent of the organization can take calls; nil: agents are not checked.
    var agentStanding: ((_ id: String) -> AgentStanding)?
    /// Why no call may be sent to a target, in words; nil for one to which calls may.
    ///
    /// Where it is nil itself, only what is wrong for every organization is checked.
    var targetObjection: ((_ uri: String) -> String?)?
    /// Hosts that HTTP steps may ask, in the forms of `HostAllowList`.
    ///
    /// Nil: hosts are not checked here; whoever sends the request checks them in any case.
    package var allowedHosts: [String]?
    /// The octets of a TZif file (RFC 8536) by the IANA name of its zone, or nil when there is
    /// none.
    package var timeZoneFile: (_ name: String) -> [UInt8]?
    /// Lists of the organization beside those in the definition; nil: lists are not checked.
    package var lists: Set<String>?
    /// Whether an agent answers when the workflow fails.
    var hasFallbackAgent: Bool

    package init(
        agentStanding: ((_ id: String) -> AgentStanding)? = nil,
        targetObjection: ((_ uri: String) -> String?)? = nil,
        allowedHosts: [String]? = [],
        lists: Set<String>? = [],
        hasFallbackAgent: Bool = true,
        timeZoneFile: @escaping (_ name: String) -> [UInt8]?
    ) {
        self.agentStanding = agentStanding
        self.targetObjection = targetObjection
        self.allowedHosts = allowedHosts
        self.lists = lists
        self.hasFallbackAgent = hasFallbackAgent
        self.timeZoneFile = timeZoneFile
    }

    /// What the directory knows of an agent that a workflow names.
    package enum AgentStanding: Sendable {
        case usable
        /// Known, but inactive or without a published version.
        case unusable
        /// `near` is the agent that was probably meant.
        case unknown(near: String? = nil)
    }
}
