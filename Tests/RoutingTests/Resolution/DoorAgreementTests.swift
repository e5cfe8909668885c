import Primitives
import Routing
import Testing

@Suite("The same call by either door")
struct DoorAgreementTests {
    @Test("1,000 random calls get the same agent and the same order by both doors")
    func sameOrder() throws {
        let sample = try SampleCall()
        let directory = try DirectorySnapshot(sample.contents)
        var random = SeededRandom(seed: 3_261)
        var orders: Set<[Int]> = []
        for _ in 0..<1_000 {
            var call = sample
            call.id = random.next()
            var trace = NoTrace()
            let bySIP = directory.decide(try call.incoming(directory), trace: &trace)
            call.door = .twilio
            let byTwilio = directory.decide(try call.incoming(directory), trace: &trace)
            #expect(bySIP.outcome == byTwilio.outcome)
            #expect(bySIP.agent == byTwilio.agent)
            #expect(bySIP.version == byTwilio.version)
            #expect(order(bySIP) == order(byTwilio))
            orders.insert(order(bySIP))
        }
        // Three targets of one priority can stand in six orders, and each of them came.
        #expect(orders.count == 6)
    }

    @Test("an explanation and a live call never disagree, on 2,000 random directories and calls")
    func traces() throws {
        var random = SeededRandom(seed: 3_264)
        var outcomes: Set<Decision.Outcome> = []
        for _ in 0..<2_000 {
            let sample = try randomCall(&random)
            let directory = try DirectorySnapshot(sample.contents)
            let call = try sample.incoming(directory)
            var none = NoTrace()
            var full = FullTrace()
            let live = directory.decide(call, trace: &none)
            let explained = directory.decide(call, trace: &full)
            #expect(live.outcome == explained.outcome)
            #expect(live.rule == explained.rule)
            #expect(live.agent == explained.agent)
            #expect(live.trunk == explained.trunk)
            #expect(live.firstTarget == explained.firstTarget)
            #expect(order(live) == order(explained))
            #expect(!full.notes.isEmpty)
            outcomes.insert(live.outcome)
        }
        #expect(outcomes.count >= 10, "\(outcomes)")
    }

    private func order(_ decision: Decision) -> [Int] {
        (0..<decision.targets.count).map { decision.targets[$0] }
    }

    private func randomCall(_ random: inout SeededRandom) throws -> SampleCall {
        var call = try SampleCall()
        call.id = random.next()
        call.door = Bool.random(using: &random) ? .sip : .twilio
        let numbers = [
            SampleCall.number, SampleCall.number, SampleCall.number, SampleCall.foreignNumber,
            "+14155550777", "+1", "x",
        ]
        call.called = numbers.randomElement(using: &random) ?? ""
        call.trunks =
            [["acme/main"], ["acme/second"], ["acme/main", "other/main"]]
            .randomElement(using: &random) ?? []
        call.contents.numbers[0].status =
            Int.random(in: 0..<4, using: &random) > 0
            ? .active : NumberAssignment.Status.allCases.randomElement(using: &random) ?? .active
        let agents = ["sales", "sales", "night", "web", "draft", nil]
        call.contents.numbers[0].inboundAgentID = agents.randomElement(using: &random) ?? nil
        if Int.random(in: 0..<4, using: &random) == 0 {
            call.enableRouting(fallback: agents.randomElement(using: &random) ?? nil)
        }
        if Int.random(in: 0..<6, using: &random) == 0 {
            call.contents.numbers[0].trialEnds = call.time
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            call.continuation = ("sales", 1, Int.random(in: 0..<5, using: &random))
        }
        return call
    }
}
