import Primitives
import Routing
import Store
import Testing

@Suite("Following the directory from another connection")
struct FollowerTests {
    private let folder: TemporaryFolder
    private let writer: DirectoryStore
    private let reader: DirectoryStore

    init() throws {
        folder = try TemporaryFolder()
        writer = try DirectoryStore(path: folder.file("directory.sqlite"), at: Sample.now)
        reader = try DirectoryStore(path: folder.file("directory.sqlite"), at: Sample.now)
    }

    @Test("a write is seen by the next look at the version")
    func seesVersion() throws {
        #expect(try reader.version() == 0)
        #expect(try reader.update(since: 0) == .unchanged)
        let row = Organization(id: "acme", name: "Acme")
        try writer.apply(DirectoryChanges([.putOrganization(row)]), at: Sample.now)
        #expect(try reader.version() == 1)
        let update = try reader.update(since: 0)
        #expect(update == .changes(DirectoryChanges([.putOrganization(row)]), version: 1))
    }

    @Test("several writes of a row come as one change: the row as it is now, or its removal")
    func mergesWrites() throws {
        let number = try Sample.number("+14155550100")
        let other = try Sample.number("+14155550101")
        let organization = Organization(id: "acme", name: "Acme")
        func put(_ number: PhoneNumber, _ label: String) -> DirectoryChange {
            .putNumber(NumberAssignment(number: number, organizationID: "acme", label: label))
        }
        for changes: [DirectoryChange] in [
            [.putOrganization(organization), put(number, "one")], [put(other, "x")],
            [put(number, "two")], [.deleteNumber(other)],
        ] {
            try writer.apply(DirectoryChanges(changes), at: Sample.now)
        }
        let expected = DirectoryChanges([
            .putOrganization(organization), put(number, "two"), .deleteNumber(other),
        ])
        #expect(try reader.update(since: 0) == .changes(expected, version: 4))
        #expect(
            try reader.update(since: 3)
                == .changes(DirectoryChanges([.deleteNumber(other)]), version: 4)
        )
    }

    @Test("a very large write, and a follower that is far behind, mean loading everything")
    func asksToLoad() throws {
        var changes: [DirectoryChange] = [.putOrganization(Organization(id: "acme", name: "A"))]
        for line in 0..<10_000 {
            let number = try Sample.number("+1415\(5_000_000 + line)")
            changes.append(.putNumber(NumberAssignment(number: number, organizationID: "acme")))
        }
        try writer.apply(DirectoryChanges(changes), at: Sample.now)
        #expect(try reader.update(since: 0) == .everything(version: 1))
        #expect(try reader.update(since: 7) == .everything(version: 1))
        for round in 0..<1_100 {
            let row = Organization(id: "acme", name: "\(round)")
            try writer.apply(DirectoryChanges([.putOrganization(row)]), at: Sample.now)
        }
        #expect(try reader.update(since: 50) == .everything(version: 1_101))
        let last = Organization(id: "acme", name: "1099")
        #expect(
            try reader.update(since: 200)
                == .changes(DirectoryChanges([.putOrganization(last)]), version: 1_101)
        )
        let kept = try writer.database.prepare("SELECT count(*) FROM directory_journal").first {
            $0.integer(0)
        }
        #expect(kept == 1_024)
    }

    @Test("a follower that applies every update has what a fresh load has", arguments: 0..<8)
    func followsRandomWrites(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        var followed = DirectoryContents()
        var version: Int64 = 0
        for _ in 0..<60 {
            let changes = Self.randomChanges(in: try writer.load(), &generator)
            // Some of them break a reference: then nothing has changed.
            _ = try? writer.apply(changes, at: Sample.now)
            guard Bool.random(using: &generator) else { continue }
            if case .changes(let update, let newest) = try reader.update(since: version) {
                for change in update.list { followed.apply(change) }
                version = newest
            }
            #expect(followed == (try reader.load()))
        }
        #expect(version > 5)
        try writer.checkIntegrity()
    }

    private static func randomChanges(
        in contents: DirectoryContents,
        _ generator: inout SeededRandom
    ) -> DirectoryChanges {
        var changes: [DirectoryChange] = []
        for _ in 0..<Int.random(in: 1...5, using: &generator) {
            let organization = "o\(Int.random(in: 0..<3, using: &generator))"
            let id = "r\(Int.random(in: 0..<4, using: &generator))"
            let word = "w\(Int.random(in: 0..<100, using: &generator))"
            let digits = UInt64.random(in: 14_155_550_000..<14_155_550_010, using: &generator)
            guard let number = PhoneNumber(digits: digits) else { continue }
            let hasAgent = contents.agents.contains {
                $0.organizationID == organization && $0.id == id
            }
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: changes.append(.putOrganization(Organization(id: organization, name: word)))
            case 1:
                let targets = [AgentTarget(uri: "sip:\(word)@example.com")]
                let versions = [AgentVersion(number: 1, targets: targets)]
                changes.append(
                    .putAgent(
                        Agent(organizationID: organization, id: id, name: word, versions: versions)
                    )
                )
            case 2:
                let inbound = InboundTrunk(allowedAddresses: ["203.0.113.7"])
                changes.append(
                    .putTrunk(
                        Trunk(organizationID: organization, id: id, name: word, inbound: inbound)
                    )
                )
            case 3:
                changes.append(
                    .putCredential(
                        Credential(organizationID: organization, id: id, provider: .telnyx)
                    )
                )
            case 4: changes.append(.putRouting(InboundRouting(organizationID: organization)))
            case 5: changes.append(.deleteNumber(number))
            case 6: changes.append(.deleteAgent(organizationID: organization, id: id))
            case 7: changes.append(.deleteTrunk(organizationID: organization, id: id))
            case 8: changes.append(.deleteCredential(organizationID: organization, id: id))
            case 9: changes.append(.deleteRouting(organizationID: organization))
            case 10: changes.append(.deleteOrganization(id: organization))
            default:
                changes.append(
                    .putNumber(
                        NumberAssignment(
                            number: number,
                            organizationID: organization,
                            inboundAgentID: hasAgent ? id : nil,
                            label: word
                        )
                    )
                )
            }
        }
        return DirectoryChanges(changes)
    }
}

extension DirectoryContents {
    /// The plainest way to apply a change, to hold the store against.
    mutating func apply(_ change: DirectoryChange) {
        func isRow(_ organization: String, _ id: String) -> (String, String) -> Bool {
            { $0 == organization && $1 == id }
        }
        switch change {
        case .putOrganization(let row):
            organizations.removeAll { $0.id == row.id }
            organizations.append(row)
        case .putAgent(let row):
            agents.removeAll { isRow(row.organizationID, row.id)($0.organizationID, $0.id) }
            agents.append(row)
        case .putTrunk(let row):
            trunks.removeAll { isRow(row.organizationID, row.id)($0.organizationID, $0.id) }
            trunks.append(row)
        case .putCredential(let row):
            credentials.removeAll { isRow(row.organizationID, row.id)($0.organizationID, $0.id) }
            credentials.append(row)
        case .putRouting(let row):
            routings.removeAll { $0.organizationID == row.organizationID }
            routings.append(row)
        case .putNumber(let row):
            numbers.removeAll { $0.number == row.number }
            numbers.append(row)
        case .deleteNumber(let number): numbers.removeAll { $0.number == number }
        case .deleteRouting(let owner): routings.removeAll { $0.organizationID == owner }
        case .deleteCredential(let owner, let id):
            credentials.removeAll { isRow(owner, id)($0.organizationID, $0.id) }
        case .deleteTrunk(let owner, let id):
            trunks.removeAll { isRow(owner, id)($0.organizationID, $0.id) }
        case .deleteAgent(let owner, let id):
            agents.removeAll { isRow(owner, id)($0.organizationID, $0.id) }
        case .deleteOrganization(let id): organizations.removeAll { $0.id == id }
        }
        organizations.sort { $0.id < $1.id }
        agents.sort { ($0.organizationID, $0.id) < ($1.organizationID, $1.id) }
        trunks.sort { ($0.organizationID, $0.id) < ($1.organizationID, $1.id) }
        credentials.sort { ($0.organizationID, $0.id) < ($1.organizationID, $1.id) }
        routings.sort { $0.organizationID < $1.organizationID }
        numbers.sort { $0.number < $1.number }
    }
}
