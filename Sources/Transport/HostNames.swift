import CLinux
import Primitives

/// Asks the system's resolver for the addresses of names; it waits, so only threads of their own ask.
package enum HostNames {
    package enum Answer: Sendable, Hashable {
        /// In the order of preference; at most `addressesMax`.
        case addresses([IPAddress])
        /// The name has no address.
        case none
        /// Nobody could say.
        case failed
    }

    /// More addresses of one name than are ever tried.
    package static let addressesMax = 8

    /// The addresses of `name`; none when it has none, or nobody could say.
    package static func addresses(of name: String) -> [IPAddress] {
        guard case .addresses(let addresses) = resolve(name) else { return [] }
        return addresses
    }

    package static func resolve(_ name: String) -> Answer {
        var found = Array(repeating: clinux_endpoint(), count: addressesMax)
        let count = clinux_resolve(name, &found, Int32(addressesMax))
        guard count >= 0 else { return .failed }
        return count == 0
            ? .none : .addresses(found.prefix(Int(count)).map { IPEndpoint($0).address })
    }
}
