import Primitives
import Routing
import Testing

@Suite("Decisions")
struct DecisionTests {
    private let found = [
        "carrier_known", "number_readable", "number_found", "number_owned", "number_on_trunk",
        "number_active", "trial_running",
    ]

    @Test("a number's own agent answers, and the tests were made in the order of the design")
    func numberAgent() throws {
        let (decision, tests, targets) = try SampleCall().decide()
        #expect(decision.outcome == .answer)
        #expect(decision.rule == .numberAgent)
        #expect(
            tests == found + [
                "not workflow_enabled", "number_agent_set", "agent_usable", "target_offered",
            ]
        )
        #expect(
            Set(targets) == ["sip:a@example.com", "sip:b@example.com", "tel:+14155550123"]
        )
    }

    @Test(
        "what is no number is refused before the directory is looked at",
        arguments: zip(["+1", "", "reception"], [true, false, false])
    )
    func unreadable(dialled: String, isIncomplete: Bool) throws {
        var call = try SampleCall()
        call.called = dialled
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == (isIncomplete ? .incompleteNumber : .notANumber))
        #expect(tests == ["carrier_known", "not number_readable"])
    }

    @Test("a number that nobody has is unknown")
    func unknown() throws {
        var call = try SampleCall()
        call.called = "+14155550777"
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == .unknownNumber)
        #expect(tests == ["carrier_known", "number_readable", "not number_found"])
    }

    @Test("a number of another organization is unknown too", arguments: IncomingCall.Door.allCases)
    func foreign(door: IncomingCall.Door) throws {
        var call = try SampleCall()
        call.door = door
        call.trunks = ["acme/main"]
        call.called = SampleCall.foreignNumber
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == .unknownNumber)
        #expect(decision.organization == Decision.none)
        #expect(tests.last == "not number_owned")
    }

    @Test("a number that is bound to another trunk of its organization is on the wrong one")
    func wrongTrunk() throws {
        var call = try SampleCall()
        call.trunks = ["acme/second", "other/main"]
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == .wrongTrunk)
        #expect(tests.last == "not number_on_trunk")
    }

    @Test("of the trunks of a shared source an organization’s own decide, in their order")
    func sharedSource() throws {
        for bound in [nil, "main", "second"] {
            var call = try SampleCall()
            call.trunks = ["other/main", "acme/second", "other/main", "acme/main", "other/main"]
            call.contents.numbers[0].trunkID = bound
            let directory = try DirectorySnapshot(call.contents)
            let decision = try call.decide().decision
            #expect(decision.outcome == .answer)
            #expect(directory.trunk(decision.trunk)?.id == bound ?? "second")
            call.called = SampleCall.foreignNumber
            let other = try call.decide().decision
            #expect(directory.organization(other.organization)?.id == "other")
        }
    }

    @Test("a number without a trunk comes by any of its organization")
    func anyTrunk() throws {
        var call = try SampleCall()
        call.trunks = ["acme/second"]
        call.contents.numbers[0].trunkID = nil
        #expect(try call.decide().decision.outcome == .answer)
    }

    @Test(
        "a number that is not in service says so",
        arguments: zip(
            [NumberAssignment.Status.suspended, .pending, .error],
            [RefusalReason.suspended, .notActive, .notActive]
        )
    )
    func status(status: NumberAssignment.Status, reason: RefusalReason) throws {
        var call = try SampleCall()
        call.contents.numbers[0].status = status
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == reason)
        #expect(decision.rule == .status)
        #expect(tests.last == "not number_active")
    }

    @Test(
        "a trial is over at its very second",
        arguments: zip([-1, 0, 999_999, 1_000_000] as [Int64], [true, false, false, false])
    )
    func trial(offset: Int64, isAnswered: Bool) throws {
        var call = try SampleCall()
        let end = WallTime(seconds: 1_800_000_000)
        call.contents.numbers[0].trialEnds = end
        call.time = WallTime(microseconds: end.microseconds + offset)
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == (isAnswered ? nil : .trialOver))
        #expect(tests.contains(isAnswered ? "trial_running" : "not trial_running"))
    }

    @Test("a suspended number is suspended even when its trial is over")
    func suspendedFirst() throws {
        var call = try SampleCall()
        call.contents.numbers[0].trialEnds = WallTime(seconds: 1)
        call.contents.numbers[0].status = .suspended
        #expect(try call.decide().decision.refusal == .suspended)
    }

    @Test("a number without an agent has nobody to answer it")
    func noAgent() throws {
        var call = try SampleCall()
        call.contents.numbers[0].inboundAgentID = nil
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == .noAgent)
        #expect(
            tests == found + [
                "not workflow_enabled", "not number_agent_set", "not dispatch_template_set",
            ]
        )
    }

    @Test("an agent that is inactive, unpublished or pinned to a missing version cannot answer")
    func agentUnavailable() throws {
        var inactive = try SampleCall()
        inactive.contents.agents[0].isActive = false
        var unpublished = try SampleCall()
        unpublished.contents.numbers[0].inboundAgentID = "draft"
        var pinned = try SampleCall()
        pinned.contents.numbers[0].inboundVersion = 7
        for call in [inactive, unpublished, pinned] {
            let (decision, tests, _) = try call.decide()
            #expect(decision.refusal == .agentUnavailable)
            #expect(tests.last == "not agent_usable")
        }
    }

    @Test("a pinned version answers even when there is a later one")
    func pinnedVersion() throws {
        var call = try SampleCall()
        call.contents.agents[0].versions.append(
            AgentVersion(number: 2, targets: [AgentTarget(uri: "sip:new@example.com")])
        )
        #expect(try call.decide().targets == ["sip:new@example.com"])
        call.contents.numbers[0].inboundVersion = 1
        let (decision, _, targets) = try call.decide()
        #expect(decision.version == 1)
        #expect(targets.count == 3)
    }

    @Test("an agent whose targets this door cannot offer has none for it")
    func noTarget() throws {
        var call = try SampleCall()
        call.contents.numbers[0].inboundAgentID = "web"
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == .noTarget)
        #expect(tests.last == "not target_offered")
        call.door = .twilio
        #expect(try call.decide().targets.count == 2)
    }

    @Test("every reason that a decision can have has its own status")
    func statuses() {
        for reason in RefusalReason.allCases {
            #expect(400...699 ~= reason.defaultStatus)
        }
    }
}
