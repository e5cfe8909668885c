import Foundation
import Gateway
import Primitives
import Routing
import Store
import Testing

@Suite("A workflow in a file")
struct WorkflowFileTests {
    private static let examples = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "config/workflows").path

    @Test(
        "every example can be used, and drawn",
        arguments: ["canary-with-crm", "follow-the-sun", "office-hours", "vip-and-spam"]
    )
    func examples(name: String) throws {
        let file = "\(Self.examples)/\(name).json5"
        let (problems, isRight) = try WorkflowCommands.check(file, WorkflowCommands.Surroundings())
        #expect(isRight && problems.lines == [])
        let drawing = try WorkflowCommands.draw(file)
        #expect(drawing.hasPrefix("flowchart TD\n") && drawing.contains("-->"))
    }

    @Test("all problems come at once, each with line, column and path, in the order of the file")
    func problems() throws {
        let folder = try ScratchFolder()
        let file = try folder.file(
            "flow.json5",
            """
            // A flow with mistakes.
            { steps: [
              { id: "trigger", type: "trigger", next: "hours" },
              { id: "hours", type: "schedule", config: { timezone: "Europe/Atlantis", weekly: {} },
                branches: { open: "out", closed: "nowhere" } },
              { id: "out", type: "output", config: { fields: [
                { name: "agent_id", type: "string", value: "{{ input. }}" } ] } },
            ] }
            """
        )
        let (problems, isRight) = try WorkflowCommands.check(file, WorkflowCommands.Surroundings())
        #expect(!isRight)
        let lines = problems.lines.map { $0.replacing(file, with: "flow") }
        #expect(lines.contains { $0.hasPrefix("flow:4:56: steps[1].config.timezone: there is no") })
        #expect(lines.contains { $0.hasPrefix("flow:5:38: steps[1].branches.closed: no step") })
        #expect(lines.contains { $0.hasPrefix("flow:7:") && $0.contains("fields[0].value") })
        let json = WorkflowCommands.json(problems, isRight: isRight)
        #expect(json.hasPrefix(#"{"ok":false,"problems":[{"severity":"error","file":""#))
        #expect(json.contains(#","path":"steps[1].config.timezone","line":4,"column":56,"#))
        #expect(throws: FileError.self) { try WorkflowCommands.draw(file) }
    }

    @Test("agents are checked against a directory file, hosts against a configuration")
    func surroundings() throws {
        let folder = try ScratchFolder()
        let directory = try folder.file(
            "d.json5",
            """
            { organizations: [{ id: "acme", agents: [
                { id: "sales", targets: ["sip:a@agents.example.com"] }] }, { id: "zeta" }] }
            """
        )
        let file = try folder.file("flow.json5", ExplainedWorkflow.definition)
        var surroundings = WorkflowCommands.Surroundings(directoryFile: directory)
        #expect(throws: CommandError.self) { try WorkflowCommands.check(file, surroundings) }
        surroundings.organization = "acme"
        var (problems, isRight) = try WorkflowCommands.check(file, surroundings)
        #expect(!isRight && problems.list.count == 1)
        #expect(problems.lines.first?.contains("night") == true)
        #expect(problems.warningLines.contains { $0.contains("fallback") })
        surroundings = WorkflowCommands.Surroundings(organization: "acme")
        #expect(throws: UsageError.self) { try WorkflowCommands.check(file, surroundings) }
        surroundings = WorkflowCommands.Surroundings(configuration: Configuration())
        (problems, isRight) = try WorkflowCommands.check(file, surroundings)
        #expect(!isRight && problems.lines.first?.contains("crm.example.com") == true)
    }

    @Test("a target that leads back here, or that no trunk reaches, is refused when it is saved")
    func targets() throws {
        let folder = try ScratchFolder()
        var configuration = Configuration()
        configuration.listeners = [
            Configuration.Listener(
                transport: .sipUDP,
                address: try #require(IPEndpoint("192.0.2.1:5060"))
            )
        ]
        let session = folder.session(configuration)
        func problems(_ target: String, trunk: String) throws -> [String] {
            let file = try folder.file(
                "d.json5",
                """
                { organizations: [{ id: "acme", trunks: [{ id: "a", inbound: { \(trunk) } }],
                  inbound_routing: { enabled: true, workflow_definition: { steps: [
                    { id: "trigger", type: "trigger", next: "out" },
                    { id: "out", type: "output", config: { fields: [
                      { name: "targets", type: "array", value: ["\(target)"] } ] } } ] } } }] }
                """
            )
            return try DirectoryCommands.check(session, directoryFile: file).problems
        }
        let place = "organizations[0].inbound_routing.workflow_definition.steps[1]"
        let here = try problems("sip:a@192.0.2.1", trunk: "")
        #expect(here.count == 1 && here[0].contains(place))
        #expect(here[0].contains("this is the gateway itself"))
        let inside = try problems("sip:a@10.0.0.7", trunk: "")
        #expect(inside.count == 1 && inside[0].contains("allow_private_targets: true"))
        #expect(try problems("sip:a@10.0.0.7", trunk: "allow_private_targets: true") == [])
    }

    @Test("apply refuses a bad workflow with its place in the directory file, and changes nothing")
    func apply() throws {
        let folder = try ScratchFolder()
        let session = folder.session(ExplainedWorkflow.configuration)
        let file = try folder.file(
            "d.json5",
            """
            { organizations: [{ id: "acme",
              agents: [{ id: "sales", targets: ["sip:a@agents.example.com"] }],
              inbound_routing: { enabled: true, workflow_definition:
            \(ExplainedWorkflow.definition) } }] }
            """
        )
        var told: [String] = []
        #expect {
            try DirectoryCommands.apply(session, file: file, isDryRun: false, prune: false) {
                told.append($0)
            }
        } throws: { error in
            "\(error)".contains("d.json5:24:")
                && "\(error)".contains("inbound_routing.workflow_def")
        }
        #expect(told.count == 1 && told[0].hasPrefix("warning: ") && told[0].contains("fallback"))
        #expect(try session.store().load().organizations.isEmpty)
        let findings = try DirectoryCommands.check(session, directoryFile: file)
        #expect(findings.problems.count == 1 && findings.warnings.count == 1)
    }
}
