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
}
