import Primitives
import Routing

/// A checksum over a row of the directory and all that hangs on it.
///
/// SQLite notices damage to its own structure, not to what the cells hold: a flipped bit in a target
/// would send calls elsewhere. Each row is checked against its sum when it is read, and the sum of all
/// sums tells of rows that are missing. The key is public: this finds damage, not forgery. Sums are
/// stored: what a row adds to its sum must never change.
struct DirectoryChecksum {
    private var hash = SipHash(key: SipHash.Key(0x7472_756E_6B6C_696E, 0x6469_7265_6374_6F72))

    /// The sum over a row, the kind of the row included.
    static func of<Row: ChecksummedRow>(_ row: Row) -> Int64 {
        var sum = DirectoryChecksum()
        sum.add(Row.checksumKind)
        row.addFields(to: &sum)
        return Int64(bitPattern: sum.hash.finalize())
    }

    fileprivate mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            hash.combine(UInt64(bytes.count))
            hash.combine(bytes.span)
        }
    }

    fileprivate mutating func add(_ text: String?) {
        add(text == nil)
        if let text { add(text) }
    }

    fileprivate mutating func add(_ number: Int64) { hash.combine(UInt64(bitPattern: number)) }

    fileprivate mutating func add(_ number: Int) { add(Int64(number)) }

    fileprivate mutating func add(_ number: Int64?) {
        add(number == nil)
        if let number { add(number) }
    }

    fileprivate mutating func add(_ flag: Bool) { hash.combine(flag ? UInt8(1) : 0) }

    fileprivate mutating func add(_ bytes: [UInt8]) {
        hash.combine(UInt64(bytes.count))
        hash.combine(bytes.span)
    }
}

/// A row of the directory as its checksum sees it.
protocol ChecksummedRow {
    /// Tells the kinds of rows apart: never give one another number.
    static var checksumKind: Int { get }
    func addFields(to sum: inout DirectoryChecksum)
}

extension Organization: ChecksummedRow {
    static var checksumKind: Int { 1 }

    func addFields(to sum: inout DirectoryChecksum) {
        sum.add(id)
        sum.add(name)
    }
}

extension Agent: ChecksummedRow {
    static var checksumKind: Int { 2 }

    func addFields(to sum: inout DirectoryChecksum) {
        sum.add(organizationID)
        sum.add(id)
        sum.add(name)
        sum.add(isActive)
        sum.add(versions.count)
        for version in versions {
            sum.add(version.number)
            sum.add(version.isPublished)
            sum.add(version.targets.count)
            for target in version.targets {
                sum.add(target.uri)
                sum.add(target.priority)
                sum.add(target.weight)
            }
        }
    }
}

extension Trunk: ChecksummedRow {
    static var checksumKind: Int { 3 }

    func addFields(to sum: inout DirectoryChecksum) {
        sum.add(organizationID)
        sum.add(id)
        sum.add(name)
        sum.add(inbound.allowedAddresses.count)
        for address in inbound.allowedAddresses { sum.add(address) }
        sum.add(inbound.numberSource.text)
        sum.add(inbound.defaultCountry)
        sum.add(inbound.answerMode.rejectStatus.map(Int64.init))
        // The reasons of the first stores have a place each; one that came later adds itself only where
        // it is set, or every trunk that was stored before it would seem damaged.
        for reason in Self.firstReasons {
            sum.add(inbound.refusalStatus[reason].map(Int64.init))
        }
        let later = inbound.refusalStatus.keys.filter { !Self.firstReasons.contains($0) }
        for reason in later.sorted(by: { $0.rawValue < $1.rawValue }) {
            sum.add(reason.rawValue)
            sum.add(inbound.refusalStatus[reason].map(Int64.init))
        }
        sum.add(inbound.trustsIdentity)
        sum.add(inbound.followsEmbeddedHeaders)
        sum.add(inbound.allowsPrivateTargets)
    }

    /// Never changed: the order in which stored sums have them.
    private static let firstReasons: [RefusalReason] = [
        .unknownTrunk, .unknownNumber, .wrongTrunk, .incompleteNumber, .notANumber, .suspended,
        .notActive, .trialOver, .noAgent, .agentUnavailable, .noTarget, .targetsExhausted,
        .workflowFailed, .rejected, .answerMode, .draining, .overloaded, .cancelled,
    ]
}

extension Credential: ChecksummedRow {
    static var checksumKind: Int { 4 }

    func addFields(to sum: inout DirectoryChecksum) {
        sum.add(organizationID)
        sum.add(id)
        sum.add(provider.rawValue)
        sum.add(accountSID)
        sum.add(label)
        sum.add(authTokens.count)
        for token in authTokens { sum.add(token.bytes) }
        for key in sharedKeys {
            sum.add(key.id)
            sum.add(key.secret.bytes)
        }
    }
}

extension InboundRouting: ChecksummedRow {
    static var checksumKind: Int { 5 }

    func addFields(to sum: inout DirectoryChecksum) {
        sum.add(organizationID)
        sum.add(isEnabled)
        sum.add(workflowDefinition)
        sum.add(fallbackAgentID)
        sum.add(timeoutMilliseconds)
        // Only where there is one: rows without it keep the sum that they were stored with.
        if let agent = defaultAgentID { sum.add(agent) }
    }
}

extension NumberAssignment: ChecksummedRow {
    static var checksumKind: Int { 6 }

    func addFields(to sum: inout DirectoryChecksum) {
        sum.add(Int64(number.digits))
        sum.add(organizationID)
        sum.add(trunkID)
        sum.add(credentialID)
        sum.add(inboundAgentID)
        sum.add(inboundVersion.map(Int64.init))
        sum.add(label)
        sum.add(Int(status.rawValue))
        sum.add(trialEnds?.microseconds)
        sum.add(dispatchTemplate)
        sum.add(metadata)
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
