/// A trunk as calls see it: how its INVITEs are read and answered.
package final class TrunkEntry: Sendable {
    package let index: UInt32
    package let organization: UInt32
    package let id: String
    package let name: String
    package let numberPlan: CompiledNumberPlan
    package let numberSource: NumberSource
    /// The name of the header that `numberSource` names, or empty.
    package let numberHeader: [UInt8]
    let answerMode: AnswerMode
    package let trustsIdentity: Bool
    package let followsEmbeddedHeaders: Bool
    package let allowsPrivateTargets: Bool
    /// ISO 3166-1 alpha-2, for explanations.
    package let defaultCountry: String?
    /// CIDR prefixes or addresses as configured; the table of sources is made of them elsewhere.
    package let allowedAddresses: [String]
    /// 0 where nothing is configured.
    private let statuses: InlineArray<20, UInt16>

    init(index: UInt32, organization: UInt32, trunk: Trunk, numberPlan: CompiledNumberPlan) {
        let inbound = trunk.inbound
        self.index = index
        self.organization = organization
        id = trunk.id
        name = trunk.name
        self.numberPlan = numberPlan
        numberSource = inbound.numberSource
        if case .header(let name) = inbound.numberSource {
            numberHeader = Array(name.utf8)
        } else {
            numberHeader = []
        }
        answerMode = inbound.answerMode
        trustsIdentity = inbound.trustsIdentity
        followsEmbeddedHeaders = inbound.followsEmbeddedHeaders
        allowsPrivateTargets = inbound.allowsPrivateTargets
        defaultCountry = inbound.defaultCountry
        allowedAddresses = inbound.allowedAddresses
        var statuses = InlineArray<20, UInt16>(repeating: 0)
        for reason in RefusalReason.allCases {
            guard let status = inbound.refusalStatus[reason], 400...699 ~= status else { continue }
            statuses[reason.position] = UInt16(status)
        }
        if case .reject(let status) = inbound.answerMode, 400...699 ~= status {
            statuses[RefusalReason.answerMode.position] = UInt16(status)
        }
        self.statuses = statuses
    }

    /// Whether an agent's call is answered with 302, and not sent to the carrier's next route.
    package var redirects: Bool { answerMode == .redirect }

    /// The SIP status with which this trunk's calls are refused for `reason`; 400…699.
    package func status(for reason: RefusalReason) -> Int {
        configuredStatus(for: reason) ?? reason.defaultStatus
    }

    /// The status that this trunk was given for `reason` itself, or nil.
    func configuredStatus(for reason: RefusalReason) -> Int? {
        let status = Int(statuses[reason.position])
        return status > 0 ? status : nil
    }
}
