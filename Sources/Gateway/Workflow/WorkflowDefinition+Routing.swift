import JSONata
import Routing

extension WorkflowDefinition {
    /// Compiles an organization's definition to be run; nil when it has none, or none that is right.
    ///
    /// It was checked against its surroundings when it was saved. Agents are looked up when it runs, and
    /// hosts are held against the operator's list when they are asked.
    package static func compile(_ routing: InboundRouting) -> WorkflowDefinition? {
        guard !routing.workflowDefinition.isEmpty else { return nil }
        let surroundings = WorkflowSurroundings(
            agentStanding: nil,
            allowedHosts: nil,
            lists: nil,
            timeZoneFile: TimeZoneDatabase.file
        )
        let bytes = Array(routing.workflowDefinition.utf8)
        guard let json = try? JSONValue.parse(bytes.span) else { return nil }
        return compile(json, in: surroundings).definition
    }
}
