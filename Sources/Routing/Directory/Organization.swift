/// A tenant: owner of numbers, trunks, credentials, agents and one routing configuration.
package struct Organization: Hashable, Sendable {
    /// Unique over the directory; letters, digits, `-`, `_` and `.`, at most 64.
    package var id: String
    package var name: String

    package init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// How an organization's inbound calls are decided: by its workflow when enabled, else by the number.
package struct InboundRouting: Hashable, Sendable {
    package var organizationID: String
    package var isEnabled: Bool
    /// The workflow as JSON text, empty when there is none.
    package var workflowDefinition: String
    package var fallbackAgentID: String?
    /// Who gets the calls of numbers that have a dispatch template and no agent of their own.
    package var defaultAgentID: String?
    /// Milliseconds, 100…10,000; default 5,000.
    package var timeoutMilliseconds: Int

    package init(
        organizationID: String,
        isEnabled: Bool = false,
        workflowDefinition: String = "",
        fallbackAgentID: String? = nil,
        defaultAgentID: String? = nil,
        timeoutMilliseconds: Int = 5_000
    ) {
        self.organizationID = organizationID
        self.isEnabled = isEnabled
        self.workflowDefinition = workflowDefinition
        self.fallbackAgentID = fallbackAgentID
        self.defaultAgentID = defaultAgentID
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
