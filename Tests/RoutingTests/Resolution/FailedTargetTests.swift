import Primitives
import Routing
import Testing

@Suite("Targets that the carrier found not to work")
struct FailedTargetTests {
    private func decide(_ sample: SampleCall, failed: String) throws -> (Decision, step: Int) {
        let directory = try DirectorySnapshot(sample.contents)
        var call = try sample.incoming(directory)
        call.failedTarget = Array(failed.utf8)
        var trace = NoTrace()
        let decision = directory.decide(call, trace: &trace)
        return (decision, decision.step(of: call))
    }

    private func sample() throws -> SampleCall {
        var sample = try SampleCall()
        sample.door = .twilio
        sample.contents.agents[2].versions[0].targets = [
            AgentTarget(uri: "wss://a.example.com/s", priority: 1),
            AgentTarget(uri: "https://a.example.com/t", priority: 2),
            AgentTarget(uri: "sip:c@example.com", priority: 3),
        ]
        sample.contents.numbers[0].inboundAgentID = "web"
        return sample
    }

    @Test("the call goes on behind the target that failed, and that is a further step of it")
    func goesOn() throws {
        let (decision, step) = try decide(sample(), failed: "https://a.example.com/t")
        #expect(decision.outcome == .answer)
        #expect(decision.firstTarget == 2)
        #expect(step == 2)
    }

    @Test("behind the last target there is nobody")
    func exhausted() throws {
        let (decision, step) = try decide(sample(), failed: "sip:c@example.com")
        #expect(decision.refusal == .targetsExhausted)
        #expect(step == 3)
    }

    @Test("what is no target of the agent changes nothing")
    func stranger() throws {
        let (decision, step) = try decide(sample(), failed: "https://gw.example.com/telephony")
        #expect(decision.firstTarget == 0)
        #expect(step == 0)
    }

    @Test("a target of the fallback agent leads behind it, and not to the first agent again")
    func fallback() throws {
        var sample = try sample()
        sample.enableRouting(fallback: "web")
        let (decision, step) = try decide(sample, failed: "https://a.example.com/t")
        #expect(decision.rule == .fallbackAgent)
        #expect(decision.firstTarget == 2)
        #expect(step == 12)
        let (last, _) = try decide(sample, failed: "sip:c@example.com")
        #expect(last.refusal == .targetsExhausted)
    }
}
