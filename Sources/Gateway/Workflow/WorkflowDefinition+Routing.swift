import JSONata
import Routing

extension WorkflowDefinition {
    /// Compiles an organization's definition to be run; an empty one yields nothing and no problem.
    ///
    /// It was checked against its surroundings when it was saved. Agents are looked up when it runs, and
    /// hosts are held against the operator's list when they are asked.
    package static func compile(_ routing: InboundRouting) -> WorkflowCompilation {
        guard !routing.workflowDefinition.isEmpty else {
            return WorkflowCompilation(definition: nil, problems: [])
        }
        let surroundings = WorkflowSurroundings(
            agentStanding: nil,
            allowedHosts: nil,
            lists: nil,
            timeZoneFile: TimeZoneDatabase.file
        )
        let bytes = Array(routing.workflowDefinition.utf8)
        do {
            return compile(try JSONValue.parse(bytes.span), in: surroundings)
        } catch {
            let problem = WorkflowProblem(path: "", message: "the text is no JSON: \(error)")
            return WorkflowCompilation(definition: nil, problems: [problem])
        }
    }
}
