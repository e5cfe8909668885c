import Primitives
import Routing
import Testing

/// A number as a test writes it.
private func phone(_ text: String) throws -> PhoneNumber {
    try #require(PhoneNumber(text))
}

/// One organization with two agents, a trunk, a credential and two numbers.
private func sampleContents() throws -> DirectoryContents {
    var contents = DirectoryContents()
    contents.organizations = [
        Organization(id: "acme", name: "Acme"), Organization(id: "other", name: "Other"),
    ]
    contents.agents = [
        Agent(
            organizationID: "acme",
            id: "sales",
            name: "Sales",
            versions: [
                AgentVersion(
                    number: 2,
                    targets: [
                        AgentTarget(uri: "sip:b@agents.example.com", priority: 2),
                        AgentTarget(uri: "SIPS:a@agents.example.com", priority: 1, weight: 5),
                        AgentTarget(uri: "tel:+1-415-555-0199", priority: 2),
                        AgentTarget(uri: "+14155550198", priority: 1),
                    ]
                ),
                AgentVersion(number: 1, targets: [AgentTarget(uri: "wss://a.example.com/stream")]),
                AgentVersion(number: 3, isPublished: false, targets: []),
            ]
        ),
        Agent(organizationID: "acme", id: "night", name: "Night", isActive: false, versions: []),
    ]
    contents.trunks = [
        Trunk(
            organizationID: "acme",
            id: "carrier-a",
            name: "Carrier A",
            inbound: InboundTrunk(
                numberSource: .header("X-Dialled"),
                defaultCountry: "GB",
                refusalStatus: [.unknownNumber: 480, .overloaded: 999]
            )
        )
    ]
    contents.credentials = [
        Credential(organizationID: "acme", id: "twilio-main", provider: .twilio, accountSID: "AC1")
    ]
    contents.routings = [
        InboundRouting(organizationID: "acme", isEnabled: true, fallbackAgentID: "night")
    ]
    contents.numbers = [
        NumberAssignment(
            number: try phone("+442079460000"),
            organizationID: "acme",
            trunkID: "carrier-a",
            credentialID: "twilio-main",
            inboundAgentID: "sales",
            inboundVersion: 1,
            label: "Front desk",
            status: .suspended,
            trialEnds: WallTime(seconds: 1_800_000_000),
            dispatchTemplate: "{\"a\":1}",
            metadata: "{\"b\":2}"
        ),
        NumberAssignment(
            number: try phone("+14155550100"),
            organizationID: "other"
        ),
    ]
    return contents
}

@Suite("Directory snapshots")
struct DirectorySnapshotTests {
    @Test("a number leads to its organization, trunk, credential and agent")
    func resolution() throws {
        let snapshot = try DirectorySnapshot(sampleContents())
        let entry = try #require(snapshot.entry(phone("+442079460000")))
        #expect(snapshot.organization(entry.organization)?.id == "acme")
        #expect(snapshot.trunk(entry.trunk)?.id == "carrier-a")
        #expect(snapshot.credential(entry.credential)?.accountSID == Array("AC1".utf8))
        let agent = try #require(snapshot.agent(entry.agent))
        #expect(agent.id == "sales")
        #expect(agent.version(entry.inboundVersion)?.targets.map(\.kind) == [.wss])
        #expect(entry.status == .suspended)
        #expect(!entry.isTrialOver(at: WallTime(seconds: 1_799_999_999)))
        #expect(entry.isTrialOver(at: WallTime(seconds: 1_800_000_000)))
        let routing = try #require(snapshot.organization(named: "acme")?.routing)
        #expect(snapshot.agent(routing.fallbackAgent)?.id == "night")
        #expect(snapshot.organization(named: "other")?.routing == nil)
    }

    @Test("every row of the numbers comes out again as it went in")
    func export() throws {
        let contents = try sampleContents()
        let snapshot = try DirectorySnapshot(contents)
        var rows: Set<NumberAssignment> = []
        snapshot.numbers.forEach { entry, _ in
            if let row = snapshot.row(of: entry) { rows.insert(row) }
        }
        #expect(rows == Set(contents.numbers))
    }

    @Test("an agent's targets stand in the order of priority, then as configured")
    func targets() throws {
        let snapshot = try DirectorySnapshot(sampleContents())
        let owner = try #require(snapshot.organization(named: "acme")).index
        let agent = try #require(snapshot.agent(named: "sales", organization: owner))
        let latest = try #require(agent.version(0))
        #expect(latest.number == 2)
        #expect(latest.targets.map(\.kind) == [.sips, .number, .sip, .tel])
        #expect(latest.targets[3].number == PhoneNumber("+14155550199"))
        #expect(latest.targets[1].number == PhoneNumber("+14155550198"))
        #expect(latest.targets[0].uri == Array("SIPS:a@agents.example.com".utf8))
        #expect(agent.version(3) == nil)
        #expect(snapshot.agent(named: "sales", organization: owner + 1) == nil)
    }

    @Test("a trunk answers with its own codes, and with the usual ones where it has none")
    func statuses() throws {
        let snapshot = try DirectorySnapshot(sampleContents())
        let trunk = try #require(snapshot.allTrunks.first)
        #expect(trunk.status(for: .unknownNumber) == 480)
        #expect(trunk.status(for: .overloaded) == 503)
        for reason in RefusalReason.allCases where reason != .unknownNumber {
            #expect(trunk.status(for: reason) == reason.defaultStatus)
        }
        #expect(trunk.numberHeader == Array("X-Dialled".utf8))
        let dialled = Array("020 7946 0000".utf8)
        #expect(
            trunk.numberPlan.read(dialled.span)
                == PhoneNumber("+442079460000").map { .number($0) }
        )
    }

    @Test("a changed number is in the new snapshot only, and everything else is shared")
    func change() throws {
        let before = try DirectorySnapshot(sampleContents())
        let number = try phone("+14155550100")
        let after = try before.changing(
            NumberAssignment(number: number, organizationID: "other", label: "new")
        )
        let removed = after.removing(number)
        #expect(before.entry(number).map { before.numbers.details(of: $0).label } == "")
        #expect(after.entry(number).map { after.numbers.details(of: $0).label } == "new")
        #expect(removed.entry(number) == nil)
        #expect([before, after, removed].map(\.numbers.count) == [2, 2, 1])
        #expect(before.agent(0) === after.agent(0))
    }

    @Test("an agent that is changed keeps its place, and one that is removed leaves a hole")
    func agents() throws {
        let before = try DirectorySnapshot(sampleContents())
        let number = try phone("+442079460000")
        var builder = DirectoryBuilder(changing: before)
        try builder.put(
            Agent(organizationID: "acme", id: "sales", name: "New", versions: [])
        )
        let changed = builder.build()
        builder.removeAgent("sales", organizationID: "acme")
        let removed = builder.build()
        let entry = try #require(changed.entry(number))
        #expect(before.agent(entry.agent)?.name == "Sales")
        #expect(changed.agent(entry.agent)?.name == "New")
        #expect(removed.agent(entry.agent) == nil)
        #expect(removed.allAgents.map(\.id) == ["night"])
        #expect(removed.row(of: entry)?.inboundAgentID == nil)
    }

    @Test("routing stays with an organization that is renamed, and can be taken away")
    func routing() throws {
        var builder = DirectoryBuilder(changing: try DirectorySnapshot(sampleContents()))
        builder.put(Organization(id: "acme", name: "Acme Inc."))
        let renamed = builder.build().organization(named: "acme")
        #expect(renamed?.name == "Acme Inc.")
        #expect(renamed?.routing?.isEnabled == true)
        builder.removeRouting(organizationID: "acme")
        #expect(builder.build().organization(named: "acme")?.routing == nil)
    }

    @Test("trunks and credentials that are removed are gone by name and by index")
    func removals() throws {
        var builder = DirectoryBuilder(changing: try DirectorySnapshot(sampleContents()))
        builder.removeTrunk("carrier-a", organizationID: "acme")
        builder.removeCredential("twilio-main", organizationID: "acme")
        let snapshot = builder.build()
        #expect(snapshot.allTrunks.isEmpty && snapshot.allCredentials.isEmpty)
        #expect(snapshot.trunk(0) == nil && snapshot.credential(0) == nil)
        #expect(snapshot.trunk(named: "carrier-a", organization: 0) == nil)
        #expect(snapshot.credential(named: "twilio-main", organization: 0) == nil)
    }
}

@Suite("Rows at fault")
struct DirectoryFaultTests {
    /// The fault that a change of the sample directory leads to.
    private func fault(
        _ change: (inout DirectoryContents) throws -> Void
    ) throws -> DirectoryFault? {
        var contents = try sampleContents()
        try change(&contents)
        do throws(DirectoryFault) {
            _ = try DirectorySnapshot(contents)
            return nil
        } catch {
            return error
        }
    }

    @Test("a reference to nothing says which row makes it")
    func dangling() throws {
        #expect(
            try fault { $0.numbers[0].inboundAgentID = "ghost" }
                == .unknown(.agent, id: "ghost", by: .number, referrer: "+442079460000")
        )
        #expect(
            try fault { $0.numbers[0].trunkID = "ghost" }
                == .unknown(.trunk, id: "ghost", by: .number, referrer: "+442079460000")
        )
        #expect(
            try fault { $0.numbers[0].credentialID = "ghost" }
                == .unknown(.credential, id: "ghost", by: .number, referrer: "+442079460000")
        )
        #expect(
            try fault { $0.routings[0].fallbackAgentID = "ghost" }
                == .unknown(.agent, id: "ghost", by: .routing, referrer: "acme")
        )
        #expect(
            try fault { $0.numbers[1].organizationID = "ghost" }
                == .unknownOrganization("ghost", by: .number, id: "+14155550100")
        )
        #expect(
            try fault { $0.agents[0].organizationID = "ghost" }
                == .unknownOrganization("ghost", by: .agent, id: "sales")
        )
    }

    @Test("another organization's agent is as good as none")
    func tenants() throws {
        #expect(
            try fault { $0.numbers[1].inboundAgentID = "sales" }
                == .unknown(.agent, id: "sales", by: .number, referrer: "+14155550100")
        )
    }

    @Test("ids and numbers are unique")
    func duplicates() throws {
        let number = try phone("+442079460000")
        #expect(
            try fault { $0.organizations.append(Organization(id: "acme", name: "")) }
                == .duplicate(.organization, id: "acme")
        )
        #expect(try fault { $0.agents.append($0.agents[0]) } == .duplicate(.agent, id: "sales"))
        #expect(try fault { $0.trunks.append($0.trunks[0]) } == .duplicate(.trunk, id: "carrier-a"))
        #expect(
            try fault { $0.credentials.append($0.credentials[0]) }
                == .duplicate(.credential, id: "twilio-main")
        )
        #expect(
            try fault {
                $0.numbers.append(NumberAssignment(number: number, organizationID: "other"))
            } == .duplicateNumber(number)
        )
    }

    @Test(
        "a target that could not be written into an answer is refused",
        arguments: [
            "", "sip:", "mailto:a@b", "sales", "sip:a@b\r\nContact: <sip:c@d>", "sip:a b@c",
            "sip:a@b>;q=1", "+1", "sip:\"a\"@b", "https://exämple.com",
        ]
    )
    func targets(uri: String) throws {
        #expect(
            try fault { $0.agents[0].versions[0].targets = [AgentTarget(uri: uri)] }
                == .unreadableTarget(uri, agent: "sales")
        )
    }

    @Test("an unknown country and a number that no call can reach are refused")
    func plans() throws {
        #expect(
            try fault { $0.trunks[0].inbound.defaultCountry = "XX" }
                == .unknownCountry("XX", trunk: "carrier-a")
        )
        let number = try phone("+442079")
        #expect(try fault { $0.numbers[1].number = number } == .unreachableNumber(number))
    }

    @Test("a row at fault leaves the builder as it was")
    func unchanged() throws {
        var builder = DirectoryBuilder(changing: try DirectorySnapshot(sampleContents()))
        let number = try phone("+442079460001")
        #expect(throws: DirectoryFault.self) {
            try builder.add(
                NumberAssignment(number: number, organizationID: "acme", trunkID: "ghost")
            )
        }
        #expect(builder.build().numbers.count == 2)
    }
}
