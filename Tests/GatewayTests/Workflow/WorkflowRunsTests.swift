import Gateway
import Primitives
import Routing
import Testing
import Transport

@Suite("Runs of workflows in a loop")
struct WorkflowRunsTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private static let twoFailures = Configuration.Workflow.CircuitBreaker(failures: 2)

    /// The runs of one loop, in a form that expectations can hold.
    private final class Runs {
        private var runs: WorkflowRuns

        init(
            _ sample: SampleOrganization,
            breakers: HostBreakers = HostBreakers(WorkflowRunsTests.twoFailures)
        ) throws {
            runs = WorkflowRuns(
                directory: sample.state.directory,
                exchange: LoopExchange(own: 0, mailboxes: [try Mailbox()], breakers: breakers),
                counters: LoopCounters()
            )
        }

        func start(
            _ question: WorkflowQuestion,
            for ticket: CallTicket,
            at now: Instant
        ) -> WorkflowResult? {
            runs.start(question, for: ticket, at: now)
        }

        func handle(_ event: WorkflowEvent, run: UInt64, at now: Instant) {
            runs.handle(event, run: run, at: now)
        }

        func advance(to now: Instant) { runs.advance(to: now) }
        func end(_ call: RecentResults.Key) { runs.end(call) }
        func nextResult() -> WorkflowRuns.Delivery? { runs.nextResult() }
        var count: Int { runs.count }
        var nextDeadline: Instant? { runs.nextDeadline }
    }

    private func ticket(_ number: Int) -> CallTicket {
        CallTicket(
            loop: 0,
            place: .webhook(WebhookPlace(connection: UInt64(number), request: 1))
        )
    }

    @Test("a definition that asks nobody decides at once")
    func pure() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.pure)
        let runs = try Runs(sample)
        let result = runs.start(try sample.question(1), for: ticket(1), at: start)
        #expect(result?.output?.agentID == "sales")
        #expect(runs.count == 0)
        #expect(runs.nextDeadline == nil)
    }

    @Test("a call waits for the host, and its answer decides")
    func waits() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost)
        let runs = try Runs(sample)
        #expect(runs.start(try sample.question(1), for: ticket(1), at: start) == nil)
        #expect(runs.count == 1)
        #expect(sample.host.asked.map(\.url) == ["https://crm.example.com/route"])
        #expect(runs.nextResult() == nil)
        runs.handle(.agent("night"), run: 1, at: start + .milliseconds(300))
        let delivery = try #require(runs.nextResult())
        #expect(delivery.ticket == ticket(1))
        #expect(delivery.result.output?.agentID == "night")
        #expect(runs.count == 0)
    }

    @Test("the same call again shares the run while it waits, and its answer for 64 seconds")
    func repeated() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost)
        let runs = try Runs(sample)
        let question = try sample.question(1)
        #expect(runs.start(question, for: ticket(1), at: start) == nil)
        #expect(runs.start(question, for: ticket(2), at: start) == nil)
        #expect(sample.host.asked.count == 1)
        runs.handle(.agent("night"), run: 1, at: start)
        var served: Set<CallTicket> = []
        while let delivery = runs.nextResult() {
            served.insert(delivery.ticket)
            #expect(delivery.result.output?.agentID == "night")
        }
        #expect(served == [ticket(1), ticket(2)])

        let late = start + .seconds(63)
        runs.advance(to: late)
        #expect(runs.start(question, for: ticket(3), at: late)?.output?.agentID == "night")
        let later = start + .seconds(65)
        runs.advance(to: later)
        #expect(runs.start(question, for: ticket(4), at: later) == nil)
        #expect(sample.host.asked.count == 2)
    }

    @Test("a host that does not answer in time is given up, and its late answer changes nothing")
    func late() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost)
        let runs = try Runs(sample)
        #expect(runs.start(try sample.question(1), for: ticket(1), at: start) == nil)
        // The wheel may wake early, and is never late.
        let deadline = start + .milliseconds(1_000)
        #expect(try #require(runs.nextDeadline) <= deadline)
        runs.advance(to: start + .milliseconds(999))
        #expect(runs.count == 1)
        runs.advance(to: deadline)
        let delivery = try #require(runs.nextResult())
        #expect(delivery.result.failure?.fault.name == "http_timed_out")
        runs.handle(.agent("night"), run: 1, at: deadline)
        #expect(runs.nextResult() == nil)
        #expect(runs.count == 0)
    }

    @Test("an answer to another request than the one that the run waits for is not taken")
    func stale() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost)
        let runs = try Runs(sample)
        #expect(runs.start(try sample.question(1), for: ticket(1), at: start) == nil)
        runs.handle(.agent("night", request: 7), run: 1, at: start)
        runs.handle(.agent("night"), run: 8, at: start)
        #expect(runs.nextResult() == nil)
        #expect(runs.count == 1)
    }

    @Test("an organization has so many waiting calls, and takes no place from another")
    func boundPerOrganization() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost) {
            $0.workflow.waitingCallsPerOrganization = 2
        }
        let runs = try Runs(sample)
        for call in 1...2 {
            let question = try sample.question(UInt64(call))
            #expect(runs.start(question, for: ticket(call), at: start) == nil)
        }
        let third = runs.start(try sample.question(3), for: ticket(3), at: start)
        #expect(third?.failure?.fault.name == "http_too_many_waiting")
        let other = try sample.question(4, to: SampleOrganization.other)
        #expect(runs.start(other, for: ticket(4), at: start) == nil)
        // One that has its answer makes room.
        runs.handle(.agent("night"), run: 1, at: start)
        #expect(runs.start(try sample.question(5), for: ticket(5), at: start) == nil)
    }

    @Test("the bound on all waiting calls holds over organizations")
    func boundOnAll() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost) {
            $0.workflow.waitingCalls = 1
        }
        let runs = try Runs(sample)
        #expect(runs.start(try sample.question(1), for: ticket(1), at: start) == nil)
        let other = try sample.question(2, to: SampleOrganization.other)
        let refused = runs.start(other, for: ticket(2), at: start)
        #expect(refused?.failure?.fault.name == "http_too_many_waiting")
    }

    @Test("without a place to wait and without a fallback agent the refusal has its own name")
    func refusalOfTooMany() throws {
        for fallback in [nil, "night"] {
            let sample = try SampleOrganization(
                workflow: SampleOrganization.askingHost,
                fallback: fallback
            ) { $0.workflow.waitingCalls = 0 }
            let runs = try Runs(sample)
            let result = try #require(
                runs.start(try sample.question(1), for: ticket(1), at: start)
            )
            let (asked, call) = try sample.resolve(1)
            var trace = NoTrace()
            let decision = sample.state.directory.conclude(
                asked,
                with: result,
                of: call,
                trace: &trace
            )
            if fallback == nil {
                #expect(decision.outcome == .refuse(.tooManyWaiting))
            } else {
                #expect(decision.outcome == .answer)
                #expect(decision.rule == .fallbackAgent)
            }
        }
    }

    @Test("a host that fails again and again is left alone, then tried with one call")
    func breaker() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost)
        let runs = try Runs(sample)
        for call in 1...2 {
            let question = try sample.question(UInt64(call))
            #expect(runs.start(question, for: ticket(call), at: start) == nil)
            let event = WorkflowEvent.requestFailed(id: 1, reason: .unreachable)
            runs.handle(event, run: UInt64(call), at: start)
        }
        let third = runs.start(try sample.question(3), for: ticket(3), at: start)
        #expect(third?.failure?.fault.name == "http_circuit_open")
        #expect(sample.host.asked.count == 2)

        let later = start + .seconds(11)
        #expect(runs.start(try sample.question(4), for: ticket(4), at: later) == nil)
        let fifth = runs.start(try sample.question(5), for: ticket(5), at: later)
        #expect(fifth?.failure?.fault.name == "http_circuit_open")
        runs.handle(.agent("night"), run: 4, at: later)
        #expect(runs.start(try sample.question(6), for: ticket(6), at: later) == nil)
    }

    @Test("a host that fails for one organization is left alone for all, on every loop")
    func sharedBreaker() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost)
        let breakers = HostBreakers(Self.twoFailures)
        let loops = [try Runs(sample, breakers: breakers), try Runs(sample, breakers: breakers)]
        for loop in loops {
            #expect(loop.start(try sample.question(1), for: ticket(1), at: start) == nil)
            loop.handle(.requestFailed(id: 1, reason: .timedOut), run: 1, at: start)
        }
        let other = try sample.question(2, to: SampleOrganization.other)
        for loop in loops {
            let refused = loop.start(other, for: ticket(2), at: start)
            #expect(refused?.failure?.fault.name == "http_circuit_open")
        }
        let known = try #require(breakers.all.first)
        #expect(breakers.all.count == 1 && known.origin.text == "https://crm.example.com")
        #expect(known.breaker.openCount == 1 && known.breaker.refusedCount == 2)
        // After the pause one call of all loops tries the host.
        let later = start + .seconds(10)
        #expect(loops[0].start(try sample.question(3), for: ticket(3), at: later) == nil)
        let beside = loops[1].start(try sample.question(4), for: ticket(4), at: later)
        #expect(beside?.failure?.fault.name == "http_circuit_open")
        // Two runs of that loop came before.
        loops[0].handle(.agent("night"), run: 3, at: later)
        #expect(loops[1].start(try sample.question(5), for: ticket(5), at: later) == nil)
    }

    @Test("an answer of 500 and above counts as a failure of the host")
    func serverErrors() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost)
        let runs = try Runs(sample)
        for call in 1...2 {
            let question = try sample.question(UInt64(call))
            #expect(runs.start(question, for: ticket(call), at: start) == nil)
            let event = WorkflowEvent.response(id: 1, status: 503, headers: [], body: [])
            runs.handle(event, run: UInt64(call), at: start)
        }
        let third = runs.start(try sample.question(3), for: ticket(3), at: start)
        #expect(third?.failure?.fault.name == "http_circuit_open")
    }

    @Test("a caller who gives up while the host is asked is not counted as up afterwards")
    func gaveUp() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingThenCounting)
        let runs = try Runs(sample)
        let impatient = try sample.question(1)
        #expect(runs.start(impatient, for: ticket(1), at: start) == nil)
        runs.end(RecentResults.Key(call: 1, organization: impatient.organization))
        runs.handle(.agent("night"), run: 1, at: start)
        for (call, agent) in [(2, "night"), (3, nil)] {
            let question = try sample.question(UInt64(call))
            #expect(runs.start(question, for: ticket(call), at: start) == nil)
            while runs.nextResult() != nil {}
            runs.handle(.agent("night"), run: UInt64(call), at: start)
            #expect(try #require(runs.nextResult()).result.output?.agentID == agent)
        }
    }

    @Test("1,000 calls wait for a host, and one that asks nobody is decided beside them")
    func many() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.askingHost)
        let unhindered = try SampleOrganization(workflow: SampleOrganization.pure)
        let runs = try Runs(sample)
        for call in 1...1_000 {
            let question = try sample.question(UInt64(call))
            #expect(runs.start(question, for: ticket(call), at: start) == nil)
        }
        #expect(runs.count == 1_000)
        let question = try unhindered.question(1_001)
        #expect(runs.start(question, for: ticket(1_001), at: start)?.output?.agentID == "sales")
        runs.advance(to: start + .seconds(1))
        var failures = 0
        while let delivery = runs.nextResult() {
            if delivery.result.failure != nil { failures += 1 }
        }
        #expect(failures == 1_000)
        #expect(runs.count == 0)
    }
}

@Suite("Workflows over several loops")
struct ConsultationTests {
    private let now = Instant(nanoseconds: 1_000_000_000)

    /// Two loops that know each other.
    private func loops() throws -> [LoopExchange] {
        let mailboxes: [Mailbox<LoopMessage>] = [try Mailbox(), try Mailbox()]
        let waiting = WaitingCalls()
        return [0, 1].map { LoopExchange(own: $0, mailboxes: mailboxes, waiting: waiting) }
    }

    @Test("a call that could not be answered later goes to the fallback agent, else it is refused")
    func withoutPlace() throws {
        for (fallback, outcome) in [
            ("night", Decision.Outcome.answer), (nil, .refuse(.overloaded)),
        ] {
            let sample = try SampleOrganization(
                workflow: SampleOrganization.limited,
                fallback: fallback
            )
            var consultation = Consultation(
                exchange: try loops()[0],
                state: sample.state,
                counters: LoopCounters()
            )
            let (decision, incoming) = try sample.resolve(1)
            let input = WorkflowInput(
                incoming,
                callerText: "",
                decision: decision,
                directory: sample.state.directory
            )
            let answer = consultation.ask(decision, input, of: incoming, nil, sample.state, now)
            guard case .decided(let decided) = answer else {
                Issue.record("it waits")
                return
            }
            #expect(decided.outcome == outcome)
            if fallback != nil { #expect(decided.rule == .fallbackAgent) }
        }
    }

    @Test("all loops count the calls of an organization together")
    func oneCount() throws {
        let sample = try SampleOrganization(workflow: SampleOrganization.limited)
        let exchanges = try loops()
        var first = Consultation(
            exchange: exchanges[0],
            state: sample.state,
            counters: LoopCounters()
        )
        var second = Consultation(
            exchange: exchanges[1],
            state: sample.state,
            counters: LoopCounters()
        )
        var outcomes: [Decision.Outcome] = []
        for call in 1...4 {
            let (decision, incoming) = try sample.resolve(UInt64(call))
            let input = WorkflowInput(
                incoming,
                callerText: "",
                decision: decision,
                directory: sample.state.directory
            )
            let place = CallTicket.Place.webhook(
                WebhookPlace(connection: UInt64(call), request: 1)
            )
            // Calls come by either loop in turn.
            let answer =
                call % 2 == 0
                ? first.ask(decision, input, of: incoming, place, sample.state, now)
                : second.ask(decision, input, of: incoming, place, sample.state, now)
            if case .decided(let decision) = answer {
                outcomes.append(decision.outcome)
                continue
            }
            // The other loop is asked, and says what came of it.
            for index in [0, 1, 0] {
                for message in exchanges[index].mailboxes[index].takeAll() {
                    switch message {
                    case .consult(let question, let ticket) where index == 0:
                        first.take(question, ticket, at: now)
                    case .consult(let question, let ticket):
                        second.take(question, ticket, at: now)
                    case .workflowResult(let ticket, let result):
                        #expect(ticket == CallTicket(loop: index, place: place))
                        var trace = NoTrace()
                        let conclusion = sample.state.directory.conclude(
                            decision,
                            with: result,
                            of: incoming,
                            trace: &trace
                        )
                        outcomes.append(conclusion.outcome)
                    default: Issue.record("an unexpected message: \(message)")
                    }
                }
            }
        }
        #expect(outcomes == [.answer, .answer, .refuse(.rejected), .refuse(.rejected)])
    }
}
