import Primitives

/// How many connections each peer address has open, and whether it may open another.
///
/// IPv6 peers are counted by their /64, because that is what one customer is given. Addresses that
/// the operator exempts, such as a load balancer, are not counted: a limit that cannot be lifted for
/// them cuts off everybody behind them. The table holds no more rows than there are connections.
package struct ConnectionQuota: Sendable {
    package let perAddressMax: Int
    package let totalMax: Int
    package private(set) var total = 0
    private var counts: [IPAddress: Int] = [:]

    /// - Parameters:
    ///   - perAddressMax: Connections from one address at a time.
    ///   - totalMax: Connections from all addresses, exempt ones included.
    package init(perAddressMax: Int, totalMax: Int) {
        self.perAddressMax = perAddressMax
        self.totalMax = totalMax
    }

    /// Counts one more connection, or says no; each yes is to be followed by one `release` with the
    /// same arguments.
    package mutating func admit(_ address: IPAddress, isExempt: Bool = false) -> Bool {
        guard total < totalMax else { return false }
        if !isExempt {
            let key = Self.key(address)
            let count = counts[key] ?? 0
            guard count < perAddressMax else { return false }
            counts[key] = count + 1
        }
        total += 1
        return true
    }

    package mutating func release(_ address: IPAddress, isExempt: Bool = false) {
        total = max(total - 1, 0)
        guard !isExempt, let count = counts[Self.key(address)] else { return }
        counts[Self.key(address)] = count > 1 ? count - 1 : nil
    }

    private static func key(_ address: IPAddress) -> IPAddress {
        address.isIPv4 ? address : IPAddress(high: address.high, low: 0)
    }
}
