import Primitives
import SIP
import Testing

@Suite("After the calls")
struct TransactionLeakTests {
    @Test(
        "half a million calls on each transport, ACKed or not, leave no transaction and no timer",
        arguments: Wire.allCases
    )
    func leavesNothing(wire: Wire) {
        let calls = 500_000
        let acknowledgedOf = 16
        var table = ServerTransactions(capacity: 100_000, confirmedCapacity: 200_000)
        var random = SeededRandom(seed: 4)
        let answer = Array("SIP/2.0 302 Moved Temporarily\r\n\r\n".utf8)
        var unacknowledged = 0
        var now = Instant.milliseconds(0)
        var refused = 0
        for call in 0..<calls {
            now = Instant(nanoseconds: Int64(call) * 50_000)
            let key = TransactionKey(first: random.next(), second: random.next())
            guard
                case .new(let id) = table.receive(key, isInvite: true, route: wire.route, at: now),
                table.respond(id, status: 302, answer: answer.span, at: now)
            else {
                refused += 1
                continue
            }
            if call % acknowledgedOf != 0 { _ = table.acknowledge(key, at: now) }
            while let action = table.advance(to: now) {
                if case .unacknowledged = action { unacknowledged += 1 }
            }
        }
        #expect(refused == 0)
        let peak = table.counters
        #expect(peak.liveHighWater >= calls / acknowledgedOf / 2)

        while let deadline = table.nextDeadline {
            now = max(now, deadline)
            while let action = table.advance(to: now) {
                if case .unacknowledged = action { unacknowledged += 1 }
            }
        }
        let rest = table.counters
        #expect(rest.live == 0)
        #expect(rest.pending == 0)
        #expect(rest.confirmed == 0)
        #expect(rest.timers == 0)
        #expect(rest.reminders == 0)
        #expect(rest.answers == 0)
        #expect(rest.answerMemory <= 1 << 20)
        #expect(peak.answerMemory > 4 * rest.answerMemory)
        #expect(rest.created == UInt64(calls))
        #expect(unacknowledged == calls / acknowledgedOf)
        #expect(rest.retransmitted == (wire == .udp ? UInt64(unacknowledged * 10) : 0))
        #expect(now - .milliseconds(0) <= .seconds(Int64(calls / 20_000) + 32))
    }
}
