import JSONata
import Primitives

/// The services of one event loop: its own counters and memory, over the snapshot of the moment.
package struct LoopServices: WorkflowServices {
    package var counters: CallCounters
    package var sticky: StickyTable
    package let evaluator = Evaluator.ofRuns()
    /// The directory that the call is decided by; set it before each run.
    package var snapshot: DirectorySnapshot

    package init(
        snapshot: DirectorySnapshot,
        counters: CallCounters = CallCounters(),
        sticky: StickyTable = StickyTable()
    ) {
        self.snapshot = snapshot
        self.counters = counters
        self.sticky = sticky
    }

    package mutating func count(
        _ key: String,
        by measure: CallMeasure,
        max: Int,
        call: String,
        at now: Instant
    ) -> Int {
        counters.count(key, by: measure, max: max, call: call, at: now)
    }

    package mutating func recall(
        _ key: String,
        within lifetime: Interval,
        at now: Instant
    ) -> String? {
        sticky.recall(key, within: lifetime, at: now)
    }

    package mutating func remember(_ key: String, agent: String, at now: Instant) {
        sticky.remember(key, agent: agent, at: now)
    }

    /// Lists live in definitions; the directory holds none beside them.
    package func lookup(
        _ key: String,
        in list: String,
        organization: String,
        at time: WallTime
    ) -> JSONValue? { nil }

    package func isUsable(agent: String, version: Int?, organization: String) -> Bool {
        guard let owner = snapshot.organization(named: organization),
            let entry = snapshot.agent(named: agent, organization: owner.index), entry.isActive
        else { return false }
        return entry.version(UInt32(clamping: version ?? 0)) != nil
    }
}
