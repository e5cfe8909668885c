import Gateway
import Primitives
import Routing

/// A call's run through a workflow, from its start to its decision.
enum WorkflowBenchmarks {
    static func run(_ directory: DirectorySnapshot) throws -> [Measurement] {
        [
            measure("workflow: a run of one step", try .shortest(), directory),
            measure("workflow: a run of ten steps", try .usual(), directory),
            measure("workflow: a run of fifty steps", try .longest(), directory, count: 4_000),
            measure("workflow: a run with limit and sticky", try .counting(), directory),
            live("workflow: a run of ten steps, noted for its record", try .usual(), directory),
        ]
    }

    private static func measure(
        _ name: String,
        _ sample: SampleWorkflow,
        _ directory: DirectorySnapshot,
        count: Int = 20_000
    ) -> Measurement {
        var services = LoopServices(snapshot: directory)
        return Measurement(name, count: count) { number in
            var trace = NoTrace()
            var run = WorkflowRun(sample.definition, input: sample.input)
            let now = Instant(nanoseconds: Int64(number) * 10_000)
            guard
                case .decided(let output) = run.start(at: now, services: &services, trace: &trace)
            else { preconditionFailure("the run did not decide") }
            consume(output)
        }
    }

    /// The same as a daemon does it: the steps are noted and written as they stand in the record.
    private static func live(
        _ name: String,
        _ sample: SampleWorkflow,
        _ directory: DirectorySnapshot
    ) -> Measurement {
        var services = LoopServices(snapshot: directory)
        var record = ByteBuffer(capacity: 1_024)
        return Measurement(name, count: 20_000) { number in
            var trace = LiveTrace(of: sample.definition, explains: false)
            var run = WorkflowRun(sample.definition, input: sample.input)
            let now = Instant(nanoseconds: Int64(number) * 10_000)
            let action = run.start(at: now, services: &services, trace: &trace)
            guard case .decided(let output) = action else {
                preconditionFailure("the run did not decide")
            }
            record.removeAll()
            record.appendRecord(of: trace.result(.decided(output), of: action), explain: .never)
        }
    }
}
