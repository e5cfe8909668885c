/// A carrier's way in: which addresses it sends from, and how its INVITEs are read and answered.
package struct Trunk: Hashable, Sendable {
    package var organizationID: String
    /// Unique within the organization.
    package var id: String
    package var name: String
    package var inbound: InboundTrunk

    package init(organizationID: String, id: String, name: String, inbound: InboundTrunk) {
        self.organizationID = organizationID
        self.id = id
        self.name = name
        self.inbound = inbound
    }
}

/// What a trunk's INVITEs look like and which answers its carrier understands.
package struct InboundTrunk: Hashable, Sendable {
    /// CIDR prefixes or single addresses; nothing else may send calls as this trunk.
    package var allowedAddresses: [String]
    package var numberSource: NumberSource
    /// ISO 3166-1 alpha-2, upper case; how national forms are read.
    ///
    /// Nil: E.164 digits only.
    package var defaultCountry: String?
    package var answerMode: AnswerMode
    /// SIP status for each reason that differs from `RefusalReason.defaultStatus`; 400…699.
    package var refusalStatus: [RefusalReason: Int]
    /// Whether P-Asserted-Identity and Remote-Party-ID of this carrier are believed (RFC 3325 §2.3).
    package var trustsIdentity: Bool
    /// Whether the carrier copies headers that are embedded in a Contact (RFC 3261 §19.1.5).
    package var followsEmbeddedHeaders: Bool
    /// Whether the carrier can reach private addresses, so that targets may have them.
    package var allowsPrivateTargets: Bool

    package init(
        allowedAddresses: [String] = [],
        numberSource: NumberSource = .requestURI,
        defaultCountry: String? = nil,
        answerMode: AnswerMode = .redirect,
        refusalStatus: [RefusalReason: Int] = [:],
        trustsIdentity: Bool = true,
        followsEmbeddedHeaders: Bool = false,
        allowsPrivateTargets: Bool = false
    ) {
        self.allowedAddresses = allowedAddresses
        self.numberSource = numberSource
        self.defaultCountry = defaultCountry
        self.answerMode = answerMode
        self.refusalStatus = refusalStatus
        self.trustsIdentity = trustsIdentity
        self.followsEmbeddedHeaders = followsEmbeddedHeaders
        self.allowsPrivateTargets = allowsPrivateTargets
    }
}

/// Where in an INVITE the dialled number stands.
package enum NumberSource: Hashable, Sendable {
    case requestURI
    case to
    case calledPartyID
    case diversion
    /// Any header by its name, for carriers of their own mind.
    case header(String)

    /// `ruri`, `to`, `p-called-party-id`, `diversion` or `header:X-Name`, as the directory file has it.
    package init?(_ text: String) {
        switch text.lowercased() {
        case "ruri": self = .requestURI
        case "to": self = .to
        case "p-called-party-id": self = .calledPartyID
        case "diversion": self = .diversion
        default:
            guard text.lowercased().hasPrefix("header:"), text.utf8.count > 7 else { return nil }
            self = .header(String(text.dropFirst(7)))
        }
    }

    package var text: String {
        switch self {
        case .requestURI: "ruri"
        case .to: "to"
        case .calledPartyID: "p-called-party-id"
        case .diversion: "diversion"
        case .header(let name): "header:\(name)"
        }
    }
}

/// How a call that has an agent is answered on this trunk.
package enum AnswerMode: Hashable, Sendable {
    /// 302 with the agent's targets as Contacts.
    case redirect
    /// A refusal with the code on which this carrier goes on to its next route.
    case reject(status: Int)
}
