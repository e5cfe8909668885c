import Foundation
import Gateway
import Primitives
import Routing
import Store
import Testing

/// An organization that asks its CRM by day, and what the commands are given of it.
enum ExplainedWorkflow {
    static let definition = """
        { "version": 1, "steps": [
          { "id": "trigger", "type": "trigger", "next": "hours" },
          { "id": "hours", "type": "schedule",
            "config": { "timezone": "America/New_York", "weekly": { "mon": ["09:00-17:00"] } },
            "branches": { "open": "vip", "closed": "at_night" } },
          { "id": "vip", "type": "condition",
            "config": { "branches": [
              { "label": "gold", "when": "{{ input.headers.`X-Tier` = 'gold' }}" },
              { "label": "spam", "when": "{{ input.attestation = 'failed' }}" } ] },
            "branches": { "gold": "by_day", "spam": "no", "default": "crm" } },
          { "id": "crm", "type": "http",
            "config": { "method": "POST", "url": "https://crm.example.com/route",
                        "headers": { "Authorization": "Bearer hush" },
                        "body": { "name": "{{ input.caller_name }}" } },
            "next": "from_crm", "on_error": "by_day" },
          { "id": "from_crm", "type": "output", "config": { "fields": [
            { "name": "agent_id", "type": "string", "value": "{{ crm.body.agent }}" } ] } },
          { "id": "by_day", "type": "output", "config": { "fields": [
            { "name": "agent_id", "type": "string", "value": "sales" } ] } },
          { "id": "at_night", "type": "output", "config": { "fields": [
            { "name": "agent_id", "type": "string", "value": "night" } ] } },
          { "id": "no", "type": "output", "config": { "fields": [
            { "name": "reject", "type": "boolean", "value": true } ] } }
        ] }
        """

    /// A draft that knows no CRM.
    static let draft = """
        { "version": 1, "steps": [
          { "id": "trigger", "type": "trigger", "next": "out" },
          { "id": "out", "type": "output", "config": { "fields": [
            { "name": "agent_id", "type": "string", "value": "night" } ] } }
        ] }
        """

    static let number = "+14155550100"
    /// Monday, ten in the morning in New York.
    static let day = "2026-11-23T15:00:00Z"
    static let night = "2026-11-23T03:00:00Z"

    static func contents() throws -> DirectoryContents {
        var contents = DirectoryContents()
        contents.organizations = [Organization(id: "acme", name: "Acme")]
        contents.agents = [
            agent("sales", ["sip:sales@agents.example.com", "wss://media.example.com/x"]),
            agent("night", ["sip:night@agents.example.com"]),
        ]
        contents.trunks = [
            Trunk(
                organizationID: "acme",
                id: "carrier-a",
                name: "Carrier A",
                inbound: InboundTrunk(
                    allowedAddresses: ["203.0.113.0/24"],
                    defaultCountry: "US"
                )
            )
        ]
        contents.credentials = [
            Credential(
                organizationID: "acme",
                id: "twilio-main",
                provider: .twilio,
                accountSID: "AC1"
            )
        ]
        contents.numbers = [
            NumberAssignment(number: try #require(PhoneNumber(number)), organizationID: "acme")
        ]
        contents.routings = [
            InboundRouting(
                organizationID: "acme",
                isEnabled: true,
                workflowDefinition: definition,
                fallbackAgentID: "sales"
            )
        ]
        return contents
    }

    private static func agent(_ id: String, _ targets: [String]) -> Agent {
        let listed = targets.enumerated().map { AgentTarget(uri: $1, priority: $0) }
        return Agent(
            organizationID: "acme",
            id: id,
            name: id,
            versions: [AgentVersion(number: 1, targets: listed)]
        )
    }

    static func directory() throws -> DirectorySnapshot {
        try DirectorySnapshot(try contents()) { WorkflowDefinition.compile($0).definition }
    }

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.publicURL = "https://gw.example.com"
        configuration.workflow.allowedHosts = ["crm.example.com"]
        return configuration
    }

    /// A question about a call by day.
    static func question(
        to: String = number,
        at time: String = day,
        headers: [(String, String)] = []
    ) throws -> CallQuestion {
        var question = CallQuestion(to: to, at: try #require(WallTime(rfc3339: time)))
        question.from = "+12125550123"
        for (name, value) in headers {
            question.headers.append(try CallQuestion.Header(name: name, value: value))
        }
        return question
    }

    static func explain(
        _ question: CallQuestion,
        answers: [String: StepAnswers.Answer] = [:]
    ) throws -> CallExplanation {
        try CallExplainer(
            directory: try directory(),
            configuration: configuration,
            answers: StepAnswers(given: answers)
        ).explain(question)
    }
}

/// A folder of one test, gone after it.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "trunkline-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and says where it is.
    func file(_ name: String, _ text: String) throws -> String {
        let place = "\(path)/\(name)"
        try text.write(toFile: place, atomically: false, encoding: .utf8)
        return place
    }

    func session(_ configuration: Configuration) -> Session {
        var configuration = configuration
        configuration.stateDirectory = path
        return Session(configuration)
    }
}
