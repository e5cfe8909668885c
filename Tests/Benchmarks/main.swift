// What each part of a call costs, on one core: `swift run -c release Benchmarks [--json]`.
// `--worst`: what hostile messages cost. `--timing`: whether a comparison of secrets tells anything.
// `--parse`: what the parser makes of messages on standard input (Tests/Peers/differential.py).

if CommandLine.arguments.contains("--worst") {
    var inputs = try WorstInputs()
    let (rows, total) = inputs.run()
    print(
        "\(total) inputs of 64,000 octets; the slowest, and how much slower than a quarter of each:"
    )
    for row in rows {
        let ratio = Double(Int(row.ratio * 10)) / 10
        print("\(row.nanoseconds / 1_000) µs  × \(ratio)  \(row.name)")
    }
} else if CommandLine.arguments.contains("--timing") {
    for row in TimingLeak.run() {
        let t = Double(Int(row.t * 100)) / 100
        print("t = \(t)  \(row.name): \(row.firstNanoseconds) ns, \(row.lastNanoseconds) ns")
    }
} else if CommandLine.arguments.contains("--parse") {
    ParseList.run()
} else {
    let asJSON = CommandLine.arguments.contains("--json")
    let usual = try SampleDirectory(numberCount: 10_000)
    var measurements = try SIPBenchmarks.run(usual)
    for count in [10, 10_000, 1_000_000] {
        let directory = try SampleDirectory(numberCount: count)
        if let measurement = RoutingBenchmarks.resolve(directory) {
            measurements.append(measurement)
        }
    }
    measurements += try WebhookBenchmarks.run(usual)
    measurements += try WorkflowBenchmarks.run(usual.snapshot)
    let report = Report(measurements: measurements)
    print(asJSON ? report.json : report.table)
}
