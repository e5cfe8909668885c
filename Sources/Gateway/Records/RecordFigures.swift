import Synchronization

/// How the call log and its index are: written by the threads behind the rings, read by whoever shows
/// metrics.
final class RecordFigures: Sendable {
    /// Whether records are written to where they can be found.
    let hasLog = Atomic<Bool>(true)
    /// Writes, syncs and new files of the log that failed.
    let logFailures = Atomic<Int>(0)
    /// Records that the disk did not take before too many waited.
    let linesDropped = Atomic<Int>(0)
    /// Turns of the index that failed.
    let indexFailures = Atomic<Int>(0)
    /// Bytes of the log that no query finds yet.
    let lagBytes = Atomic<Int>(0)
    /// Files of the log that were removed before their end was read.
    let filesMissed = Atomic<Int>(0)
}
