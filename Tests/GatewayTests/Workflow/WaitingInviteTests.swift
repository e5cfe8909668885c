import Gateway
import Primitives
import Routing
import SIP
import Testing
import Transport

/// One loop's SIP door at simulated times.
private final class Door {
    var service: SIPService
    var pipeline: CallPipeline
    var loop: LoopContext
    let sample: SampleOrganization
    let ring = LineRing(capacity: 1 << 20)

    init(_ sample: SampleOrganization, _ exchange: LoopExchange) throws {
        self.sample = sample
        let counters = LoopCounters()
        pipeline = CallPipeline(
            recorder: CallRecorder(
                ring: ring,
                log: Log(format: .logfmt, threshold: .error, loops: 1).loopLog(0)
            ),
            exchange: exchange,
            state: sample.state,
            counters: counters
        )
        service = SIPService(
            configuration: sample.state.configuration,
            transactionKey: SipHash.Key(5, 6),
            ownListeners: [],
            probeCallID: []
        )
        loop = LoopContext(
            poller: try Poller(),
            counters: counters,
            now: Instant(nanoseconds: 1_000_000_000),
            wall: WallTime(seconds: 1_800_000_000)
        )
    }

    /// Takes a message in; the first line of the answer, or nil for silence.
    func receive(_ text: String) -> String? {
        var out = ByteBuffer()
        let bytes = Array(text.utf8)
        service.message.parse(bytes.span, framing: .datagram)
        let outcome = service.receive(
            bytes.span,
            from: SIPService.Origin(
                source: IPEndpoint(address: .loopbackIPv4, port: 5_080),
                listener: 0,
                connection: 0
            ),
            state: sample.state,
            pipeline: &pipeline,
            loop: loop,
            into: &out
        )
        guard case .send = outcome else { return nil }
        return Self.firstLine(of: out)
    }

    /// What falls due now.
    func advance() -> [String] {
        var lines: [String] = []
        var out = ByteBuffer()
        while service.advance(loop, pipeline: &pipeline, into: &out) != nil {
            lines.append(Self.firstLine(of: out))
            out.removeAll()
        }
        return lines
    }

    /// The 100 of a call that waits; nil when it was said before.
    func sayTrying(_ id: TransactionID) -> String? {
        var out = ByteBuffer()
        return service.sayTrying(id, loop: loop, into: &out) == nil ? nil : out.text
    }

    /// Answers what the workflow's results decide.
    func conclude() -> [String] {
        var answers: [String] = []
        while let delivery = pipeline.consultation.nextResult() {
            guard case .invite(let id) = delivery.ticket.place else { continue }
            var out = ByteBuffer()
            let route = service.conclude(
                id,
                with: delivery.result,
                pipeline: &pipeline,
                loop: loop,
                into: &out
            )
            if route != nil { answers.append(out.text) }
        }
        return answers
    }

    var records: String {
        var lines = ByteBuffer()
        _ = ring.drain(into: &lines) { _ in false }
        return lines.text
    }

    static func firstLine(of out: borrowing ByteBuffer) -> String {
        String(out.text.prefix { $0 != "\r\n" })
    }
}

private func request(_ method: String, branch: String = "z9hG4bK-1") -> String {
    """
    \(method) sip:+14155550100@gw.example.com SIP/2.0\r
    Via: SIP/2.0/UDP 127.0.0.1:5080;branch=\(branch);rport\r
    Max-Forwards: 70\r
    From: <sip:+12125550123@carrier.example.com>;tag=1\r
    To: <sip:+14155550100@gw.example.com>\r
    Call-ID: 4711@carrier\r
    CSeq: 1 \(method)\r
    Content-Length: 0\r
    \r

    """
}

@Suite("An INVITE whose workflow waits for a host")
struct WaitingInviteTests {
    private func door() throws -> Door {
        try Door(
            try SampleOrganization(workflow: SampleOrganization.askingHost, fallback: "night"),
            try LoopExchange.alone()
        )
    }

    @Test("100 at once and again for a retransmission, then the agent that the host named")
    func answered() throws {
        let door = try door()
        #expect(door.receive(request("INVITE")) == "SIP/2.0 100 Trying")
        #expect(door.receive(request("INVITE")) == "SIP/2.0 100 Trying")
        #expect(door.sample.host.asked.count == 1)
        door.loop.now = door.loop.now + .milliseconds(400)
        #expect(door.advance().isEmpty)

        door.pipeline.consultation.runs.handle(.agent("sales"), run: 1, at: door.loop.now)
        let answers = door.conclude()
        #expect(answers.count == 1)
        #expect(answers.first?.hasPrefix("SIP/2.0 302 Moved Temporarily\r\n") == true)
        #expect(answers.first?.contains("sip:sales@acme.example.com") == true)
        #expect(answers.first?.contains(";branch=z9hG4bK-1;") == true)
        // The transaction goes on as any other: the 302 again, then silence after the ACK.
        #expect(door.receive(request("INVITE")) == "SIP/2.0 302 Moved Temporarily")
        #expect(door.receive(request("ACK")) == nil)
        #expect(door.receive(request("INVITE")) == nil)
        let records = door.records
        #expect(records.contains("\"rule\":\"workflow\",\"agent\":\"sales\""))
        #expect(records.split(separator: "\n").count == 1)
    }

    @Test("a copy by another proxy gets the same answer from the same run")
    func merged() throws {
        let door = try door()
        #expect(door.receive(request("INVITE", branch: "z9hG4bK-1")) == "SIP/2.0 100 Trying")
        #expect(door.receive(request("INVITE", branch: "z9hG4bK-2")) == "SIP/2.0 100 Trying")
        #expect(door.sample.host.asked.count == 1)
        door.pipeline.consultation.runs.handle(.agent("sales"), run: 1, at: door.loop.now)
        let answers = door.conclude()
        #expect(answers.count == 2)
        #expect(answers.allSatisfy { $0.contains("sip:sales@acme.example.com") })
    }

    @Test("CANCEL is answered with 200 and the INVITE with 487; the late result changes nothing")
    func cancelled() throws {
        let door = try door()
        #expect(door.receive(request("INVITE")) == "SIP/2.0 100 Trying")
        #expect(door.receive(request("CANCEL")) == "SIP/2.0 200 OK")
        #expect(door.service.nextDeadline.map { $0 <= door.loop.now } == true)
        #expect(door.advance() == ["SIP/2.0 487 Request Terminated"])
        door.pipeline.consultation.runs.handle(.agent("sales"), run: 1, at: door.loop.now)
        #expect(door.conclude().isEmpty)
        #expect(door.receive(request("ACK")) == nil)
        let records = door.records
        #expect(records.contains("\"reason\":\"cancelled\""))
        #expect(records.split(separator: "\n").count == 1)
    }

    @Test("a host that hangs costs its time, and then the fallback agent answers")
    func fallback() throws {
        let door = try door()
        #expect(door.receive(request("INVITE")) == "SIP/2.0 100 Trying")
        door.loop.now = door.loop.now + .milliseconds(1_000)
        door.pipeline.consultation.runs.advance(to: door.loop.now)
        let answers = door.conclude()
        #expect(answers.first?.contains("sip:night@acme.example.com") == true)
        #expect(door.records.contains("\"rule\":\"fallback_agent\""))
    }
}

@Suite("An INVITE whose workflow runs on another loop")
struct DistantWorkflowTests {
    @Test("100 Trying after 200 ms, not before; at once when the other loop says that it waits")
    func trying() throws {
        for saysThatItWaits in [false, true] {
            let sample = try SampleOrganization(workflow: SampleOrganization.limited)
            let mailboxes: [Mailbox<LoopMessage>] = [try Mailbox(), try Mailbox()]
            let owner = LoopExchange(own: 0, mailboxes: mailboxes, waiting: WaitingCalls())
                .owner(ofOrganization: try sample.question(1).organization)
            let door = try Door(
                sample,
                LoopExchange(own: 1 - owner, mailboxes: mailboxes, waiting: WaitingCalls())
            )
            #expect(door.receive(request("INVITE")) == nil)
            var ticket: CallTicket?
            for message in mailboxes[owner].takeAll() {
                if case .consult(_, let asked) = message { ticket = asked }
            }
            guard case .invite(let id) = try #require(ticket).place else {
                Issue.record("the ticket names no INVITE")
                return
            }
            if saysThatItWaits {
                let trying = try #require(door.sayTrying(id))
                #expect(trying.hasPrefix("SIP/2.0 100 Trying\r\n") && !trying.contains(";tag=\r\n"))
                #expect(door.sayTrying(id) == nil)
                continue
            }
            door.loop.now = door.loop.now + .milliseconds(199)
            #expect(door.advance().isEmpty)
            door.loop.now = door.loop.now + .milliseconds(1)
            #expect(door.advance() == ["SIP/2.0 100 Trying"])
        }
    }
}
