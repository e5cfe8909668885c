import Primitives
import SIP
import Testing

@Suite("The table of server transactions")
struct ServerTransactionTableTests {
    @Test(
        "a full table says so, knows its own transactions still, and recovers",
        arguments: [0, 1, 5]
    )
    func fillsUp(capacity: Int) {
        let server = SimulatedServer(capacity: capacity)
        var ids: [TransactionID] = []
        for number in 0..<capacity {
            if let id = server.begin("INVITE", .numbered(number), over: .udp) { ids.append(id) }
        }
        #expect(ids.count == capacity)
        #expect(server.receive("INVITE", .numbered(capacity), over: .udp) == .tableFull)
        #expect(server.counters.tableFull == 1)
        #expect(server.counters.liveHighWater == capacity)
        guard let first = ids.first else { return }
        #expect(server.receive("INVITE", .numbered(0), over: .udp) == .absorbed)
        server.respond(first, "302 Moved Temporarily")
        #expect(server.receive("INVITE", .numbered(capacity), over: .udp) == .tableFull)
        #expect(server.acknowledge(.numbered(0)) == .confirmed)
        #expect(server.begin("INVITE", .numbered(capacity), over: .udp) != nil)
    }

    @Test("above the cap of confirmed keys the oldest one goes", arguments: [0, 1, 3])
    func cutsConfirmedShort(cap: Int) throws {
        let server = SimulatedServer(confirmedCapacity: cap)
        for number in 0..<5 {
            let id = try #require(server.begin("INVITE", .numbered(number), over: .udp))
            server.respond(id, "302 Moved Temporarily")
            #expect(server.acknowledge(.numbered(number)) == .confirmed)
        }
        #expect(server.counters.confirmed == cap)
        #expect(server.counters.confirmedCutShort == UInt64(5 - cap))
        for number in 0..<5 {
            let isKept = number >= 5 - cap
            #expect(
                server.acknowledge(.numbered(number)) == (isKept ? .absorbed : .unmatched)
            )
        }
    }

    @Test(
        "an answer of any length is sent again byte for byte",
        arguments: [1, 767, 768, 769, 1_535, 1_536, 1_537, 65_535]
    )
    func keepsLongAnswers(length: Int) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", .numbered(1), over: .tcp))
        var random = SeededRandom(seed: UInt64(length))
        let answer = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(server.respond(id, status: 302, bytes: answer))
        #expect(server.receive("INVITE", .numbered(1), over: .tcp) == .retransmission(id))
        #expect(server.answer(of: id) == answer)
    }

    @Test("an answer longer than a message goes out, and its transaction is over")
    func givesUpTooLongAnswers() throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", .numbered(1), over: .tcp))
        let answer = [UInt8](repeating: 0x41, count: 65_536)
        #expect(server.respond(id, status: 180, bytes: answer))
        #expect(server.state(of: id) == .invite(.proceeding))
        #expect(server.receive("INVITE", .numbered(1), over: .tcp) == .absorbed)
        #expect(server.respond(id, status: 302, bytes: answer))
        #expect(server.state(of: id) == nil)
        #expect(server.counters.answersNotKept == 2)
        #expect(server.counters.live == 0)
        #expect(server.counters.timers == 0)
    }

    @Test("64 large answers are kept at a time; with the 65th goes its transaction")
    func boundsLargeAnswers() throws {
        let server = SimulatedServer()
        let answer = [UInt8](repeating: 0x41, count: 2_000)
        var kept = 0
        for number in 0..<65 {
            let id = try #require(server.begin("INVITE", .numbered(number), over: .tcp))
            #expect(server.respond(id, status: 302, bytes: answer))
            if server.state(of: id) != nil { kept += 1 }
        }
        #expect(kept == 64)
        #expect(server.acknowledge(.numbered(0)) == .confirmed)
        let next = try #require(server.begin("INVITE", .numbered(99), over: .tcp))
        #expect(server.respond(next, status: 302, bytes: answer))
        #expect(server.state(of: next) == .invite(.completed))
    }

    @Test("an empty answer is no answer to send again")
    func keepsNothingOfNothing() throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", .numbered(1), over: .udp))
        #expect(server.respond(id, status: 302, bytes: []))
        #expect(server.receive("INVITE", .numbered(1), over: .udp) == .retransmission(id))
        #expect(server.answer(of: id) == [])
    }

    @Test("keys that begin in the same bucket are told apart, in whatever order they end")
    func survivesCollisions() throws {
        let server = SimulatedServer(capacity: 300, confirmedCapacity: 300)
        // The bucket comes from the low bits of the first word: these crowd the table's last ones.
        let keys = (0..<300).map { (number: Int) -> TransactionKey in
            let bucket = UInt64(1_022 + number % 2)
            return TransactionKey(first: bucket, second: UInt64(number))
        }
        var ids: [TransactionID] = []
        for key in keys { ids.append(try #require(server.begin("INVITE", key, over: .tcp))) }
        #expect(server.counters.live == 300)
        var random = SeededRandom(seed: 1)
        let order = Array(0..<300).shuffled(using: &random)
        for (step, number) in order.enumerated() {
            #expect(server.cancel(keys[number]) == .pending(ids[number]))
            server.respond(ids[number], "302 Moved Temporarily")
            #expect(server.acknowledge(keys[number]) == .confirmed)
            #expect(server.cancel(keys[number]) == .unknown)
            if let next = order.dropFirst(step + 1).randomElement(using: &random) {
                #expect(server.cancel(keys[next]) == .pending(ids[next]))
            }
        }
        #expect(server.counters.live == 0)
    }

    @Test("a clock that steps back delays nothing and forgets nothing")
    func toleratesClockSteppingBack() throws {
        let server = SimulatedServer(startingAtMilliseconds: 10_000)
        let first = try #require(server.begin("INVITE", .numbered(1), over: .udp))
        server.respond(first, "302 Moved Temporarily")
        #expect(server.acknowledge(.numbered(1)) == .confirmed)
        server.stall(untilMilliseconds: 2_000)
        let second = try #require(server.begin("INVITE", .numbered(2), over: .udp))
        server.stall(untilMilliseconds: 1_000)
        server.respond(second, "302 Moved Temporarily")
        #expect(server.acknowledge(.numbered(2)) == .confirmed)
        server.run(untilMilliseconds: 15_000)
        #expect(server.counters.confirmed == 0)
    }

    @Test("nextDeadline is the earliest of all that waits, or nil")
    func tellsNextDeadline() throws {
        let server = SimulatedServer()
        #expect(server.nextDeadline == nil)
        let id = try #require(server.begin("INVITE", .numbered(1), over: .udp))
        server.respond(id, "302 Moved Temporarily")
        #expect(server.acknowledge(.numbered(1)) == .confirmed)
        server.run(untilMilliseconds: 1)
        #expect(server.nextDeadline == .milliseconds(5_000))
        _ = server.begin("INVITE", .numbered(2), over: .udp)
        #expect(server.nextDeadline == .milliseconds(201))
    }
}
