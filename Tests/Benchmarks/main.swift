// What each part of a call costs, on one core: `swift run -c release Benchmarks [--json] [--only workflow]`;
// the groups are sip, routing, webhook and workflow.
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
    let arguments = CommandLine.arguments
    let asJSON = arguments.contains("--json")
    let only = arguments.drop { $0 != "--only" }.dropFirst().first
    let isWanted = { (group: String) in only == nil || only == group }
    let usual = try SampleDirectory(numberCount: 10_000)
    var measurements: [Measurement] = []
    if isWanted("sip") { measurements += try SIPBenchmarks.run(usual) }
    if isWanted("routing") { measurements += try RoutingBenchmarks.run() }
    if isWanted("webhook") { measurements += try WebhookBenchmarks.run(usual) }
    if isWanted("workflow") { measurements += try WorkflowBenchmarks.run(usual.snapshot) }
    let report = Report(measurements: measurements)
    print(asJSON ? report.json : report.table)
}
