import JSONata
import Primitives
import Routing
import Testing

/// Each bound of a definition and of a run: the last that is taken, and the first that is not.
@Suite("Bounds of workflows")
struct BoundTests {
    /// A step `it` with a number in it that stands for `#`, the numbers that are taken, and the place.
    struct Number: Sendable, CustomTestStringConvertible {
        var step: String
        var range: ClosedRange<Int>
        var path: String
        var testDescription: String { "\(path): \(range)" }

        init(_ step: String, _ range: ClosedRange<Int>, _ path: String) {
            self.step = step
            self.range = range
            self.path = path
        }
    }

    @Test(
        "a whole number of a step has a least and a largest value",
        arguments: [
            Number(
                #""type": "http", "next": "done", "config": {"url": "https://crm.example.com/", "timeout_ms": #}"#,
                1...10_000,
                "timeout_ms"
            ),
            Number(
                #""type": "sticky", "next": "done", "config": {"key": "k", "ttl_seconds": #}"#,
                1...2_592_000,
                "ttl_seconds"
            ),
            Number(
                #""type": "limit", "next": "done", "branches": {"over": "done"}, "config": {"key": "k", "max": 1, "window_seconds": #}"#,
                1...2_592_000,
                "window_seconds"
            ),
            Number(
                #""type": "limit", "next": "done", "branches": {"over": "done"}, "config": {"key": "k", "max": 1, "lease_seconds": #}"#,
                1...2_592_000,
                "lease_seconds"
            ),
            Number(
                #""type": "limit", "next": "done", "branches": {"over": "done"}, "config": {"key": "k", "max": #}"#,
                0...1_000_000,
                "max"
            ),
            Number(
                #""type": "split", "branches": {"a": "done", "b": "done"}, "config": {"key": "k", "weights": {"b": 1, "a": #}}"#,
                0...1_000_000,
                "weights.a"
            ),
        ]
    )
    func numbers(number: Number) throws {
        func problems(_ value: Int) throws -> [String] {
            let step = number.step.replacing("#", with: "\(value)")
            let text = WorkflowBench.text(steps: #"{"id": "it", \#(step)}"#)
            return try WorkflowBench.compile(text).problems.map(\.text)
        }
        #expect(try problems(number.range.lowerBound) == [])
        #expect(try problems(number.range.upperBound) == [])
        let told =
            "steps[1].config.\(number.path): must be a whole number from "
            + "\(number.range.lowerBound) to \(number.range.upperBound)"
        #expect(try problems(number.range.lowerBound - 1) == [told])
        #expect(try problems(number.range.upperBound + 1) == [told])
    }

    @Test("a definition has 500 steps, ids of 64 characters and values nested 32 deep at most")
    func definitions() throws {
        func problems(_ text: String) throws -> [String] {
            try WorkflowBench.compile(text).errors.map(\.text)
        }
        func steps(_ count: Int) throws -> [String] {
            let notes = (2..<count).map { #"{"id": "n\#($0)", "type": "note"}"# }
            let last = #"{"id": "it", "type": "note", "next": "done"}"#
            return try problems(
                WorkflowBench.text(steps: (notes.dropLast() + [last]).joined(separator: ","))
            )
        }
        #expect(try steps(500) == [])
        #expect(try steps(501) == ["steps: a workflow has at most 500 steps"])
        func id(_ count: Int) throws -> [String] {
            let id = String(repeating: "x", count: count)
            return try problems(
                WorkflowBench.text(
                    steps: #"{"id": "\#(id)", "type": "note", "next": "done"}"#,
                    first: id
                ).replacing("$string(it)", with: "'x'")
            )
        }
        #expect(try id(64) == [])
        #expect(try id(65).contains { $0.hasPrefix("steps[1].id: a step needs an id of 1 to 64") })
        func nested(_ depth: Int) throws -> [String] {
            // The list stands six deep: definition, steps, step, config, values, member.
            let list = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let step = """
                {"id": "it", "type": "set", "next": "done", "config": {"values": {"a": \(list)}}}
                """
            return try problems(WorkflowBench.text(steps: step))
        }
        let deepest = try #require((1...40).last { try nested($0).isEmpty })
        #expect(try nested(deepest + 1) == ["values are nested more than 32 deep"])
        #expect(24...32 ~= deepest)
    }

    @Test(
        "an error behind more warnings and errors than are told is an error all the same",
        arguments: [
            #"{"id": "it", "type": "split", "config": {"key": "k"}, "branches": {}}"#,
            #"""
            {"id": "it", "type": "condition", "branches": {"a": "nowhere", "default": "done"},
             "config": {"branches": [{"label": "a", "when": "{{ true }}"}]}}
            """#,
        ]
    )
    func behindTheLast(step: String) throws {
        let text = WorkflowBench.text(steps: step)
        let unknown = (0..<300).map { #""unknown\#($0)": 1,"# }.joined()
        let warned = try WorkflowBench.compile("{\(unknown)" + text.dropFirst())
        #expect(warned.definition == nil)
        #expect(warned.warnings.count == 200)
        #expect(warned.errors.contains { $0.path.hasPrefix("steps[1]") })
        let lists = (0..<300).map { #""l\#($0)": 1"# }.joined(separator: ",")
        let wrong = try WorkflowBench.compile("{\"lists\": {\(lists)}, " + text.dropFirst())
        #expect(wrong.definition == nil)
        #expect(wrong.errors.count == 200)
    }

    @Test("without a time of its own an http step waits 2.5 s, and a call counts as up for 4 hours")
    func defaults() throws {
        var asking = try WorkflowBench(
            steps:
                #"{"id": "it", "type": "http", "next": "done", "config": {"url": "https://crm.example.com/"}}"#
        )
        #expect(asking.start().run.nextDeadline == asking.now + .milliseconds(2_500))
        #expect(asking.start().request?.method == .get)
        var counting = try WorkflowBench(
            steps: """
                {"id": "it", "type": "limit", "next": "done", "branches": {"over": "done"},
                 "config": {"key": "k", "max": 1}}
                """
        )
        #expect(
            counting.start().explanation.steps[1].remarks[0].contains("counts for 14400 s")
        )
    }

    @Test("a run lasts 100 ms to 10 s, and 5 s where nothing is said")
    func timeouts() throws {
        let step =
            #"{"id": "it", "type": "http", "next": "done","#
            + #" "config": {"url": "https://crm.example.com/", "timeout_ms": 10000}}"#
        let bench = try WorkflowBench(steps: step)
        func deadline(_ run: WorkflowRun) -> Instant? {
            var run = run
            var services = bench.services
            var trace = NoTrace()
            _ = run.start(at: bench.now, services: &services, trace: &trace)
            return run.nextDeadline
        }
        let call = WorkflowBench.call()
        #expect(deadline(WorkflowRun(bench.definition, input: call)) == bench.now + .seconds(5))
        for (asked, lasts) in [(0, 100), (99, 100), (101, 101), (9_999, 9_999), (10_001, 10_000)] {
            let run = WorkflowRun(bench.definition, input: call, timeoutMilliseconds: asked)
            #expect(deadline(run) == bench.now + .milliseconds(Int64(lasts)))
        }
    }

    @Test("a key that counts or remembers has 256 octets at most, a URL 8,000")
    func texts() throws {
        func run(_ step: String, _ count: Int) throws -> WorkflowBench.Started {
            var bench = try WorkflowBench(steps: #"{"id": "it", \#(step), "next": "done"}"#)
            var call = WorkflowBench.call()
            call.callerName = String(repeating: "x", count: count)
            return bench.start(call)
        }
        for step in [
            #""type": "limit", "config": {"key": "{{ input.caller_name }}", "max": 1}, "branches": {"over": "done"}"#,
            #""type": "sticky", "config": {"key": "{{ input.caller_name }}", "ttl_seconds": 9}"#,
        ] {
            #expect(try run(step, 256).output?.agentID == "sales")
            #expect(try run(step, 257).failure?.fault.message == "key exceeds 256 octets")
        }
        let url =
            #""type": "http", "config": {"url": "https://crm.example.com/{{ input.caller_name }}"}"#
        #expect(try run(url, 7_999).request?.target.utf8.count == 8_000)
        #expect(try run(url, 8_000).failure?.fault.message == "url exceeds 8000 octets")
    }

    @Test("of a host's answer 64 KiB and 64 header fields are kept")
    func answers() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "http", "next": "size",
                 "config": {"url": "https://crm.example.com/"}},
                {"id": "size", "type": "set", "next": "done", "config": {"values": {
                  "body": "{{ $length(it.body) }}", "fields": "{{ $count($keys(it.headers)) }}",
                  "last": "{{ it.headers.`x-64` }}"}}}
                """
        )
        func answer(_ count: Int) -> WorkflowBench.Started {
            var call = bench.start()
            let headers = (1...65).map { HTTPStepRequest.Header(name: "X-\($0)", value: "v") }
            let body = Array(repeating: UInt8(0x61), count: count)
            bench.handle(.response(id: 1, status: 200, headers: headers, body: body), &call)
            return call
        }
        let taken = answer(65_536).explanation.steps.first { $0.id == "size" }?.result
        #expect(taken == ["body": 65_536, "fields": 64, "last": "v"])
        #expect(answer(65_537).failure?.fault.name == "http_too_large")
    }
}
