import Primitives
import Routing
import Testing

/// The directory of the doors' tests: Acme with a number, and its carriers.
struct SampleDirectory {
    var contents = DirectoryContents()
    /// The URIs of targets that are down.
    var down: [String] = []

    static let number = "+14155550100"

    init(targets: [String] = ["sip:a@example.com", "sip:b@example.com"]) throws {
        contents.organizations = [
            Organization(id: "acme", name: "Acme"), Organization(id: "other", name: "Other"),
        ]
        contents.agents = [
            Agent(
                organizationID: "acme",
                id: "sales & co",
                name: "Sales",
                versions: [
                    AgentVersion(
                        number: 3,
                        targets: targets.enumerated().map {
                            AgentTarget(uri: $0.element, priority: $0.offset + 1)
                        }
                    )
                ]
            ),
            Agent(
                organizationID: "acme",
                id: "night",
                name: "Night",
                versions: [
                    AgentVersion(number: 1, targets: [AgentTarget(uri: "sip:n@example.com")])
                ]
            ),
        ]
        contents.credentials = ["acme", "other"].map {
            Credential(organizationID: $0, id: "twilio", provider: .twilio, accountSID: "AC1")
        }
        contents.numbers = [
            NumberAssignment(
                number: try #require(PhoneNumber(Self.number)),
                organizationID: "acme",
                inboundAgentID: "sales & co"
            )
        ]
        addTrunk("main", InboundTrunk(defaultCountry: "US"))
    }

    mutating func addTrunk(_ id: String, _ inbound: InboundTrunk) {
        contents.trunks.append(
            Trunk(organizationID: "acme", id: id, name: id, inbound: inbound)
        )
    }

    func snapshot() throws -> DirectorySnapshot {
        try DirectorySnapshot(contents).with(down: down.map { Array($0.utf8) })
    }
}
