// What each part of a call costs, on one core: `swift run -c release Benchmarks [--json]`.

let asJSON = CommandLine.arguments.contains("--json")
let usual = try SampleDirectory(numberCount: 10_000)
var measurements = try SIPBenchmarks.run(usual)
for count in [10, 10_000, 1_000_000] {
    let directory = try SampleDirectory(numberCount: count)
    if let measurement = RoutingBenchmarks.resolve(directory) { measurements.append(measurement) }
}
measurements += try WebhookBenchmarks.run(usual)
measurements += try WorkflowBenchmarks.run(usual.snapshot)
let report = Report(measurements: measurements)
print(asJSON ? report.json : report.table)
