import Primitives
import Routing
import Testing

/// Directories for tests.
enum Sample {
    static let now = WallTime(seconds: 1_795_000_000)

    static func number(_ text: String) throws -> PhoneNumber { try #require(PhoneNumber(text)) }

    /// One organization with every field of every row set to something other than its default.
    static func directory() throws -> DirectoryContents {
        var contents = DirectoryContents()
        contents.organizations = [
            Organization(id: "acme", name: "Acme & Söhne"), Organization(id: "zeta", name: "Zeta"),
        ]
        contents.agents = [
            Agent(
                organizationID: "acme",
                id: "night",
                name: "Night",
                isActive: false,
                versions: []
            ),
            Agent(
                organizationID: "acme",
                id: "sales",
                name: "Sales",
                versions: [
                    AgentVersion(
                        number: 1,
                        targets: [
                            AgentTarget(uri: "sip:a@agents.example.com", priority: 1, weight: 10),
                            AgentTarget(uri: "tel:+14155550199", priority: 2, weight: 0),
                        ]
                    ),
                    AgentVersion(number: 3, isPublished: false, targets: []),
                ]
            ),
        ]
        contents.trunks = [
            Trunk(
                organizationID: "acme",
                id: "carrier",
                name: "Carrier",
                inbound: InboundTrunk(
                    allowedAddresses: ["203.0.113.0/24", "2001:db8::1"],
                    numberSource: .header("X-Number"),
                    defaultCountry: "US",
                    answerMode: .reject(status: 480),
                    refusalStatus: [.unknownNumber: 480, .suspended: 486],
                    trustsIdentity: false,
                    followsEmbeddedHeaders: true,
                    allowsPrivateTargets: true
                )
            )
        ]
        contents.credentials = [
            Credential(
                organizationID: "acme",
                id: "twilio",
                provider: .twilio,
                accountSID: "AC00000000000000000000000000000001",
                authTokens: [SealedSecret([1, 2, 0, 3]), SealedSecret([])],
                sharedKeys: [Credential.SharedKey(id: "k1", secret: SealedSecret([9]))],
                label: "Main"
            )
        ]
        contents.routings = [
            InboundRouting(
                organizationID: "acme",
                isEnabled: true,
                workflowDefinition: #"{"version":1}"#,
                fallbackAgentID: "night",
                defaultAgentID: "sales",
                timeoutMilliseconds: 750
            )
        ]
        contents.numbers = [
            NumberAssignment(number: try number("+442079460000"), organizationID: "zeta"),
            NumberAssignment(
                number: try number("+14155550100"),
                organizationID: "acme",
                trunkID: "carrier",
                credentialID: "twilio",
                inboundAgentID: "sales",
                inboundVersion: 1,
                label: "Front desk",
                status: .suspended,
                trialEnds: WallTime(microseconds: 1_795_000_000_123_456),
                dispatchTemplate: #"{"a":"{{caller_number}}"}"#,
                metadata: #"{"tier":"gold"}"#
            ),
        ]
        contents.numbers.sort { $0.number < $1.number }
        return contents
    }

    /// The changes that write a whole directory into an empty store.
    static func creating(_ contents: DirectoryContents) -> DirectoryChanges {
        DirectoryChanges(
            contents.organizations.map { .putOrganization($0) }
                + contents.agents.map { .putAgent($0) } + contents.trunks.map { .putTrunk($0) }
                + contents.credentials.map { .putCredential($0) }
                + contents.routings.map { .putRouting($0) }
                + contents.numbers.map { .putNumber($0) }
        )
    }
}
