import Primitives
import Routing

/// A checksum over a row of the directory and all that hangs on it.
///
/// SQLite notices damage to its own structure, not to what the cells hold: a flipped bit in a target
/// would send calls elsewhere. Each row is checked against its sum when it is read, and the sum of all
/// sums tells of rows that are missing. The key is public: this finds damage, not forgery.
struct DirectoryChecksum {
    private var hash = SipHash(key: SipHash.Key(0x7472_756E_6B6C_696E, 0x6469_7265_6374_6F72))

    private mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            hash.combine(UInt64(bytes.count))
            hash.combine(bytes.span)
        }
    }

    private mutating func add(_ text: String?) {
        add(text == nil)
        if let text { add(text) }
    }

    private mutating func add(_ number: Int64) { hash.combine(UInt64(bitPattern: number)) }

    private mutating func add(_ number: Int) { add(Int64(number)) }

    private mutating func add(_ number: Int64?) {
        add(number == nil)
        if let number { add(number) }
    }

    private mutating func add(_ flag: Bool) { hash.combine(flag ? UInt8(1) : 0) }

    private mutating func add(_ bytes: [UInt8]) {
        hash.combine(UInt64(bytes.count))
        hash.combine(bytes.span)
    }

    private consuming func finish() -> Int64 { Int64(bitPattern: hash.finalize()) }
}

extension DirectoryChecksum {
    static func of(_ organization: Organization) -> Int64 {
        var sum = DirectoryChecksum()
        sum.add(1)
        sum.add(organization.id)
        sum.add(organization.name)
        return sum.finish()
    }

    static func of(_ agent: Agent) -> Int64 {
        var sum = DirectoryChecksum()
        sum.add(2)
        sum.add(agent.organizationID)
        sum.add(agent.id)
        sum.add(agent.name)
        sum.add(agent.isActive)
        sum.add(agent.versions.count)
        for version in agent.versions {
            sum.add(version.number)
            sum.add(version.isPublished)
            sum.add(version.targets.count)
            for target in version.targets {
                sum.add(target.uri)
                sum.add(target.priority)
                sum.add(target.weight)
            }
        }
        return sum.finish()
    }

    static func of(_ trunk: Trunk) -> Int64 {
        var sum = DirectoryChecksum()
        sum.add(3)
        sum.add(trunk.organizationID)
        sum.add(trunk.id)
        sum.add(trunk.name)
        let inbound = trunk.inbound
        sum.add(inbound.allowedAddresses.count)
        for address in inbound.allowedAddresses { sum.add(address) }
        sum.add(inbound.numberSource.text)
        sum.add(inbound.defaultCountry)
        sum.add(inbound.answerMode.rejectStatus.map(Int64.init))
        for reason in RefusalReason.allCases {
            sum.add(inbound.refusalStatus[reason].map(Int64.init))
        }
        sum.add(inbound.trustsIdentity)
        sum.add(inbound.followsEmbeddedHeaders)
        sum.add(inbound.allowsPrivateTargets)
        return sum.finish()
    }

    static func of(_ credential: Credential) -> Int64 {
        var sum = DirectoryChecksum()
        sum.add(4)
        sum.add(credential.organizationID)
        sum.add(credential.id)
        sum.add(credential.provider.rawValue)
        sum.add(credential.accountSID)
        sum.add(credential.label)
        sum.add(credential.authTokens.count)
        for token in credential.authTokens { sum.add(token.bytes) }
        for key in credential.sharedKeys {
            sum.add(key.id)
            sum.add(key.secret.bytes)
        }
        return sum.finish()
    }

    static func of(_ routing: InboundRouting) -> Int64 {
        var sum = DirectoryChecksum()
        sum.add(5)
        sum.add(routing.organizationID)
        sum.add(routing.isEnabled)
        sum.add(routing.workflowDefinition)
        sum.add(routing.fallbackAgentID)
        sum.add(routing.timeoutMilliseconds)
        // Only where there is one: rows without it keep the sum that they were stored with.
        if let agent = routing.defaultAgentID { sum.add(agent) }
        return sum.finish()
    }

    static func of(_ number: NumberAssignment) -> Int64 {
        var sum = DirectoryChecksum()
        sum.add(6)
        sum.add(Int64(number.number.digits))
        sum.add(number.organizationID)
        sum.add(number.trunkID)
        sum.add(number.credentialID)
        sum.add(number.inboundAgentID)
        sum.add(number.inboundVersion.map(Int64.init))
        sum.add(number.label)
        sum.add(Int(number.status.rawValue))
        sum.add(number.trialEnds?.microseconds)
        sum.add(number.dispatchTemplate)
        sum.add(number.metadata)
        return sum.finish()
    }
}

extension AnswerMode {
    /// The status with which every call is refused, or nil when calls are redirected.
    var rejectStatus: Int? {
        switch self {
        case .redirect: nil
        case .reject(let status): status
        }
    }
}
