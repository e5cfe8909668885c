import Gateway
import Primitives
import Synchronization
import Testing
import Transport

@Suite("The watchdog's questions to the daemon's own sockets")
struct SelfProbeTests {
    @Test("every loop answers a question before the watchdog is fed", arguments: [1, 2, 5])
    func reachesEveryLoop(loopCount: Int) throws {
        let loops = try Loops(count: loopCount)
        for index in 0..<loopCount { try loops.serve(index) }
        defer { loops.end() }
        var probe = loops.probe
        for _ in 0..<3 {
            let before = loops.counters.map { $0[.selfProbesAnswered] }
            let isAnswered = probe.isAnswered()
            #expect(isAnswered)
            for (loop, count) in zip(loops.counters, before) {
                #expect(loop[.selfProbesAnswered] > count)
            }
        }
    }

    @Test("a loop that does not read its socket is found, whichever it is", arguments: [0, 1, 2])
    func findsStuckLoop(stuck: Int) throws {
        let loops = try Loops(count: 3)
        for index in 0..<3 where index != stuck { try loops.serve(index) }
        defer { loops.end() }
        var probe = loops.probe
        let isAnswered = probe.isAnswered()
        #expect(!isAnswered)
    }

    @Test("a loop whose socket is not among those of the address is found")
    func findsMissingSocket() throws {
        let loops = try Loops(count: 1, countersFor: 2)
        try loops.serve(0)
        defer { loops.end() }
        var probe = loops.probe
        let isAnswered = probe.isAnswered()
        #expect(!isAnswered)
        #expect(loops.counters[0][.selfProbesAnswered] == 32)
    }

    @Test("without listeners there is nothing to ask")
    func asksNobody() {
        var probe = SelfProbe(callID: [], counters: [LoopCounters()])
        let isAnswered = probe.isAnswered()
        #expect(isAnswered)
    }
}

/// Threads that answer OPTIONS as loops do, each at its own socket on one shared address.
private final class Loops: Sendable {
    let counters: [LoopCounters]
    private let sockets: [BoundSocket]
    private let isEnded = Atomic<Bool>(false)

    init(count: Int, countersFor loopCount: Int? = nil) throws {
        var sockets: [BoundSocket] = []
        var endpoint = IPEndpoint(address: .loopbackIPv4, port: 0)
        for _ in 0..<count {
            let socket = try BoundSocket(binding: endpoint, kind: .datagram)
            endpoint = socket.local
            sockets.append(socket)
        }
        self.sockets = sockets
        counters = (0..<(loopCount ?? count)).map { _ in LoopCounters() }
    }

    var probe: SelfProbe {
        var probe = SelfProbe(callID: Array("probe".utf8), counters: counters)
        let listener = Configuration.Listener(transport: .sipUDP, address: sockets[0].local)
        probe.aim(at: listener, on: sockets[0].local)
        return probe
    }

    func serve(_ index: Int) throws {
        let (bound, counters) = (sockets[index], counters[index])
        try Threads.start("loop") { [self] in
            guard let socket = try? UDPSocket(bound), let poller = try? Poller(),
                (try? poller.add(socket.descriptor, token: 1)) != nil
            else { return }
            while !isEnded.load(ordering: .relaxed) {
                let now = Clock.now()
                _ = try? poller.wait(until: now + .milliseconds(20), now: now)
                for position in 0..<socket.receive() {
                    counters.add(.selfProbesAnswered)
                    let start = socket.outgoing.count
                    socket.outgoing.append("SIP/2.0 200 OK\r\n\r\n")
                    socket.queue(
                        from: start,
                        to: socket.source(position),
                        speakingFrom: socket.hearingAddress(position)
                    )
                }
                _ = socket.flush()
            }
        }
    }

    func end() { isEnded.store(true, ordering: .relaxed) }
}
