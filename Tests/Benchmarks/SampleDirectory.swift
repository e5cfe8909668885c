import Authentication
import Gateway
import Primitives
import Routing

/// A directory of any size: one organization, whose numbers follow each other from +1 415 550 0000.
struct SampleDirectory {
    let snapshot: DirectorySnapshot
    let numbers: [PhoneNumber]

    static let account = "AC00000000000000000000000000000000"
    static let token = "12345678901234567890123456789012"
    static let publicURL = "https://gw.example.com"

    /// `sources` are the places where trunks of 127.0.0.0/8 look for the dialled number.
    init(numberCount: Int, sources: [NumberSource] = [.requestURI]) throws {
        var builder = DirectoryBuilder(expectingNumbers: numberCount, hashSeed: 0x5EED)
        try builder.add(Organization(id: "acme", name: "Acme"))
        try builder.add(
            Agent(
                organizationID: "acme",
                id: "sales",
                name: "Sales",
                versions: [
                    AgentVersion(
                        number: 1,
                        targets: [
                            AgentTarget(uri: "sip:sales@agents.example.com;transport=tcp"),
                            AgentTarget(uri: "sip:sales@backup.example.com", priority: 2),
                        ]
                    )
                ]
            )
        )
        for (index, source) in sources.enumerated() {
            try builder.add(
                Trunk(
                    organizationID: "acme",
                    id: "carrier-\(index)",
                    name: "Carrier \(index)",
                    inbound: InboundTrunk(
                        allowedAddresses: ["127.0.0.0/8"],
                        numberSource: source,
                        defaultCountry: "US"
                    )
                )
            )
        }
        try builder.add(
            Credential(
                organizationID: "acme",
                id: "twilio-main",
                provider: .twilio,
                accountSID: Self.account,
                authTokens: [SealedSecret(Array(Self.token.utf8))]
            )
        )
        var numbers: [PhoneNumber] = []
        for offset in 0..<numberCount {
            // Ten digits of the North American plan, area codes 415 and up.
            guard let number = PhoneNumber(digits: 14_155_500_000 + UInt64(offset)) else {
                continue
            }
            numbers.append(number)
            try builder.add(
                NumberAssignment(
                    number: number,
                    organizationID: "acme",
                    trunkID: "carrier-0",
                    credentialID: "twilio-main",
                    inboundAgentID: "sales"
                )
            )
        }
        snapshot = builder.build()
        self.numbers = numbers
    }

    /// What a loop serves this directory with; the secrets of a benchmark are not sealed.
    func state() throws -> ServingState {
        try ServingState(
            configuration: Configuration(),
            publicURL: Self.publicURL,
            directory: snapshot,
            keys: ServingState.Keys(tag: SipHash.Key(1, 2), call: SipHash.Key(3, 4)),
            open: { sealed, _ in Secret(sealed.bytes) }
        )
    }
}
