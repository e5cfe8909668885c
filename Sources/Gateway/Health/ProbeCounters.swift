import Primitives
import Synchronization

/// What the probing thread counts, for whoever shows metrics.
final class ProbeCounters: Sendable {
    private let up = Atomic<Int>(0)
    private let down = Atomic<Int>(0)
    private let unknown = Atomic<Int>(0)
    private let answered = Atomic<Int>(0)
    private let missed = Atomic<Int>(0)
    private let inconclusive = Atomic<Int>(0)

    func set(_ counts: ProbeSchedule.Counts) {
        up.store(counts.up, ordering: .relaxed)
        down.store(counts.down, ordering: .relaxed)
        unknown.store(counts.unknown, ordering: .relaxed)
    }

    func add(_ finding: TargetProbe.Finding) {
        switch finding {
        case .answer: answered.add(1, ordering: .relaxed)
        case .miss: missed.add(1, ordering: .relaxed)
        case .nothing: inconclusive.add(1, ordering: .relaxed)
        }
    }

    /// One row for each metric: name, type, help, value.
    var metrics: [(name: StaticString, type: StaticString, help: StaticString, value: Int)] {
        [
            (
                "trunkline_targets_up", "gauge", "Targets that answer probes.",
                up.load(ordering: .relaxed)
            ),
            (
                "trunkline_targets_down", "gauge", "Targets that are left out of answers.",
                down.load(ordering: .relaxed)
            ),
            (
                "trunkline_targets_unknown", "gauge", "Targets without a verdict yet.",
                unknown.load(ordering: .relaxed)
            ),
            (
                "trunkline_probes_answered_total", "counter", "Probes that were answered.",
                answered.load(ordering: .relaxed)
            ),
            (
                "trunkline_probes_missed_total", "counter", "Probes that were not.",
                missed.load(ordering: .relaxed)
            ),
            (
                "trunkline_probes_inconclusive_total", "counter",
                "Probes that could not be sent, for want of an address or a route.",
                inconclusive.load(ordering: .relaxed)
            ),
        ]
    }
}
