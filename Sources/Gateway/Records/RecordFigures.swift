import Synchronization

/// How far the index of calls is behind the call log: written by the indexing thread, read by whoever
/// shows metrics.
final class CallIndexFigures: Sendable {
    /// Bytes of the log that no query finds yet.
    let lagBytes = Atomic<Int>(0)
    /// Files of the log that were removed before their end was read.
    let filesMissed = Atomic<Int>(0)
}
