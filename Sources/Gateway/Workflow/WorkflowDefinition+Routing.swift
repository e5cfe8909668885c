import JSONata
import Primitives
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
        return compile(routing.workflowDefinition, lists: nil)
    }

    /// Checks an organization's definition as it is when saved: all problems at once.
    ///
    /// `allowedHosts` are the hosts that the operator lets `http` steps ask.
    static func check(
        _ routing: InboundRouting,
        agents: [String: Agent],
        targets: TargetRules,
        allowedHosts: [String]
    ) -> WorkflowCompilation {
        compile(
            routing.workflowDefinition,
            agents: { id in
                guard let agent = agents[id] else {
                    return .unknown(near: Spelling.nearest(to: id, among: agents.keys.sorted()))
                }
                return agent.isActive && agent.latestPublished != nil ? .usable : .unusable
            },
            targets: targets,
            allowedHosts: allowedHosts,
            hasFallbackAgent: routing.fallbackAgentID != nil
        )
    }

    /// Compiles the text of a definition (JSON) with the time zones of this system.
    ///
    /// Each of `agents`, `targets`, `allowedHosts` and `lists` is checked only where it is given.
    package static func compile(
        _ text: String,
        agents: ((_ id: String) -> WorkflowSurroundings.AgentStanding)? = nil,
        targets: TargetRules? = nil,
        allowedHosts: [String]? = nil,
        lists: Set<String>? = [],
        hasFallbackAgent: Bool = true
    ) -> WorkflowCompilation {
        let json: JSONValue
        do throws(JSONParseError) {
            json = try JSONValue.parse(Array(text.utf8).span)
        } catch {
            return WorkflowCompilation(
                definition: nil,
                problems: [WorkflowProblem(path: "", message: "this is no JSON: \(error)")]
            )
        }
        return compile(
            json,
            in: WorkflowSurroundings(
                agentStanding: agents,
                targetObjection: targets.map { rules in { rules.objection(to: $0) } },
                allowedHosts: allowedHosts,
                lists: lists,
                hasFallbackAgent: hasFallbackAgent,
                timeZoneFile: TimeZoneDatabase.file
            )
        )
    }
}
