import Primitives
import Routing
import Testing

@Suite("Fallback agents and continuations")
struct FallbackTests {
    @Test("the fallback agent answers when routing is enabled and no workflow decides")
    func fallback() throws {
        var call = try SampleCall()
        call.enableRouting(fallback: "night")
        let (decision, tests, targets) = try call.decide()
        #expect(decision.outcome == .answer)
        #expect(decision.rule == .fallbackAgent)
        #expect(targets == ["sip:night@example.com"])
        #expect(
            tests.suffix(4) == [
                "workflow_enabled", "fallback_agent_set", "agent_usable", "target_offered",
            ]
        )
    }

    @Test("without a fallback agent, or with one that cannot answer, the workflow has failed")
    func noFallback() throws {
        for fallback in [nil, "draft"] {
            var call = try SampleCall()
            call.enableRouting(fallback: fallback)
            let (decision, _, _) = try call.decide()
            #expect(decision.refusal == .workflowFailed)
            #expect(decision.rule == .workflow)
        }
    }

    @Test("a call that comes back goes on with its next target, in the order that it had")
    func continuation() throws {
        var call = try SampleCall()
        call.door = .twilio
        let first = try call.decide().targets
        for next in 1..<3 {
            call.continuation = ("sales", 1, next)
            let (decision, tests, targets) = try call.decide()
            #expect(decision.outcome == .answer)
            #expect(decision.rule == .continuation)
            #expect(decision.firstTarget == next)
            #expect(targets == first)
            #expect(tests.contains("agent_pinned"))
        }
    }

    @Test("a URL that pins an agent decides before the number does")
    func pinnedAgent() throws {
        var call = try SampleCall()
        call.door = .twilio
        call.continuation = ("night", nil, 0)
        let (decision, _, targets) = try call.decide()
        #expect(decision.rule == .pinnedAgent)
        #expect(targets == ["sip:night@example.com"])
    }

    @Test("when every target was tried there is nobody left")
    func exhausted() throws {
        var call = try SampleCall()
        call.door = .twilio
        call.continuation = ("sales", 1, 3)
        let (decision, tests, _) = try call.decide()
        #expect(decision.refusal == .targetsExhausted)
        #expect(tests.last == "not target_offered")
    }

    @Test("when every target was tried the fallback agent is, and after it there is nobody left")
    func exhaustedWithFallback() throws {
        var call = try SampleCall()
        call.door = .twilio
        call.enableRouting(fallback: "night")
        call.continuation = ("sales", 1, 3)
        let (decision, _, targets) = try call.decide()
        #expect(decision.rule == .fallbackAgent)
        #expect(decision.firstTarget == 0)
        #expect(targets == ["sip:night@example.com"])
        call.continuation = ("night", 1, 1)
        #expect(try call.decide().decision.refusal == .targetsExhausted)
    }

    @Test("an agent that went away between two targets leaves the call to the fallback agent")
    func agentGone() throws {
        var call = try SampleCall()
        call.door = .twilio
        call.enableRouting(fallback: "night")
        call.contents.agents[0].isActive = false
        call.continuation = ("sales", 1, 1)
        let (decision, _, targets) = try call.decide()
        #expect(decision.rule == .fallbackAgent && decision.outcome == .answer)
        #expect(targets == ["sip:night@example.com"])
        // A URL that pins an agent means that agent and no other.
        call.continuation = ("sales", nil, 0)
        #expect(try call.decide().decision.refusal == .agentUnavailable)
    }

    @Test("a number that was suspended between two targets ends the call")
    func suspendedMeanwhile() throws {
        var call = try SampleCall()
        call.door = .twilio
        call.continuation = ("sales", 1, 1)
        call.contents.numbers[0].status = .suspended
        #expect(try call.decide().decision.refusal == .suspended)
    }
}
