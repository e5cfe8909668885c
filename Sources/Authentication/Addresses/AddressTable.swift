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
    /// A part of the hash for each slot, 0 where it is free: a stranger is found out in these few
    /// cache lines, without a look at the slots.
    private let tags: [UInt16]
    private let groups: [[UInt32]]

    private struct Slot: Sendable {
        var address = IPAddress(high: 0, low: 0)
        var length: UInt8 = 0
        /// The index in `groups`.
        var group: Int32 = 0

        /// Compares word by word: `==` of another target is not inlined.
        func names(_ network: IPAddress, _ length: UInt8) -> Bool {
            self.length == length && address.low == network.low && address.high == network.high
        }
    }

    /// Entries that name the same network add up; an entry with several networks comes several times.
    package init(entries: [(prefix: AddressPrefix, value: UInt32)]) {
        var own: [AddressPrefix: [UInt32]] = [:]
        for entry in entries { own[entry.prefix, default: []].append(entry.value) }
        lengths4 = Self.lengths(of: own.keys, isIPv4: true)
        lengths6 = Self.lengths(of: own.keys, isIPv4: false)

        let slotCount = Self.slotCount(for: own.count)
        var slots = [Slot](repeating: Slot(), count: slotCount)
        var tags = [UInt16](repeating: 0, count: slotCount)
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
            let length = UInt8(truncatingIfNeeded: prefix.length)
            var place = Place(of: prefix.address, length: length, in: slotCount)
            while tags[place.index] != 0 { place.advance() }
            tags[place.index] = place.tag
            slots[place.index] = Slot(address: prefix.address, length: length, group: group)
        }
        self.slots = slots
        self.tags = tags
        self.groups = groups
    }

    /// The index of the group of entries whose networks hold `address`, or nil for a stranger.
    package func lookup(_ address: IPAddress) -> Int? {
        let lengths = address.isIPv4 ? lengths4 : lengths6
        for length in lengths {
            let network = address.masked(to: Int(length))
            var place = Place(of: network, length: length, in: tags.count)
            // At least half of the slots are free, so that the walk ends.
            while tags[place.index] != 0 {
                if tags[place.index] == place.tag, slots[place.index].names(network, length) {
                    return Int(slots[place.index].group)
                }
                place.advance()
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

    /// Where a network lies in the table, and what marks its slot.
    private struct Place {
        var index: Int
        let tag: UInt16
        private let mask: Int

        /// The first place of a network in a table of `count` slots, a power of two.
        ///
        /// Only configuration fills the table, so that plain mixing does: peers cannot steer it.
        init(of address: IPAddress, length: UInt8, in count: Int) {
            let high = (address.high ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15
            let word = (high ^ address.low) &* 0xBF58_476D_1CE4_E5B9
            let mixed = word ^ word >> 32
            mask = count &- 1
            index = Int(truncatingIfNeeded: mixed >> 16) & mask
            tag = UInt16(truncatingIfNeeded: mixed) | 1
        }

        mutating func advance() {
            index = (index &+ 1) & mask
        }
    }
}
