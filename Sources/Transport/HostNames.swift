import CLinux
import Primitives

/// Asks the system's resolver for the addresses of names; it waits, so `NameResolver` asks.
package enum HostNames {
    /// What the resolver says of a name.
    package enum Answer: Sendable, Hashable {
        /// In the order of preference; at most `addressesMax`.
        case addresses([IPAddress])
        /// The name has no address.
        case none
        /// Nobody could say.
        case failed

        /// The addresses; none when the name has none, or nobody could say.
        package var found: [IPAddress] {
            guard case .addresses(let addresses) = self else { return [] }
            return addresses
        }
    }

    /// More addresses of one name than are ever tried.
    private static let addressesMax = 8

    /// What `name` stands for.
    package static func resolve(_ name: String) -> Answer {
        var found = Array(repeating: clinux_endpoint(), count: addressesMax)
        let count = clinux_resolve(name, &found, Int32(addressesMax))
        guard count >= 0 else { return .failed }
        return count == 0
            ? .none : .addresses(found.prefix(Int(count)).map { IPEndpoint($0).address })
    }
}
