import JSONata
import Primitives
import Routing
import Testing

@Suite("Limits of one workflow run")
struct RunLimitTests {
    @Test("an expression that fails leads to on_error, or fails the run")
    func expressionError() throws {
        let step =
            #"{"id": "it", "type": "set", "next": "done", "config": {"values": {"a": "{{ 1 + 'a' }}"}}"#
        var bench = try WorkflowBench(steps: step + "}")
        let run = bench.start()
        #expect(run.failure?.fault.name == "expression_error")
        #expect(run.failure?.step == "it")
        var saved = try WorkflowBench(steps: step + #", "on_error": "done"}"#)
        #expect(saved.start().output?.agentID == "sales")
    }

    @Test("100,000 operations are shared by all expressions of a run, and on_error does not help")
    func operations() throws {
        func run(_ counts: [Int]) throws -> WorkflowBench.Started {
            let values = counts.enumerated().map { index, count in
                #""v\#(index)": "{{ $sum($map([1..\#(count)], function($x) { $x })) }}""#
            }
            var bench = try WorkflowBench(
                steps: """
                    {"id": "it", "type": "set", "next": "done", "on_error": "done",
                     "config": {"values": {\(values.joined(separator: ","))}}}
                    """
            )
            return bench.start()
        }
        #expect(try run([2_000]).output?.agentID == "sales")
        #expect(try run([200_000]).failure?.fault.name == "too_many_operations")
        #expect(
            try run(Array(repeating: 5_000, count: 20)).failure?.fault.name == "too_many_operations"
        )
    }

    @Test("a run visits 64 steps at most")
    func visits() throws {
        func run(notes count: Int) throws -> WorkflowBench.Started {
            let notes = (0..<count).map { index in
                let next = index == count - 1 ? "done" : "n\(index + 1)"
                return #"{"id": "n\#(index)", "type": "note", "next": "\#(next)"}"#
            }
            var bench = try WorkflowBench(steps: notes.joined(separator: ",\n"), first: "n0")
            return bench.start()
        }
        // With the trigger and the output.
        #expect(try run(notes: 62).output?.agentID == "sales")
        let long = try run(notes: 63)
        #expect(long.failure?.fault.name == "too_many_steps" && long.failure?.step == "done")
    }

    @Test("the last of the 100,000 operations is still allowed, the next one is not")
    func lastOperation() throws {
        func text(_ count: Int) -> String { "$count([1..\(count)])" }
        func operations(_ count: Int) throws -> Int {
            let evaluator = Evaluator(timestamp: WallTime(seconds: 0), seed: .number(0))
            let expression = try Expression(parsing: text(count))
            _ = try evaluator.value(of: expression, over: nil, limits: EvaluationLimits())
            return evaluator.operationCount
        }
        func run(_ counts: [Int]) throws -> WorkflowBench.Started {
            let values = counts.enumerated().map { #""v\#($0)": "{{ \#(text($1)) }}""# }
            var bench = try WorkflowBench(
                """
                {"initial_step": "it", "steps": [
                  {"id": "it", "type": "set", "next": "answer",
                   "config": {"values": {\(values.joined(separator: ","))}}},
                  {"id": "answer", "type": "output",
                   "config": {"fields": [{"name": "agent_id", "value": "sales"}]}}]}
                """
            )
            return bench.start()
        }
        let full = Array(repeating: 7_000, count: 7)
        let left = 100_000 - full.count * (try operations(7_000))
        let rest = try #require((1...2_000).first { try operations($0) == left })
        #expect(try run(full + [rest]).output?.agentID == "sales")
        #expect(try run(full + [rest + 1]).failure?.fault.name == "too_many_operations")
    }

    @Test("the values of a run have at most 256 KiB together")
    func values() throws {
        func run(_ count: Int) throws -> WorkflowBench.Started {
            var bench = try WorkflowBench(
                steps: """
                    {"id": "a", "type": "set", "next": "it", "on_error": "done",
                     "config": {"values": {"x": "{{ $pad('', \(count), 'x') }}"}}},
                    {"id": "it", "type": "set", "next": "done", "on_error": "done",
                     "config": {"values": {"x": "{{ $length(a.x) }}", "y": "{{ a.x }}"}}}
                    """,
                first: "a"
            )
            return bench.start()
        }
        #expect(try run(200).output?.agentID == "sales")
        #expect(try run(200_000).failure?.fault.name == "values_too_large")
        #expect(try run(500_000).failure?.fault.name == "values_too_large")
    }

    @Test("a recursion without end is an error of its step")
    func recursion() throws {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "set", "next": "done",
                 "config": {"values": {"a": "{{ ($f := function($x) { 1 + $f($x) }; $f(1)) }}"}}}
                """
        )
        #expect(bench.start().failure != nil)
    }

    @Test("an input that is too large fails the run instead of growing")
    func largeInput() throws {
        var bench = try WorkflowBench(steps: #"{"id": "it", "type": "note", "next": "done"}"#)
        var input = WorkflowBench.call()
        input.headers = [("X-Large", String(repeating: "x", count: 300_000))]
        #expect(bench.start(input).failure?.fault.name == "values_too_large")
    }
}
