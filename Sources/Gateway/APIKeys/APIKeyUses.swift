import Primitives
import Synchronization

/// When each API key was used last, on the way from the loops to the store.
///
/// Requests of the management API note it, calls never do, so that a lock may be taken here. It holds
/// no more entries than there are keys.
package final class APIKeyUses: Sendable {
    private let latest = Mutex<[String: WallTime]>([:])

    init() {}

    func note(_ keyID: String, at now: WallTime) {
        latest.withLock { $0[keyID] = now }
    }

    /// What has been noted since the last time.
    package func takeAll() -> [String: WallTime] {
        latest.withLock { uses in
            defer { uses = [:] }
            return uses
        }
    }
}
