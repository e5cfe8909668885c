import Primitives

/// Metrics in Prometheus' text format (version 0.0.4): for each its help, its type and its samples.
struct MetricsText {
    private(set) var text = ByteBuffer()

    /// Begins a metric; its samples follow.
    mutating func begin(_ name: StaticString, _ type: StaticString, _ help: StaticString) {
        text.append("# HELP ")
        text.append(name)
        text.append(" ")
        text.append(help)
        text.append("\n# TYPE ")
        text.append(name)
        text.append(" ")
        text.append(type)
        text.append("\n")
    }

    /// One sample of the metric begun last.
    ///
    /// Values of labels are words of ours, with nothing in them to escape.
    mutating func sample(
        _ name: StaticString,
        suffix: StaticString = "",
        _ labels: [(name: StaticString, value: String)],
        _ value: String
    ) {
        text.append(name)
        text.append(suffix)
        for (index, label) in labels.enumerated() {
            text.append(index == 0 ? "{" : ",")
            text.append(label.name)
            text.append("=\"")
            text.append(label.value)
            text.append("\"")
        }
        text.append(labels.isEmpty ? " " : "} ")
        text.append(value)
        text.append("\n")
    }

    /// A metric that has one sample.
    mutating func write(
        _ name: StaticString,
        _ type: StaticString,
        _ help: StaticString,
        _ value: Int
    ) {
        begin(name, type, help)
        sample(name, [], String(value))
    }
}
