import AllocationCounter
import Primitives
import Transport

/// What one operation costs: the best of several runs, because the others measured the neighbours too.
struct Measurement {
    var name: String
    var nanoseconds: Double
    /// Requests for memory in one operation; in steady state the call path has none.
    var allocations: Double

    /// Runs `operation` `count` times in each of `runs` runs, after one run to warm up.
    ///
    /// `operation` hears its number, which never comes twice; `between` is called after each run and
    /// is not measured.
    init(
        _ name: String,
        count: Int = 20_000,
        runs: Int = 15,
        between: () -> Void = {},
        operation: (Int) -> Void
    ) {
        self.name = name
        nanoseconds = .infinity
        allocations = .infinity
        for run in 0...runs {
            let allocationsBefore = allocation_count()
            let start = Clock.now()
            for number in (run * count)..<((run + 1) * count) { operation(number) }
            let spent = Clock.now() - start
            let allocated = allocation_count() - allocationsBefore
            between()
            guard run > 0 else { continue }
            nanoseconds = min(nanoseconds, Double(spent.nanoseconds) / Double(count))
            allocations = min(allocations, Double(allocated) / Double(count))
        }
    }
}

/// Keeps the optimizer from dropping what a benchmark computes.
@inline(never)
func consume<Value>(_ value: borrowing Value) where Value: ~Copyable {}
