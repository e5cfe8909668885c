import JSONata
import Primitives
import Routing
import Testing

@Suite("HTTP steps")
struct HTTPStepTests {
    static let steps = """
        {"id": "it", "type": "http", "next": "answer", "on_error": "spare", "config": {
          "method": "POST", "url": "https://crm.example.com/route?from={{ input.caller_number }}",
          "timeout_ms": 1200, "headers": {"X-Org": "{{ input.organization_id }}"},
          "body": {"caller": "{{ input.caller_number }}"}}},
        {"id": "answer", "type": "output", "config": {"fields": [
          {"name": "agent_id", "type": "string", "value": "{{ it.body.agent }}"},
          {"name": "label", "type": "string", "value": "{{ it.headers.`x-a` }}"}]}},
        {"id": "spare", "type": "output", "config": {"fields": [
          {"name": "agent_id", "value": "stable"},
          {"name": "label", "value": "{{ $string(it.status_code) }}"}]}}
        """

    static var bench: WorkflowBench {
        get throws {
            try WorkflowBench(
                #"{"steps": [{"id": "trigger", "type": "trigger", "next": "it"}, \#(steps)]}"#
            )
        }
    }

    @Test("the run waits with the request, and goes on with the answer")
    func request() throws {
        var bench = try Self.bench
        var call = bench.start()
        let request = try #require(call.request)
        #expect(request.url == "https://crm.example.com/route?from=%2B12125550123")
        #expect(request.method == .post)
        #expect(request.origin.port == 443)
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "X-Org: acme", "Content-Type: application/json",
            ]
        )
        #expect(request.body == Array(#"{"caller":"+12125550123"}"#.utf8))
        #expect(call.run.nextDeadline == bench.now + .milliseconds(1_200))
        bench.advance(byMilliseconds: 1_199, &call)
        #expect(call.isWaiting)
        bench.handle(
            .response(
                id: request.id,
                status: 200,
                headers: [
                    .init(name: "Content-Type", value: "application/json"),
                    .init(name: "X-A", value: "1"), .init(name: "x-a", value: "2"),
                ],
                body: Array(#"{"agent":"sales"}"#.utf8)
            ),
            &call
        )
        #expect(call.output?.agentID == "sales")
        #expect(call.output?.label == "1, 2")
        #expect(call.explanation.text.contains("asked POST https://crm.example.com/route"))
    }

    @Test("an answer that is not 2xx, is not JSON or is too large leads to on_error")
    func badAnswers() throws {
        for (status, body, label) in [
            (500, "{}", "500"), (404, "", "404"), (200, "{", "200"), (302, "{}", "302"),
            (200, String(repeating: " ", count: 65_537), nil),
        ] {
            var bench = try Self.bench
            var call = bench.start()
            let type = HTTPStepRequest.Header(name: "content-type", value: "application/json")
            bench.handle(
                .response(id: 1, status: status, headers: [type], body: Array(body.utf8)),
                &call
            )
            #expect(call.output?.agentID == "stable")
            #expect(call.output?.label == label)
        }
    }

    @Test("a request that fails leads to on_error", arguments: HTTPStepFailure.allCases)
    func failures(reason: HTTPStepFailure) throws {
        var bench = try Self.bench
        var call = bench.start()
        bench.handle(.requestFailed(id: 1, reason: reason), &call)
        #expect(call.output?.agentID == "stable")
        #expect(call.explanation.text.contains(reason.rawValue))
    }

    @Test("without on_error a failed request fails the run")
    func noOnError() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com/"}}
                """
        )
        var call = bench.start()
        bench.handle(.response(id: 1, status: 503, headers: [], body: []), &call)
        #expect(call.failure?.fault.name == "http_status")
        #expect(call.failure?.step == "it")
    }

    @Test("the step's time runs out to on_error, the run's time to the fallback")
    func timeouts() throws {
        var bench = try Self.bench
        var call = bench.start()
        bench.advance(byMilliseconds: 1_200, &call)
        #expect(call.output?.agentID == "stable")

        call = bench.start(timeoutMilliseconds: 1_000)
        bench.advance(byMilliseconds: 999, &call)
        #expect(call.isWaiting)
        bench.advance(byMilliseconds: 1, &call)
        #expect(call.failure?.fault.name == "timed_out")

        call = bench.start(timeoutMilliseconds: 1_000)
        bench.now = bench.now + .seconds(2)
        bench.handle(.response(id: 1, status: 200, headers: [], body: []), &call)
        #expect(call.failure?.fault.name == "timed_out")
    }

    @Test("an answer to another request, or after the end, changes nothing")
    func staleEvents() throws {
        var bench = try Self.bench
        var call = bench.start()
        bench.handle(.requestFailed(id: 2, reason: .unreachable), &call)
        #expect(call.isWaiting)
        bench.handle(.requestFailed(id: 1, reason: .unreachable), &call)
        #expect(call.output != nil)
        bench.handle(.requestFailed(id: 1, reason: .unreachable), &call)
        #expect(call.isWaiting)
    }

    @Test("a value with a line break cannot become a header")
    func headerInjection() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com/",
                 "headers": {"X-Name": "{{ input.caller_name }}"}}}
                """
        )
        var input = WorkflowBench.call()
        input.callerName = "a\r\nX-Evil: 1"
        #expect(bench.start(input).failure?.fault.name == "unusable_request")
    }
}
