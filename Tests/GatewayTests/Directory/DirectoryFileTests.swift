import Authentication
import Gateway
import Primitives
import Routing
import Store
import Testing

@Suite("The directory file")
struct DirectoryFileTests {
    @Test("every key lands in its field")
    func readsEveryKey() throws {
        let (read, problems) = SampleFile.read(SampleFile.text)
        #expect(problems.lines == [])
        let contents = try #require(read)
        #expect(
            contents.organizations == [
                Organization(id: "acme", name: "Acme"), Organization(id: "zeta", name: "zeta"),
            ]
        )
        let sales = [
            AgentTarget(uri: "sip:sales@agents.example.com;transport=tcp", priority: 1, weight: 10),
            AgentTarget(uri: "tel:+14155550199"),
        ]
        #expect(
            contents.agents == [
                Agent(
                    organizationID: "acme",
                    id: "sales",
                    name: "Sales",
                    versions: [AgentVersion(number: 1, targets: sales)]
                ),
                Agent(
                    organizationID: "acme",
                    id: "night",
                    name: "night",
                    versions: [
                        AgentVersion(number: 1, targets: [AgentTarget(uri: "wss://10.0.0.7/s")]),
                        AgentVersion(number: 2, isPublished: false, targets: []),
                    ]
                ),
            ]
        )
        let inbound = InboundTrunk(
            allowedAddresses: ["203.0.113.0/24", "2001:db8::1"],
            numberSource: .header("X-Number"),
            defaultCountry: "US",
            answerMode: .reject(status: 480),
            refusalStatus: [.unknownNumber: 480, .wrongTrunk: 480],
            trustsIdentity: false,
            followsEmbeddedHeaders: true,
            allowsPrivateTargets: true
        )
        #expect(
            contents.trunks == [
                Trunk(organizationID: "acme", id: "carrier-a", name: "Carrier A", inbound: inbound)
            ]
        )
        let credential = try #require(contents.credentials.first)
        #expect(credential.provider == .twilio)
        #expect(credential.accountSID == "AC0123456789abcdef0123456789abcdef")
        #expect(credential.label == "Main")
        let context = Array("credential/acme/twilio-main".utf8) + [0]
        #expect(
            credential.authTokens == [
                SealedSecret(context + Array("canary-token-1".utf8)),
                SealedSecret(context + Array("canary-token-2".utf8)),
            ]
        )
        #expect(credential.sharedKeys.map(\.id) == ["k1"])
        #expect(
            contents.routings == [
                InboundRouting(
                    organizationID: "acme",
                    isEnabled: true,
                    workflowDefinition: #"{"version":1,"steps":[{"id":"trigger","next":"out"}]}"#,
                    fallbackAgentID: "sales",
                    defaultAgentID: "night",
                    timeoutMilliseconds: 750
                )
            ]
        )
        #expect(
            contents.numbers == [
                NumberAssignment(
                    number: try #require(PhoneNumber("+14155550100")),
                    organizationID: "acme",
                    trunkID: "carrier-a",
                    credentialID: "twilio-main",
                    inboundAgentID: "night",
                    inboundVersion: 2,
                    label: "Front desk",
                    status: .suspended,
                    trialEnds: WallTime(rfc3339: "2027-01-31T00:00:00Z"),
                    dispatchTemplate: #"{"caller":"{{caller_number}}"}"#,
                    metadata: #"{"tier":16}"#
                ),
                NumberAssignment(
                    number: try #require(PhoneNumber("+442079460000")),
                    organizationID: "acme"
                ),
            ]
        )
    }

    @Test("an export is applied again without a change, and holds no secret")
    func roundTrips() throws {
        let contents = try #require(SampleFile.read(SampleFile.text).contents)
        let exported = String(decoding: DirectoryFile.write(contents), as: UTF8.self)
        #expect(exported.contains("canary") == false)
        let (read, problems) = SampleFile.read(exported)
        #expect(problems.lines == [])
        let again = try #require(read)
        let plan = DirectoryPlan(from: contents, to: again, prune: true) { left, right, _ in
            left == right
        }
        #expect(plan.lines == [])
        #expect(String(decoding: DirectoryFile.write(again), as: UTF8.self) == exported)
    }

    @Test("an empty directory is exported and read again")
    func roundTripsEmptyDirectory() {
        let exported = String(decoding: DirectoryFile.write(DirectoryContents()), as: UTF8.self)
        #expect(SampleFile.read(exported).contents == DirectoryContents())
    }

    @Test("each profile can be named, and what the file says itself wins")
    func readsProfiles() throws {
        for profile in [
            "telnyx", "twilio", "generic", "asterisk", "freeswitch", "audiocodes", "ribbon",
        ] {
            let (read, problems) = SampleFile.read(
                """
                { organizations: [{ id: "a", trunks: [{ id: "t", inbound: {
                    profile: "\(profile)", refusals: { wrong_trunk: 603 } } }] }] }
                """
            )
            #expect(problems.lines == [])
            let trunk = try #require(read?.trunks.first)
            #expect(trunk.inbound.refusalStatus[.wrongTrunk] == 603)
            #expect(trunk.inbound.allowsPrivateTargets == false)
        }
    }

    @Test(
        "a profile stands for settings of a trunk, and an export of it for the same ones",
        arguments: [
            ("telnyx", [.wrongTrunk: 480]), ("twilio", [:]), ("generic", [:]), ("asterisk", [:]),
            ("freeswitch", [:]), ("ribbon", [:]),
            (
                "audiocodes",
                [
                    .wrongTrunk: 408, .notActive: 408, .noAgent: 408, .agentUnavailable: 408,
                    .noTarget: 408, .targetsExhausted: 408, .workflowFailed: 408,
                    .tooManyWaiting: 408, .answerMode: 408,
                ]
            ),
        ] as [(String, [RefusalReason: Int])]
    )
    func spellsOutProfiles(profile: String, refusals: [RefusalReason: Int]) throws {
        let text = """
            { organizations: [{ id: "a", trunks: [{ id: "t", inbound: { profile: "\(profile)" } }] }] }
            """
        let contents = try #require(SampleFile.read(text).contents)
        #expect(contents.trunks.map(\.inbound) == [InboundTrunk(refusalStatus: refusals)])
        let exported = String(decoding: DirectoryFile.write(contents), as: UTF8.self)
        #expect(SampleFile.read(exported).contents?.trunks == contents.trunks)
    }

    @Test("a stored status that no call is refused with is not exported")
    func leavesOutStatusWithoutEffect() throws {
        let text = #"{ organizations: [{ id: "a", trunks: [{ id: "t", inbound: {} }] }] }"#
        let contents = try #require(SampleFile.read(text).contents)
        var stored = contents
        stored.trunks[0].inbound.refusalStatus = [.unknownTrunk: 480]
        let exported = String(decoding: DirectoryFile.write(stored), as: UTF8.self)
        #expect(SampleFile.read(exported).contents?.trunks == contents.trunks)
    }

    @Test("every key of a trunk wins over the profile")
    func overridesProfiles() throws {
        let text = """
            { organizations: [{ id: "a", trunks: [{ id: "t", inbound: {
                refusals: { no_agent: 500 }, number_source: "to", default_country: "GB",
                answer_mode: { reject: 503 }, trust_identity: false, embedded_headers: true,
                allow_private_targets: true, profile: "audiocodes" } }] }] }
            """
        let inbound = try #require(SampleFile.read(text).contents?.trunks.first).inbound
        #expect(inbound.refusalStatus[.noAgent] == 500)
        #expect(inbound.refusalStatus[.noTarget] == 408)
        #expect(inbound.numberSource == .to)
        #expect(inbound.defaultCountry == "GB")
        #expect(inbound.answerMode == .reject(status: 503))
        #expect(!inbound.trustsIdentity && inbound.followsEmbeddedHeaders)
        #expect(inbound.allowsPrivateTargets)
    }

    @Test("a workflow's problems are told at their places in the file")
    func placesWorkflowProblems() {
        let (read, problems) = SampleFile.read(SampleFile.text) { routing, agents, _ in
            #expect(routing.workflowDefinition.hasPrefix(#"{"version":1"#))
            #expect(agents.keys.sorted() == ["night", "sales"])
            return [
                WorkflowProblem(path: "steps[0].next", message: "there is no step \"out\""),
                WorkflowProblem(path: "", message: "no output"),
                WorkflowProblem(severity: .warning, path: "steps", message: "few"),
            ]
        }
        #expect(read == nil)
        let path = "d.json5:32:28: organizations[0].inbound_routing.workflow_definition"
        #expect(
            problems.lines == [
                "\(path): no output",
                "d.json5:32:73: organizations[0].inbound_routing.workflow_definition"
                    + ".steps[0].next: there is no step \"out\"",
            ]
        )
        #expect(
            problems.warningLines == [
                "warning: d.json5:32:49: organizations[0].inbound_routing.workflow_definition"
                    + ".steps: few"
            ]
        )
    }

    @Test("a secret that cannot be sealed is a problem of its place")
    func reportsSealingFaults() {
        struct NoKey: Error, CustomStringConvertible {
            var description: String { "there is no key" }
        }
        let problems = Problems(file: "d.json5")
        let contents = DirectoryFile.read(Array(SampleFile.text.utf8), problems: problems) { _, _ in
            throw NoKey()
        }
        #expect(contents == nil)
        #expect(problems.list.count == 3)
        #expect(problems.lines.first?.contains("auth_tokens[0]: this secret cannot be") == true)
        #expect(problems.lines.joined().contains("canary") == false)
    }
}
