/// Which targets are known to be down, as one bit for each index of a `ProbeTable`.
///
/// What is not known to be down counts as up: a target that was never probed, or that cannot be.
package struct TargetHealth: Hashable, Sendable {
    private var words: [UInt64] = []
    /// How many targets are down.
    package private(set) var downCount = 0

    /// Nothing is down.
    package init() {}

    /// The targets with these URIs are down; a URI that the table does not have is passed over.
    package init(down uris: some Sequence<[UInt8]>, in table: ProbeTable) {
        for uri in uris {
            guard let index = table.index(of: uri) else { continue }
            let (word, bit) = Self.place(of: index)
            while words.count <= word { words.append(0) }
            guard words[word] & bit == 0 else { continue }
            words[word] |= bit
            downCount += 1
        }
    }

    /// Whether the target with this index is known to be down; never true of `TargetEntry.noProbe`.
    package func isDown(_ probe: UInt32) -> Bool {
        let (word, bit) = Self.place(of: probe)
        return word < words.count && words[word] & bit != 0
    }

    private static func place(of index: UInt32) -> (word: Int, bit: UInt64) {
        (Int(index >> 6), 1 &<< UInt64(index & 63))
    }
}
