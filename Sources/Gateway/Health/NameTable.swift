import Primitives
import Transport

/// The addresses of the names that targets have, and which of them are to be asked for again.
///
/// Addresses stay in use while their name server does not answer.
package struct NameTable {
    private var entries: [String: Entry] = [:]

    package init() {}

    private struct Entry {
        var addresses: [IPAddress] = []
        var askedAt: Instant
        var isAsked = true
        /// What to tell people while there is no address.
        var text = "the name is not resolved yet"
    }

    package enum Lookup {
        case address(IPAddress)
        case missing(String)
    }

    /// The names that are not known yet, or not any longer: ask for each of them.
    package mutating func due(_ names: some Sequence<String>, at now: Instant) -> [String] {
        var due: [String] = []
        for name in names {
            if let entry = entries[name], entry.isAsked || now - entry.askedAt < Limits.nameLifetime
            {
                continue
            }
            entries[name, default: Entry(askedAt: now)].isAsked = true
            entries[name]?.askedAt = now
            due.append(name)
        }
        return due
    }

    /// Takes in what the resolver says.
    package mutating func note(_ name: String, _ answer: HostNames.Answer) {
        guard entries[name] != nil else { return }
        entries[name]?.isAsked = false
        switch answer {
        case .addresses(let addresses): entries[name]?.addresses = addresses
        case .none: entries[name]?.text = "the name has no address"
        case .failed: entries[name]?.text = "the name server does not answer"
        }
    }

    /// The address to probe; `turn` goes round where a name has several.
    package func address(of host: ProbeDestination.Host, turn: UInt32) -> Lookup {
        switch host {
        case .address(let address): return .address(address)
        case .name(let name):
            guard let entry = entries[name] else { return .missing("the name is not resolved yet") }
            guard !entry.addresses.isEmpty else { return .missing(entry.text) }
            return .address(entry.addresses[Int(turn) % entry.addresses.count])
        }
    }

    /// Forgets the names that no target has any longer.
    package mutating func keep(only names: Set<String>) {
        entries = entries.filter { names.contains($0.key) }
    }
}

extension ProbeDestination.Host {
    /// The name, nil for an address.
    var name: String? {
        guard case .name(let name) = self else { return nil }
        return name
    }
}
