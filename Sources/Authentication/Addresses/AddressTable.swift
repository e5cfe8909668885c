import Primitives

/// Tells which entries hold a source address: trunks by the networks that they may send from.
///
/// Made once from all entries and never changed. Each network that is named stores the entries of itself
/// and of all wider networks around it, so that a lookup ends at the longest network that matches: one
/// probe of a hash table for each length in use, however many networks there are.
package struct AddressTable: Sendable {
    /// The lengths in use, longest first.
    private let lengths4: [UInt8]
    private let lengths6: [UInt8]
    /// Open addressing with linear probing; the count is a power of two, at most half of it is in use.
    private let slots: [Slot]
    private let groups: [[UInt32]]

    private struct Slot: Sendable {
        var address = IPAddress(high: 0, low: 0)
        var length: UInt8 = 0
        /// The index in `groups`, or -1 in a free slot.
        var group: Int32 = -1
    }

    /// Entries that name the same network add up; an entry with several networks comes several times.
    package init(entries: [(prefix: AddressPrefix, value: UInt32)]) {
        var own: [AddressPrefix: [UInt32]] = [:]
        for entry in entries { own[entry.prefix, default: []].append(entry.value) }
        lengths4 = Self.lengths(of: own.keys, isIPv4: true)
        lengths6 = Self.lengths(of: own.keys, isIPv4: false)

        var slots = [Slot](repeating: Slot(), count: Self.slotCount(for: own.count))
        var groups: [[UInt32]] = []
        var known: [[UInt32]: Int32] = [:]
        for prefix in own.keys {
            var union: Set<UInt32> = []
            for length in prefix.isIPv4 ? lengths4 : lengths6 where length <= prefix.length {
                let around = AddressPrefix(prefix.address, length: Int(length))
                union.formUnion(own[around] ?? [])
            }
            let values = union.sorted()
            let group = known[values] ?? Int32(truncatingIfNeeded: groups.count)
            if known.updateValue(group, forKey: values) == nil { groups.append(values) }
            Self.insert(prefix, group: group, into: &slots)
        }
        self.slots = slots
        self.groups = groups
    }

    /// The index of the group of entries whose networks hold `address`, or nil for a stranger.
    package func lookup(_ address: IPAddress) -> Int? {
        let lengths = address.isIPv4 ? lengths4 : lengths6
        for length in lengths {
            let network = address.masked(to: Int(length))
            var index = Self.home(of: network, length: length, in: slots.count)
            // At least half of the slots are free, so that the walk ends.
            while slots[index].group >= 0 {
                let slot = slots[index]
                if slot.address == network, slot.length == length { return Int(slot.group) }
                index = (index &+ 1) & (slots.count &- 1)
            }
        }
        return nil
    }

    /// The entries of a group in ascending order; empty for an index that `lookup` did not give.
    package func values(at group: Int) -> [UInt32] {
        groups.indices.contains(group) ? groups[group] : []
    }

    /// How many different groups there are; `lookup` gives 0 up to this.
    package var groupCount: Int { groups.count }

    private static func lengths(
        of prefixes: some Sequence<AddressPrefix>,
        isIPv4: Bool
    ) -> [UInt8] {
        var seen: Set<UInt8> = []
        for prefix in prefixes where prefix.isIPv4 == isIPv4 {
            seen.insert(UInt8(truncatingIfNeeded: prefix.length))
        }
        return seen.sorted(by: >)
    }

    private static func slotCount(for prefixes: Int) -> Int {
        var count = 2
        while count < prefixes &* 2 { count &*= 2 }
        return count
    }

    private static func insert(_ prefix: AddressPrefix, group: Int32, into slots: inout [Slot]) {
        let length = UInt8(truncatingIfNeeded: prefix.length)
        var index = home(of: prefix.address, length: length, in: slots.count)
        while slots[index].group >= 0 { index = (index &+ 1) & (slots.count &- 1) }
        slots[index] = Slot(address: prefix.address, length: length, group: group)
    }

    /// Only configuration fills the table, so that a plain mixing function does: peers cannot steer it.
    private static func home(of address: IPAddress, length: UInt8, in count: Int) -> Int {
        let high = (address.high ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15
        let word = (high ^ address.low) &* 0xBF58_476D_1CE4_E5B9
        return Int(truncatingIfNeeded: (word ^ word >> 32) >> 16) & (count &- 1)
    }
}
