/// A tenant as calls see it.
package final class OrganizationEntry: Sendable {
    /// The place of this entry in its snapshot.
    package let index: UInt32
    package let id: String
    package let name: String
    /// How its calls are decided; nil when nothing is configured.
    package let routing: RoutingEntry?

    init(index: UInt32, organization: Organization, routing: RoutingEntry?) {
        self.index = index
        id = organization.id
        name = organization.name
        self.routing = routing
    }

    var row: Organization { Organization(id: id, name: name) }
}

/// An organization's routing configuration as calls see it.
package final class RoutingEntry: Sendable {
    package let isEnabled: Bool
    /// The workflow as JSON text, empty when there is none.
    package let workflowDefinition: String
    /// The workflow, compiled; nil when there is none, or none that can be run.
    package let workflow: WorkflowDefinition?
    /// Index of the agent that answers when the workflow fails, or `NumberEntry.none`.
    package let fallbackAgent: UInt32
    /// Index of the agent of numbers that have a dispatch template alone, or `NumberEntry.none`.
    package let defaultAgent: UInt32
    /// Milliseconds, 100…10,000.
    package let timeoutMilliseconds: Int

    init(
        _ routing: InboundRouting,
        workflow: WorkflowDefinition?,
        fallbackAgent: UInt32,
        defaultAgent: UInt32
    ) {
        self.workflow = workflow
        isEnabled = routing.isEnabled
        workflowDefinition = routing.workflowDefinition
        self.fallbackAgent = fallbackAgent
        self.defaultAgent = defaultAgent
        timeoutMilliseconds = min(max(routing.timeoutMilliseconds, 100), 10_000)
    }
}
