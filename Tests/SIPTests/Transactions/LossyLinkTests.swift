import Primitives
import SIP
import Testing

@Suite("Calls over a lossy link")
struct LossyLinkTests {
    @Test(
        "30 % loss each way and 50 ms jitter: 10,000 callers get their answer within 32 s, decided once",
        arguments: [1, 2] as [UInt64]
    )
    func answersEveryCall(seed: UInt64) {
        let link = SimulatedLink(
            seed: seed,
            calls: 10_000,
            lossPercent: 30,
            jitterMilliseconds: 50
        )
        link.run()

        // A caller sends seven INVITEs in 32 s. One that the link robs of the first six in a row
        // (0.3⁶: about 7 of 10,000) has half a second left, which no server can do much with.
        let reachable = link.calls.filter { $0.invitesLost < 6 }
        #expect(reachable.count > 9_950)
        #expect(reachable.allSatisfy { $0.state == .terminated })
        #expect(reachable.allSatisfy { ($0.answeredAfter ?? .max) <= 32_000 })
        #expect(link.calls.allSatisfy { $0.state != .calling && $0.state != .completed })
        #expect(link.calls.allSatisfy { $0.decisions == ($0.invitesArrived > 0 ? 1 : 0) })

        let counters = link.server.counters
        #expect(counters.live == 0)
        #expect(counters.confirmed == 0)
        #expect(counters.timers == 0)
        #expect(counters.retransmitted > 0)
        #expect(counters.answeredAgain > 0)
    }

    @Test("without loss each call takes one INVITE, one answer and one ACK")
    func wastesNothing() {
        let link = SimulatedLink(seed: 1, calls: 1_000, lossPercent: 0, jitterMilliseconds: 50)
        link.run()
        #expect(link.calls.allSatisfy { $0.invitesSent == 1 && $0.state == .terminated })
        let counters = link.server.counters
        #expect(counters.retransmitted == 0)
        #expect(counters.answeredAgain == 0)
        #expect(counters.unacknowledged == 0)
    }
}
