import Primitives

/// Counts calls for `limit` steps: those that came within a window, and those that are still up.
///
/// A bounded table of one loop. When it is full of keys that still count, a new key is not counted:
/// its calls pass, and `overflowCount` says how many did.
package struct CallCounters: Sendable {
    private var windows: [String: Window] = [:]
    private var leases: [String: CallLeases] = [:]
    /// The keys under which each call that is up counts.
    private var keys: [String: [String]] = [:]
    private var leaseCount = 0
    private var nextSweep = Instant(nanoseconds: .min)
    private let capacity: Int
    /// Calls that passed uncounted because the table was full.
    package private(set) var overflowCount = 0

    /// `capacity` bounds the keys that are counted, and the calls that are up.
    package init(capacity: Int = 100_000) {
        self.capacity = max(capacity, 1)
    }

    package var count: Int { windows.count + leaseCount }

    /// Counts one more call of `key` and says how many there are, this one included.
    ///
    /// A window begins with the first call and ends as a whole, so that a bound is exact within it.
    /// Of calls that are up only those up to `max` are kept: one that is turned away holds no
    /// place.
    package mutating func count(
        _ key: String,
        by measure: CallMeasure,
        max: Int,
        call: String,
        at now: Instant
    ) -> Int {
        switch measure {
        case .arrivals(let length): arrive(key, length, at: now)
        case .concurrent(let lease): enter(key, call, lease, max: max, at: now)
        }
    }

    /// Ends a call that counted as being up, under every key, as a status callback says it.
    package mutating func end(call: String) {
        for key in keys.removeValue(forKey: call) ?? [] where leases[key]?.remove(call) == true {
            leaseCount -= 1
            if leases[key]?.isEmpty == true { leases[key] = nil }
        }
    }

    private mutating func arrive(_ key: String, _ length: Interval, at now: Instant) -> Int {
        if let place = windows.index(forKey: key) {
            if now < windows.values[place].end {
                windows.values[place].count += 1
                return windows.values[place].count
            }
            windows.values[place] = Window(end: now + length, count: 1)
            return 1
        }
        guard hasRoom(at: now) else { return 1 }
        windows[key] = Window(end: now + length, count: 1)
        return 1
    }

    private mutating func enter(
        _ key: String,
        _ call: String,
        _ lease: Interval,
        max: Int,
        at now: Instant
    ) -> Int {
        expireLeases(of: key, at: now)
        let up = leases[key]?.count ?? 0
        // The same call again: a retransmission, or its next webhook.
        if leases[key]?.contains(call) == true { return up }
        guard up < max else { return up + 1 }
        guard hasRoom(at: now) else { return up + 1 }
        leases[key, default: CallLeases()].insert(call, until: now + lease)
        keys[call, default: []].append(key)
        leaseCount += 1
        return up + 1
    }

    private mutating func expireLeases(of key: String, at now: Instant) {
        while let call = leases[key]?.removeExpired(at: now) {
            leaseCount -= 1
            let others = keys[call]?.filter { $0 != key } ?? []
            keys[call] = others.isEmpty ? nil : others
        }
        if leases[key]?.isEmpty == true { leases[key] = nil }
    }

    /// Whether one more row fits.
    ///
    /// Sweeps at most once a second, so that a full table costs no call much.
    private mutating func hasRoom(at now: Instant) -> Bool {
        if count < capacity { return true }
        if now >= nextSweep {
            nextSweep = now + .seconds(1)
            windows = windows.filter { now < $0.value.end }
            for key in Array(leases.keys) { expireLeases(of: key, at: now) }
        }
        if count < capacity { return true }
        overflowCount &+= 1
        return false
    }

    private struct Window: Sendable {
        var end: Instant
        var count: Int
    }
}
