import Primitives

/// The measurements as a table for people or as JSON for a comparison.
struct Report {
    var measurements: [Measurement]

    var table: String {
        let width = measurements.map(\.name.count).max() ?? 0
        let lines = measurements.map { measurement in
            let name = measurement.name + padding(width - measurement.name.count)
            let time = rounded(measurement.nanoseconds, decimals: 0)
            let memory = rounded(measurement.allocations, decimals: 2)
            return "\(name)  \(aligned(time, 9)) ns  \(aligned(memory, 8)) allocations"
        }
        return lines.joined(separator: "\n")
    }

    var json: String {
        var out = ByteBuffer()
        out.append("[\n")
        for (index, measurement) in measurements.enumerated() {
            out.append("  {\"name\":")
            out.appendJSONString(measurement.name)
            out.append(",\"nanoseconds\":")
            out.append(rounded(measurement.nanoseconds, decimals: 1))
            out.append(",\"allocations\":")
            out.append(rounded(measurement.allocations, decimals: 3))
            out.append(index + 1 < measurements.count ? "},\n" : "}\n")
        }
        out.append("]")
        return out.text
    }

    private func padding(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }

    private func aligned(_ text: String, _ width: Int) -> String {
        padding(width - text.count) + text
    }

    private func rounded(_ value: Double, decimals: Int) -> String {
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded())
        var out = ByteBuffer()
        out.appendDecimal(scaled / scale)
        guard decimals > 0 else { return out.text }
        out.append(".")
        out.appendDecimal(scaled % scale, digits: decimals)
        return out.text
    }
}
