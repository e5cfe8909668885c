/// The trunks whose allowed addresses hold one source: one for most, many where organizations share a
/// carrier's addresses.
package final class TrunkGroup: Sendable {
    /// In the order of the directory; never empty.
    package let trunks: [TrunkEntry]
    /// One trunk for each different way to read an INVITE, in the same order: the number is looked for
    /// once for each way, not once for each trunk.
    package let readings: [TrunkEntry]
    /// The same trunks with those of one organization side by side, in the same order.
    private let byOrganization: [TrunkEntry]

    /// Nil for an empty list.
    package init?(_ trunks: [TrunkEntry]) {
        guard !trunks.isEmpty else { return nil }
        self.trunks = trunks
        var readings: [TrunkEntry] = []
        for trunk in trunks where !readings.contains(where: { trunk.reads(like: $0) }) {
            readings.append(trunk)
        }
        self.readings = readings
        // Swift's sort is not stable by contract: the directory's order decides between equals.
        byOrganization = trunks.enumerated()
            .sorted { ($0.element.organization, $0.offset) < ($1.element.organization, $1.offset) }
            .map(\.element)
    }

    /// The trunk of this group that a number's calls may come by.
    func trunk(for entry: NumberEntry) -> Ownership {
        let first = firstIndex(of: entry.organization)
        var index = first
        while index < byOrganization.count,
            byOrganization[index].organization == entry.organization
        {
            let trunk = byOrganization[index]
            if entry.trunk == NumberEntry.none || entry.trunk == trunk.index {
                return .allowed(trunk)
            }
            index &+= 1
        }
        return index > first ? .wrongTrunk(byOrganization[first]) : .otherOrganization
    }

    /// Where the trunks of an organization begin, or would.
    private func firstIndex(of organization: UInt32) -> Int {
        var low = 0
        var high = byOrganization.count
        while low < high {
            let middle = (low &+ high) / 2
            if byOrganization[middle].organization < organization {
                low = middle &+ 1
            } else {
                high = middle
            }
        }
        return low
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
