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

    @Test("after a flood no id of before fits a later transaction")
    func floodIsOver() {
        var table = ServerTransactions(capacity: 20_000, confirmedCapacity: 20_000)
        var random = SeededRandom(seed: 5)
        let answer = Array("SIP/2.0 302 Moved Temporarily\r\n\r\n".utf8)
        func begin(_ table: inout ServerTransactions, at now: Instant) -> [TransactionID] {
            (0..<10_000).compactMap { _ in
                let key = TransactionKey(first: random.next(), second: random.next())
                let reception = table.receive(key, isInvite: true, route: Wire.udp.route, at: now)
                guard case .new(let id) = reception else { return nil }
                return id
            }
        }
        let old = begin(&table, at: .milliseconds(0))
        for id in old {
            let isSent = table.respond(id, status: 302, answer: answer.span, at: .milliseconds(0))
            #expect(isSent)
        }
        while table.advance(to: .milliseconds(40_000)) != nil {}
        #expect(table.counters.live == 0)

        let new = begin(&table, at: .milliseconds(41_000))
        #expect(Set(old).isDisjoint(with: new) && new.count == 10_000)
        for id in old {
            let isSent = table.respond(
                id,
                status: 302,
                answer: answer.span,
                at: .milliseconds(41_000)
            )
            #expect(!isSent)
        }
    }
}
