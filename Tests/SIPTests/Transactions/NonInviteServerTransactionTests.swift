import Primitives
import SIP
import Testing

@Suite("Non-INVITE server transactions (RFC 3261 §17.2.2)")
struct NonInviteServerTransactionTests {
    private let key = TransactionKey.numbered(1)

    @Test("a request that comes again before any answer is absorbed", arguments: Wire.allCases)
    func absorbsWhileTrying(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("OPTIONS", key, over: wire))
        #expect(server.state(of: id) == .nonInvite(.trying))
        #expect(server.receive("OPTIONS", key, over: wire) == .absorbed)
        server.run(untilMilliseconds: 60_000)
        #expect(server.reminders.isEmpty, "100 Trying is for INVITE only")
        #expect(server.sent.isEmpty)
    }

    @Test(
        "after a provisional answer each repeat of the request gets it again",
        arguments: Wire.allCases
    )
    func repeatsProvisional(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("OPTIONS", key, over: wire))
        server.respond(id, "100 Trying")
        #expect(server.state(of: id) == .nonInvite(.proceeding))
        #expect(server.receive("OPTIONS", key, over: wire) == .retransmission(id))
        #expect(server.sent.map(\.text) == ["100 Trying", "100 Trying"])
    }

    @Test(
        "over UDP the final answer is kept for 32 s and sent only when asked (Timer J)",
        arguments: ["200 OK", "405 Method Not Allowed"]
    )
    func completesOverUDP(answer: String) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("OPTIONS", key, over: .udp))
        server.respond(id, answer)
        server.run(untilMilliseconds: 31_999)
        #expect(server.receive("OPTIONS", key, over: .udp) == .retransmission(id))
        #expect(server.sent.map(\.text) == [answer, answer])
        server.run(untilMilliseconds: 32_000)
        #expect(server.counters.live == 0)
        #expect(server.counters.timers == 0)
        #expect(server.unacknowledged.isEmpty)
        #expect(server.begin("OPTIONS", key, over: .udp) != nil)
    }

    @Test("over TCP the final answer ends the transaction at once (Timer J is zero)")
    func completesOverTCP() throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("OPTIONS", key, over: .tcp))
        #expect(server.respond(id, "200 OK"))
        #expect(server.counters.live == 0)
        #expect(server.counters.timers == 0)
        #expect(server.state(of: id) == nil)
    }

    @Test("later answers are discarded", arguments: Wire.allCases)
    func refusesSecondFinal(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("BYE", key, over: wire))
        #expect(server.respond(id, "481 Call/Transaction Does Not Exist"))
        #expect(!server.respond(id, "200 OK"))
        #expect(!server.respond(id, "100 Trying"))
        #expect(server.sent.count == 1)
    }

    @Test("no ACK belongs to it", arguments: Wire.allCases)
    func ignoresACK(wire: Wire) throws {
        let server = SimulatedServer()
        let id = try #require(server.begin("OPTIONS", key, over: wire))
        server.respond(id, "100 Trying")
        #expect(server.acknowledge(key) == .unmatched)
        #expect(server.state(of: id) == .nonInvite(.proceeding))
    }
}
