import Primitives
import Routing
import Store
import Testing

@Suite("The directory in the store")
struct DirectoryStoreTests {
    private let folder: TemporaryFolder
    private let store: DirectoryStore

    init() throws {
        folder = try TemporaryFolder()
        store = try DirectoryStore(path: folder.file("directory.sqlite"), at: Sample.now)
    }

    @discardableResult
    private func apply(_ changes: DirectoryChange...) throws -> Int64 {
        try store.apply(DirectoryChanges(changes), at: Sample.now)
    }

    @Test("the sums that a store keeps are the same in every version, or it could not be read")
    func keepsChecksums() throws {
        var contents = try Sample.directory()
        // Rows that later versions added to are summed as before where they have none of it.
        for index in contents.routings.indices { contents.routings[index].defaultAgentID = nil }
        try store.apply(Sample.creating(contents), at: Sample.now)
        let digest = try store.database.prepare(
            "SELECT value FROM settings WHERE name = 'digest'"
        ).first { $0.integer(0) }
        #expect(digest == 6_730_031_765_455_522_468)
    }

    @Test("what is written is read again, in every field")
    func readsWhatItWrote() throws {
        let contents = try Sample.directory()
        #expect(try store.apply(Sample.creating(contents), at: Sample.now) == 1)
        #expect(try store.load() == contents)
        try store.checkIntegrity()
        let reopened = try DirectoryStore(path: store.database.path, at: Sample.now)
        #expect(try reopened.load() == contents)
    }

    @Test("numbers are handed over one by one, ascending, after all they refer to")
    func streamsNumbers() throws {
        let contents = try Sample.directory()
        try store.apply(Sample.creating(contents), at: Sample.now)
        var rest: DirectoryContents?
        var numbers: [PhoneNumber] = []
        try store.load { contents, version in
            rest = contents
            #expect(version == 1)
        } eachNumber: {
            #expect(rest != nil)
            numbers.append($0.number)
        }
        #expect(rest?.numbers.isEmpty == true)
        #expect(rest?.agents == contents.agents)
        #expect(numbers == contents.numbers.map(\.number))
    }

    @Test("a row that is put again replaces the old one with all that hung on it")
    func replacesRows() throws {
        var contents = try Sample.directory()
        try store.apply(Sample.creating(contents), at: Sample.now)
        contents.organizations[0].name = "Acme"
        contents.agents[1].versions[0].targets.removeFirst()
        contents.agents[1].versions.removeLast()
        contents.trunks[0].inbound = InboundTrunk()
        contents.credentials[0].authTokens = []
        contents.routings[0].fallbackAgentID = nil
        contents.routings[0].defaultAgentID = nil
        contents.numbers[0] = NumberAssignment(
            number: contents.numbers[0].number,
            organizationID: "zeta"
        )
        #expect(try store.apply(Sample.creating(contents), at: Sample.now) == 2)
        #expect(try store.load() == contents)
        try store.checkIntegrity()
    }

    @Test("one number is read and written alone")
    func changesOneNumber() throws {
        try store.apply(Sample.creating(try Sample.directory()), at: Sample.now)
        let number = try Sample.number("+14155550100")
        var row = try #require(try store.number(number))
        row.label = "Back door"
        #expect(try store.put(row, at: Sample.now) == 2)
        #expect(try store.number(number) == row)
        #expect(try store.number(try Sample.number("+14155550101")) == nil)
        try store.checkIntegrity()
    }

    @Test("rows are deleted with what hangs on them")
    func deletesRows() throws {
        try store.apply(Sample.creating(try Sample.directory()), at: Sample.now)
        try apply(
            .deleteNumber(try Sample.number("+14155550100")),
            .deleteNumber(try Sample.number("+442079460000")),
            .deleteRouting(organizationID: "acme"),
            .deleteCredential(organizationID: "acme", id: "twilio"),
            .deleteTrunk(organizationID: "acme", id: "carrier"),
            .deleteAgent(organizationID: "acme", id: "sales"),
            .deleteAgent(organizationID: "acme", id: "night"),
            .deleteOrganization(id: "acme"),
            .deleteOrganization(id: "zeta")
        )
        #expect(try store.load() == DirectoryContents())
        try store.checkIntegrity()
        for table: SQL in [
            "SELECT count(*) FROM agent_targets", "SELECT count(*) FROM credential_secrets",
            "SELECT count(*) FROM trunk_addresses", "SELECT count(*) FROM trunk_refusals",
        ] {
            #expect(try store.database.prepare(table).first { $0.integer(0) } == 0)
        }
    }

    @Test("a write that leaves a reference without its row is refused and changes nothing")
    func keepsReferences() throws {
        let contents = try Sample.directory()
        try store.apply(Sample.creating(contents), at: Sample.now)
        let number = try Sample.number("+14155550100")
        let foreign = NumberAssignment(
            number: number,
            organizationID: "zeta",
            inboundAgentID: "sales"
        )
        for change: DirectoryChange in [
            .deleteAgent(organizationID: "acme", id: "sales"),
            .deleteTrunk(organizationID: "acme", id: "carrier"),
            .deleteOrganization(id: "acme"),
            // The agent belongs to another organization.
            .putNumber(foreign),
        ] {
            let error = #expect(throws: StoreError.self) {
                try apply(.putOrganization(Organization(id: "new", name: "New")), change)
            }
            #expect(error?.kind == .constraint)
            #expect(error?.message.contains("refers to a row of") == true)
            #expect(try store.load() == contents)
            #expect(try store.version() == 1)
        }
    }

    @Test("a write that fails in its middle leaves nothing half written", arguments: 0..<7)
    func undoesInterruptedWrites(place: Int) throws {
        let contents = try Sample.directory()
        var changes = Sample.creating(contents)
        // A priority that no target can have: the database refuses the row.
        let bad = Agent(
            organizationID: "acme",
            id: "bad",
            name: "",
            versions: [
                AgentVersion(number: 1, targets: [AgentTarget(uri: "sip:x", priority: 70_000)])
            ]
        )
        changes.list.insert(.putAgent(bad), at: min(place, changes.list.count))
        let error = #expect(throws: StoreError.self) { try store.apply(changes, at: Sample.now) }
        #expect(error?.kind == .constraint)
        #expect(try store.load() == DirectoryContents())
        #expect(try store.version() == 0)
        try store.checkIntegrity()
    }

    @Test("a write that was worked out from an older version is refused")
    func refusesStaleWrites() throws {
        let organization = Organization(id: "acme", name: "Acme")
        let changes = DirectoryChanges([.putOrganization(organization)])
        #expect(try store.apply(changes, expecting: 0, at: Sample.now) == 1)
        let error = #expect(throws: StoreError.self) {
            try store.apply(DirectoryChanges(), expecting: 0, at: Sample.now)
        }
        #expect(error?.kind == .conflict)
        #expect(try store.version() == 1)
    }

    @Test("the name of the key is kept once and replaced when it is set anew")
    func keepsKeyCheckValue() throws {
        #expect(try store.keyCheckValue() == nil)
        try store.setKeyCheckValue("0123456789abcdef")
        try store.setKeyCheckValue("fedcba9876543210")
        #expect(try store.keyCheckValue() == "fedcba9876543210")
    }

    @Test("no text is ever SQL, whatever stands in it (CVE-2022-26651)")
    func bindsEveryText() throws {
        let pieces = [
            "'", "\"", ";", "--", "/*", "*/", "' OR 1=1 --", "'); DROP TABLE numbers; --", "%", "_",
            "\\", "\0", "\u{FEFF}", "` UNION SELECT 1", "x' AND sleep(5)='", "?1", ":name", "@v",
            "${a}", "\n", "0x27", "char(39)",
        ]
        var generator = SeededRandom(seed: 5)
        for round in 0..<500 {
            let text = (0..<4).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            var contents = try Sample.directory()
            contents.organizations = [Organization(id: "acme\(text)", name: text)]
            contents.agents = [
                Agent(
                    organizationID: "acme\(text)",
                    id: text,
                    name: text,
                    versions: [AgentVersion(number: 1, targets: [AgentTarget(uri: text)])]
                )
            ]
            contents.trunks = [
                Trunk(
                    organizationID: "acme\(text)",
                    id: text,
                    name: text,
                    inbound: InboundTrunk(allowedAddresses: [text], defaultCountry: text)
                )
            ]
            contents.credentials = []
            contents.routings = []
            contents.numbers = [
                NumberAssignment(
                    number: try Sample.number("+1415555\(1_000 + round)"),
                    organizationID: "acme\(text)",
                    trunkID: text,
                    inboundAgentID: text,
                    label: text,
                    dispatchTemplate: text,
                    metadata: text
                )
            ]
            try store.apply(Sample.creating(contents), at: Sample.now)
            let number = contents.numbers[0].number
            #expect(try store.number(number) == contents.numbers[0], "\(text)")
        }
        try store.checkIntegrity()
    }
}
