import Primitives
import SIP
import Testing

@Suite("INVITE server transactions (RFC 3261 §17.2.1, RFC 6026)")
struct InviteServerTransactionTests {
    private let key = TransactionKey.numbered(1)

    @Test("an INVITE that comes again before any answer is absorbed", arguments: Wire.allCases)
    func absorbsBeforeAnswer(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: wire))
        #expect(server.receive("INVITE", key, over: wire) == .absorbed)
        #expect(server.state(of: id) == .invite(.proceeding))
        #expect(server.sent.isEmpty)
    }

    @Test(
        "an INVITE without an answer for 200 ms asks for 100 Trying, once",
        arguments: Wire.allCases
    )
    func remindsOfTrying(wire: Wire) throws {
        let server = SimulatedServer()
        _ = try #require(server.begin("INVITE", key, over: wire))
        server.run(untilMilliseconds: 60_000)
        #expect(server.reminders == [200])
        #expect(server.counters.pending == 1)
    }

    @Test("no 100 Trying is asked for once an answer is out, or 100 Trying itself")
    func remindsNobodyInVain() throws {
        let server = SimulatedServer()
        let answered = try #require(server.begin("INVITE", key, over: .udp))
        let waiting = try #require(server.begin("INVITE", .numbered(2), over: .udp))
        server.run(untilMilliseconds: 199)
        server.respond(answered, "302 Moved Temporarily")
        server.respond(waiting, "100 Trying")
        server.run(untilMilliseconds: 400)
        #expect(server.reminders.isEmpty)
    }

    @Test("the last provisional answer goes out again for each INVITE", arguments: Wire.allCases)
    func repeatsProvisional(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: wire))
        server.respond(id, "100 Trying")
        server.respond(id, "181 Call Is Being Forwarded")
        #expect(server.receive("INVITE", key, over: wire) == .retransmission(id))
        server.run(untilMilliseconds: 60_000)
        #expect(
            server.sent.map(\.text) == [
                "100 Trying", "181 Call Is Being Forwarded", "181 Call Is Being Forwarded",
            ]
        )
    }

    @Test("a rejected INVITE that comes again gets the same bytes", arguments: Wire.allCases)
    func repeatsRejection(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: wire))
        server.respond(id, "302 Moved Temporarily\r\nContact: <sip:a@192.0.2.9>\r\n\r\n")
        #expect(server.state(of: id) == .invite(.completed))
        #expect(server.receive("INVITE", key, over: wire) == .retransmission(id))
        #expect(server.sent.count == 2)
        #expect(server.sent[0] == server.sent[1])
    }

    @Test("a transaction has one final answer: later ones are refused", arguments: Wire.allCases)
    func refusesSecondFinal(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: wire))
        #expect(server.respond(id, "302 Moved Temporarily"))
        for later in ["180 Ringing", "200 OK", "302 Moved Temporarily", "487 Request Terminated"] {
            #expect(!server.respond(id, later))
        }
        #expect(server.receive("INVITE", key, over: wire) == .retransmission(id))
        #expect(server.sent.map(\.text) == ["302 Moved Temporarily", "302 Moved Temporarily"])
    }

    @Test(
        "over UDP a 302 without an ACK goes out 11 times, the last 31.5 s after the first (Timer G)"
    )
    func retransmitsUntilTimerH() throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: .udp))
        server.respond(id, "302 Moved Temporarily")
        server.run(untilMilliseconds: 120_000)
        #expect(
            server.timesSent == [
                0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
            ]
        )
        #expect(Set(server.sent.map(\.text)) == ["302 Moved Temporarily"])
        #expect(server.unacknowledged == [32_000])
        #expect(server.counters.live == 0)
        #expect(server.counters.timers == 0)
    }

    @Test("over TCP a 302 goes out once, and its ACK is awaited for 32 s all the same (Timer H)")
    func sendsOnceOnReliable() throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: .tcp))
        server.respond(id, "302 Moved Temporarily")
        server.run(untilMilliseconds: 31_999)
        #expect(server.state(of: id) == .invite(.completed))
        server.run(untilMilliseconds: 120_000)
        #expect(server.timesSent == [0])
        #expect(server.unacknowledged == [32_000])
        #expect(server.counters.live == 0)
    }

    @Test("Timers G and H follow a T1 of 100 ms and a T2 of 400 ms")
    func followsConfiguredTimers() throws {
        var timers = TransactionTimers()
        timers.t1 = .milliseconds(100)
        timers.t2 = .milliseconds(400)
        let server = SimulatedServer(timers: timers, startingAtMilliseconds: 5)
        let id = try #require(server.begin("INVITE", key, over: .udp))
        server.respond(id, "486 Busy Here")
        server.run(untilMilliseconds: 60_000)
        #expect(server.timesSent.prefix(6) == [5, 105, 305, 705, 1_105, 1_505])
        #expect(server.timesSent.last == 6_305)
        #expect(server.unacknowledged == [6_405])
    }

    @Test("after a stall of the loop a missed Timer G sends once, not in a burst")
    func sendsOnceAfterStall() throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: .udp))
        server.respond(id, "302 Moved Temporarily")
        server.stall(untilMilliseconds: 10_000)
        #expect(server.timesSent == [0, 10_000])
        server.stall(untilMilliseconds: 40_000)
        #expect(server.timesSent == [0, 10_000])
        #expect(server.unacknowledged == [40_000])
    }

    @Test("over UDP the ACK stops Timer G, and for 5 s repeats are absorbed (Timer I)")
    func confirmsOverUDP() throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: .udp))
        server.respond(id, "302 Moved Temporarily")
        server.run(untilMilliseconds: 100)
        #expect(server.acknowledge(key) == .confirmed)
        #expect(server.state(of: id) == nil)
        #expect(server.counters.confirmed == 1)
        #expect(server.counters.live == 0)
        server.run(untilMilliseconds: 5_099)
        #expect(server.acknowledge(key) == .absorbed)
        #expect(server.receive("INVITE", key, over: .udp) == .absorbed)
        server.run(untilMilliseconds: 5_100)
        #expect(server.counters.confirmed == 0)
        #expect(server.acknowledge(key) == .unmatched)
        #expect(server.timesSent == [0])
        #expect(server.begin("INVITE", key, over: .udp) != nil)
    }

    @Test("over TCP the ACK ends the transaction at once (Timer I is zero)")
    func confirmsOverTCP() throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: .tcp))
        server.respond(id, "302 Moved Temporarily")
        #expect(server.acknowledge(key) == .confirmed)
        #expect(server.counters.confirmed == 0)
        #expect(server.counters.timers == 0)
        #expect(server.acknowledge(key) == .unmatched)
        #expect(server.cancel(key) == .unknown)
    }

    @Test("an ACK before the answer confirms nothing", arguments: Wire.allCases)
    func ignoresEarlyACK(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: wire))
        #expect(server.acknowledge(key) == .unmatched)
        #expect(server.state(of: id) == .invite(.proceeding))
        #expect(server.acknowledge(.numbered(2)) == .unmatched)
    }

    @Test(
        "a 2xx is never sent again by the transaction, which absorbs the INVITE for 32 s (Timer L)",
        arguments: Wire.allCases
    )
    func absorbsAfterSuccess(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("INVITE", key, over: wire))
        server.respond(id, "200 OK")
        #expect(server.state(of: id) == .invite(.accepted))
        #expect(server.receive("INVITE", key, over: wire) == .absorbed)
        #expect(server.acknowledge(key) == .passUp(id))
        server.run(untilMilliseconds: 10_000)
        #expect(
            server.respond(id, "200 OK"),
            "the user retransmits its 2xx through the transaction"
        )
        #expect(!server.respond(id, "486 Busy Here"))
        server.run(untilMilliseconds: 31_999)
        #expect(server.receive("INVITE", key, over: wire) == .absorbed)
        server.run(untilMilliseconds: 32_000)
        #expect(server.state(of: id) == nil)
        #expect(server.timesSent == [0, 10_000])
        #expect(server.unacknowledged.isEmpty)
        #expect(server.counters.timers == 0)
    }

    @Test("CANCEL finds an INVITE pending, answered, or not at all", arguments: Wire.allCases)
    func cancels(wire: Wire) throws {
        let server = SimulatedServer()
        #expect(server.cancel(key) == .unknown)
        let id = try #require(server.begin("INVITE", key, over: wire))
        #expect(server.cancel(key) == .pending(id))
        server.respond(id, "100 Trying")
        #expect(server.cancel(key) == .pending(id))
        server.respond(id, "487 Request Terminated")
        #expect(server.cancel(key) == .answered)
        #expect(server.acknowledge(key) == .confirmed)
        #expect(server.cancel(key) == (wire == .udp ? .answered : .unknown))
    }

    @Test("the name of a transaction that has ended fits no later one")
    func namesOne() throws {
        let server = SimulatedServer()
        let first = try #require(server.begin("INVITE", key, over: .tcp))
        server.respond(first, "302 Moved Temporarily")
        #expect(server.acknowledge(key) == .confirmed)
        let second = try #require(server.begin("INVITE", key, over: .tcp))
        #expect(first != second)
        #expect(!server.respond(first, "486 Busy Here"))
        #expect(server.state(of: second) == .invite(.proceeding))
    }
}
