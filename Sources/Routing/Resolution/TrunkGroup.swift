/// The trunks whose allowed addresses hold one source: one for most, many where organizations share a
/// carrier's addresses.
package final class TrunkGroup: Sendable {
    /// In the order of the directory; never empty.
    package let trunks: [TrunkEntry]
    /// One trunk for each different way to read an INVITE, in the same order: the number is looked for
    /// once for each way, not once for each trunk.
    package let readings: [TrunkEntry]

    /// Nil for an empty list.
    package init?(_ trunks: [TrunkEntry]) {
        guard !trunks.isEmpty else { return nil }
        self.trunks = trunks
        var readings: [TrunkEntry] = []
        for trunk in trunks where !readings.contains(where: { trunk.reads(like: $0) }) {
            readings.append(trunk)
        }
        self.readings = readings
    }

    /// The trunk of this group that a number's calls may come by.
    func trunk(for entry: NumberEntry) -> Ownership {
        var owner: TrunkEntry?
        for trunk in trunks where trunk.organization == entry.organization {
            if entry.trunk == NumberEntry.none || entry.trunk == trunk.index {
                return .allowed(trunk)
            }
            owner = owner ?? trunk
        }
        return owner.map { .wrongTrunk($0) } ?? .otherOrganization
    }

    enum Ownership {
        case allowed(TrunkEntry)
        /// The organization has a trunk here, but the number is bound to another.
        case wrongTrunk(TrunkEntry)
        /// No trunk here is of the number's organization: to this carrier the number does not exist.
        case otherOrganization
    }
}

extension TrunkEntry {
    fileprivate func reads(like other: TrunkEntry) -> Bool {
        numberSource == other.numberSource && defaultCountry == other.defaultCountry
    }
}
