import Primitives
import Routing
import Testing

/// Two organizations behind one carrier, and calls to their numbers.
struct SampleCall {
    var contents = DirectoryContents()
    var door = IncomingCall.Door.sip
    var called = "+14155550100"
    var id: UInt64 = 1
    var time = WallTime(seconds: 1_795_244_709)
    var continuation: (agent: String, version: Int?, next: Int)?
    var trunks = ["acme/main", "other/main"]

    static let number = "+14155550100"
    static let foreignNumber = "+14155550199"

    init() throws {
        contents.organizations = [
            Organization(id: "acme", name: "Acme"), Organization(id: "other", name: "Other"),
        ]
        contents.agents = [
            Self.agent("sales", ["sip:a@example.com", "sip:b@example.com", "tel:+14155550123"]),
            Self.agent("night", ["sip:night@example.com"]),
            Self.agent("web", ["wss://a.example.com/s", "https://a.example.com/t"]),
            Agent(organizationID: "acme", id: "draft", name: "Draft", versions: []),
        ]
        for organization in ["acme", "other"] {
            contents.trunks.append(
                Trunk(organizationID: organization, id: "main", name: "", inbound: InboundTrunk())
            )
            contents.credentials.append(
                Credential(organizationID: organization, id: "twilio", provider: .twilio)
            )
        }
        contents.trunks.append(
            Trunk(organizationID: "acme", id: "second", name: "", inbound: InboundTrunk())
        )
        contents.numbers = [
            NumberAssignment(
                number: try #require(PhoneNumber(Self.number)),
                organizationID: "acme",
                trunkID: "main",
                credentialID: "twilio",
                inboundAgentID: "sales"
            ),
            NumberAssignment(
                number: try #require(PhoneNumber(Self.foreignNumber)),
                organizationID: "other"
            ),
        ]
    }

    static func agent(_ id: String, _ targets: [String], isActive: Bool = true) -> Agent {
        let targets = targets.map { AgentTarget(uri: $0) }
        return Agent(
            organizationID: "acme",
            id: id,
            name: id,
            isActive: isActive,
            versions: [AgentVersion(number: 1, targets: targets)]
        )
    }

    mutating func enableRouting(fallback: String?) {
        contents.routings = [
            InboundRouting(organizationID: "acme", isEnabled: true, fallbackAgentID: fallback)
        ]
    }

    /// The decision, every test that was made for it, and where its targets lead.
    func decide() throws -> (decision: Decision, tests: [String], targets: [String]) {
        let directory = try DirectorySnapshot(contents)
        let call = try incoming(directory)
        var trace = FullTrace()
        let decision = directory.decide(call, trace: &trace)
        let tests = trace.notes.map { ($0.held ? "" : "not ") + $0.test.name }
        let version = directory.agent(decision.agent)?.version(UInt32(decision.version))
        let targets = (0..<decision.targets.count).map { position in
            String(decoding: version?.targets[decision.targets[position]].uri ?? [], as: UTF8.self)
        }
        return (decision, tests, targets)
    }

    func incoming(_ directory: DirectorySnapshot) throws -> IncomingCall {
        let acme = try #require(directory.organization(named: "acme")).index
        let group = try trunks.map { name in
            let parts = name.split(separator: "/").map(String.init)
            let owner = try #require(directory.organization(named: parts[0])).index
            return try #require(directory.trunk(named: parts[1], organization: owner))
        }
        let credential = try #require(directory.credential(named: "twilio", organization: acme))
        let carrier: IncomingCall.Carrier =
            door == .twilio
            ? .credential(index: credential.index) : .trunks(try #require(TrunkGroup(group)))
        let dialled = Array(called.utf8)
        var call = IncomingCall(
            door: door,
            carrier: carrier,
            called: CompiledNumberPlan.international.read(dialled.span),
            caller: .anonymous,
            id: id,
            time: time
        )
        if let continuation {
            let agent = try #require(directory.agent(named: continuation.agent, organization: acme))
            call.continuation = IncomingCall.Continuation(
                agent: agent.index,
                version: continuation.version,
                nextTarget: continuation.next
            )
        }
        return call
    }
}
