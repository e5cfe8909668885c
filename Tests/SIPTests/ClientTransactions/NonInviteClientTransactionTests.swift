import Primitives
import SIP
import Testing

/// A transaction on simulated time: what it does when nobody disturbs it.
private struct SimulatedClient {
    var transaction: NonInviteClientTransaction
    var now = Instant(nanoseconds: 0)
    /// Milliseconds at which the request went out, the first time not counted.
    var sent: [Int64] = []
    /// How and when it ended, if it did.
    var end: (action: NonInviteClientTransaction.Action, milliseconds: Int64)?

    init(isReliable: Bool) {
        transaction = NonInviteClientTransaction(
            timers: TransactionTimers(),
            isReliable: isReliable,
            at: now
        )
    }

    /// Jumps from deadline to deadline.
    mutating func run(untilMilliseconds limit: Int64) {
        let limit = Instant(nanoseconds: limit * 1_000_000)
        while let deadline = transaction.nextDeadline, deadline <= limit {
            now = deadline
            let milliseconds = now.nanoseconds / 1_000_000
            switch transaction.advance(to: now) {
            case .transmit: sent.append(milliseconds)
            case .none, .deliver: Issue.record("nothing was due at \(milliseconds) ms")
            case let action: end = (action, milliseconds)
            }
        }
        now = limit
    }

    mutating func receive(_ statusCode: Int) -> NonInviteClientTransaction.Action {
        transaction.handle(.response(statusCode: statusCode), at: now)
    }
}

@Suite("Non-INVITE client transactions (RFC 3261 §17.1.2)")
struct NonInviteClientTransactionTests {
    @Test("over UDP the request goes out again, the gap doubling from T1 to T2 (Timer E)")
    func retransmits() {
        var client = SimulatedClient(isReliable: false)
        client.run(untilMilliseconds: 60_000)
        #expect(
            client.sent == [
                500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
            ]
        )
        #expect(client.end?.action == .timedOut)
        #expect(client.end?.milliseconds == 32_000, "Timer F: 64 × T1")
        #expect(client.transaction.state == .terminated)
        #expect(client.transaction.nextDeadline == nil)
    }

    @Test("over TCP it goes out once, and Timer F ends the wait")
    func reliable() {
        var client = SimulatedClient(isReliable: true)
        client.run(untilMilliseconds: 60_000)
        #expect(client.sent.isEmpty)
        #expect(client.end?.action == .timedOut)
        #expect(client.end?.milliseconds == 32_000)
    }

    @Test("after a provisional response the gap is T2, and Timer F goes on")
    func proceeding() {
        var client = SimulatedClient(isReliable: false)
        client.run(untilMilliseconds: 400)
        #expect(client.receive(100) == .deliver)
        #expect(client.transaction.state == .proceeding)
        client.run(untilMilliseconds: 60_000)
        #expect(client.sent.prefix(3) == [500, 4_500, 8_500])
        #expect(client.end?.milliseconds == 32_000)
    }

    @Test(
        "the final response is delivered once and its repetitions absorbed for T4 (Timer K)",
        arguments: [200, 302, 404, 503, 699]
    )
    func completes(statusCode: Int) {
        var client = SimulatedClient(isReliable: false)
        client.run(untilMilliseconds: 700)
        #expect(client.receive(180) == .deliver)
        #expect(client.receive(183) == .deliver)
        #expect(client.receive(statusCode) == .deliver)
        #expect(client.transaction.state == .completed)
        #expect(client.receive(statusCode) == .none)
        #expect(client.receive(100) == .none)
        #expect(client.transaction.handle(.transportError, at: client.now) == .none)
        client.run(untilMilliseconds: 60_000)
        #expect(client.sent == [500])
        #expect(client.end?.action == .ended)
        #expect(client.end?.milliseconds == 5_700)
        #expect(client.receive(statusCode) == .none)
    }

    @Test("over TCP Timer K is zero: the final response ends it")
    func completesOverTCP() {
        var client = SimulatedClient(isReliable: true)
        client.run(untilMilliseconds: 10)
        #expect(client.receive(200) == .deliver)
        #expect(client.transaction.state == .terminated)
        #expect(client.transaction.nextDeadline == nil)
        #expect(client.transaction.advance(to: .distantFuture) == .none)
    }

    @Test("a request that could not be sent fails at once (§17.1.4)", arguments: [false, true])
    func transportError(afterProvisional: Bool) {
        var client = SimulatedClient(isReliable: false)
        if afterProvisional { _ = client.receive(100) }
        #expect(client.transaction.handle(.transportError, at: client.now) == .failed)
        #expect(client.transaction.state == .terminated)
        #expect(client.transaction.handle(.transportError, at: client.now) == .none)
    }

    @Test("who wakes up late sends once, not once for each gap that has passed")
    func late() {
        var client = SimulatedClient(isReliable: false)
        let late = Instant(nanoseconds: 20_000_000_000)
        #expect(client.transaction.advance(to: late) == .transmit)
        #expect(client.transaction.advance(to: late) == .none)
        #expect(client.transaction.nextDeadline == late + .seconds(1))
    }

    @Test("nothing happens before its time")
    func early() {
        var client = SimulatedClient(isReliable: false)
        #expect(client.transaction.advance(to: Instant(nanoseconds: 499_999_999)) == .none)
        _ = client.receive(200)
        #expect(client.transaction.advance(to: Instant(nanoseconds: 4_999_999_999)) == .none)
        #expect(client.transaction.state == .completed)
    }

    @Test("50,000 random events: one final response or one failure, and then silence")
    func random() {
        var dice = SeededRandom(seed: 17_1_2)
        for _ in 0..<5_000 {
            var client = SimulatedClient(isReliable: dice.roll(2) == 0)
            var finals = 0
            var isOver = false
            for _ in 0..<10 {
                client.now = client.now + .milliseconds(Int64(dice.roll(8_000)))
                let statusCode = 100 + dice.roll(600)
                let action: NonInviteClientTransaction.Action =
                    switch dice.roll(8) {
                    case 0: client.transaction.handle(.transportError, at: client.now)
                    case 1...4: client.transaction.advance(to: client.now)
                    default: client.receive(statusCode)
                    }
                if isOver { #expect(action == .none || action == .ended) }
                switch action {
                case .deliver where client.transaction.state != .proceeding: finals += 1
                case .timedOut, .failed: finals += 1
                case .deliver, .none, .transmit, .ended: break
                }
                isOver =
                    client.transaction.state != .trying
                    && client.transaction.state != .proceeding
                #expect(
                    (client.transaction.nextDeadline == nil)
                        == (client.transaction.state == .terminated)
                )
            }
            #expect(finals == (isOver ? 1 : 0))
        }
    }
}
