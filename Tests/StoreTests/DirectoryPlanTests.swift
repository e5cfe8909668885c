import Primitives
import Routing
import Store
import Testing

@Suite("Plans of changes to the directory")
struct DirectoryPlanTests {
    /// Sealed secrets of tests are the plain octets behind one octet of "nonce".
    private func plan(
        _ current: DirectoryContents,
        _ wanted: DirectoryContents,
        prune: Bool = false
    ) -> DirectoryPlan {
        DirectoryPlan(from: current, to: wanted, prune: prune) { left, right, context in
            context == "credential/acme/twilio"
                && left.bytes.dropFirst() == right.bytes.dropFirst()
        }
    }

    @Test("a plan from nothing creates each row after those that it refers to")
    func createsEverything() throws {
        let plan = plan(DirectoryContents(), try Sample.directory())
        #expect(
            plan.lines == [
                "+ organization acme", "+ organization zeta", "+ agent night of acme",
                "+ agent sales of acme", "+ trunk carrier of acme", "+ credential twilio of acme",
                "+ inbound routing of acme", "+ number +14155550100 of acme",
                "+ number +442079460000 of zeta",
            ]
        )
        #expect(plan.summary == "9 to create, 0 to update, 0 to delete")
    }

    @Test("a plan between equal directories is empty")
    func findsNothingToDo() throws {
        let contents = try Sample.directory()
        let plan = plan(contents, contents, prune: true)
        #expect(plan.isEmpty)
        #expect(plan.lines.isEmpty)
    }

    @Test("an update says what was and what will be")
    func describesUpdates() throws {
        let current = try Sample.directory()
        var wanted = current
        wanted.agents[1].versions[0].targets = [AgentTarget(uri: "sip:b@example.com")]
        wanted.agents[1].versions.removeLast()
        wanted.trunks[0].inbound.allowedAddresses = ["203.0.113.0/24"]
        wanted.trunks[0].inbound.answerMode = .redirect
        wanted.routings[0].workflowDefinition = "{}"
        wanted.numbers[0].label = "Desk\u{202E}\u{1B}[31m"
        wanted.numbers[0].inboundVersion = nil
        let lines = plan(current, wanted).lines
        #expect(
            lines == [
                #"~ agent sales of acme: version 1 ["sip:a@agents.example.com" (priority 1, weight 10), "#
                    + #""tel:+14155550199" (priority 2, weight 0)] → ["sip:b@example.com" "#
                    + "(priority 1, weight 1)], version 3 draft [] → none",
                "~ trunk carrier of acme: allowed_addresses [203.0.113.0/24, 2001:db8::1] → "
                    + "[203.0.113.0/24], answer_mode reject 480 → redirect",
                "~ inbound routing of acme: workflow_definition changed",
                "~ number +14155550100 of acme: inbound_version 1 → none, "
                    + #"label "Front desk" → "Desk\u202e\u001b[31m""#,
            ]
        )
    }

    @Test("what is not wanted stays, unless the plan prunes; then it goes before what it refers to")
    func prunes() throws {
        let current = try Sample.directory()
        #expect(plan(current, DirectoryContents()).isEmpty)
        #expect(
            plan(current, DirectoryContents(), prune: true).lines == [
                "- number +14155550100", "- number +442079460000", "- inbound routing of acme",
                "- credential twilio of acme", "- trunk carrier of acme", "- agent night of acme",
                "- agent sales of acme", "- organization acme", "- organization zeta",
            ]
        )
    }

    @Test("a secret that is sealed anew is no change, and keeps its stored form")
    func comparesSecrets() throws {
        let current = try Sample.directory()
        var wanted = current
        wanted.credentials[0].authTokens = [SealedSecret([77, 2, 0, 3]), SealedSecret([77])]
        wanted.credentials[0].sharedKeys[0].secret = SealedSecret([66])
        #expect(plan(current, wanted).isEmpty)
        wanted.credentials[0].label = "Other"
        #expect(plan(current, wanted).entries.count == 1)
        guard case .putCredential(let row) = plan(current, wanted).changes.list.first else {
            Issue.record("no credential")
            return
        }
        #expect(row.authTokens == current.credentials[0].authTokens)
    }

    @Test("a secret that differs is told without being shown")
    func hidesSecrets() throws {
        let current = try Sample.directory()
        var wanted = current
        wanted.credentials[0].authTokens = [SealedSecret([77, 4, 4, 4])]
        wanted.credentials[0].sharedKeys = []
        let lines = plan(current, wanted).lines
        #expect(
            lines == ["~ credential twilio of acme: auth_tokens changed, shared_keys changed"]
        )
    }

    @Test("a credential that is wanted without any secret keeps those that it has")
    func keepsSecrets() throws {
        let current = try Sample.directory()
        var wanted = current
        wanted.credentials[0].authTokens = []
        wanted.credentials[0].sharedKeys = []
        #expect(plan(current, wanted).isEmpty)
    }

    @Test("the API keys of an organization that is deleted are named, and those of others are not")
    func namesKeys() throws {
        let keys = [("a", "acme"), ("b", "zeta"), ("c", nil)].map { id, organization in
            APIKeyRow(
                id: id,
                organizationID: organization,
                label: "",
                prefix: "k_",
                hash: [],
                scopes: "*",
                createdAt: Sample.now
            )
        }
        let current = try Sample.directory()
        var wanted = current
        wanted.organizations.removeLast()
        wanted.numbers.removeAll { $0.organizationID == "zeta" }
        for (prune, lines) in [
            (true, ["- number +442079460000", "- organization zeta", "- API key b of zeta"]),
            (false, []),
        ] {
            var plan = plan(current, wanted, prune: prune)
            plan.note(keys: keys)
            #expect(plan.lines == lines)
            #expect(plan.summary == "0 to create, 0 to update, \(lines.count) to delete")
        }
    }

    @Test("a number that moves to another organization, and an agent that goes, fit in one write")
    func ordersForReferences() throws {
        let folder = try TemporaryFolder()
        let store = try DirectoryStore(path: folder.file("d.sqlite"), at: Sample.now)
        let current = try Sample.directory()
        try store.apply(Sample.creating(current), at: Sample.now)
        var wanted = DirectoryContents()
        wanted.organizations = [current.organizations[1]]
        wanted.agents = [
            Agent(
                organizationID: "zeta",
                id: "desk",
                name: "Desk",
                versions: [AgentVersion(number: 2, targets: [])]
            )
        ]
        wanted.numbers = [
            NumberAssignment(
                number: try Sample.number("+14155550100"),
                organizationID: "zeta",
                inboundAgentID: "desk",
                inboundVersion: 2
            )
        ]
        let plan = plan(current, wanted, prune: true)
        try store.apply(plan.changes, at: Sample.now)
        #expect(try store.load() == wanted)
        try store.checkIntegrity()
    }
}
