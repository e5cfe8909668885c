/// The entries of one kind by index, and their indices by name.
///
/// An index stays with its entry for ever: numbers refer to entries by index, and a removed entry
/// leaves a hole that is not filled again before the directory is built anew.
struct EntryTable<Entry: AnyObject & Sendable>: Sendable {
    private(set) var entries: [Entry?] = []
    private var indices: [EntryName: UInt32] = [:]
    /// What was found last: rows that follow each other mostly name the same things.
    private var recent: (name: EntryName, index: UInt32)?

    subscript(index: UInt32) -> Entry? {
        index < UInt32(truncatingIfNeeded: entries.count) ? entries[Int(index)] : nil
    }

    func index(of id: String, organization: UInt32) -> UInt32? {
        indices[EntryName(organization: organization, id: id)]
    }

    /// The same as `index(of:organization:)`, faster when the name is the last one again.
    mutating func find(_ id: String, organization: UInt32) -> UInt32? {
        if let recent, recent.name.id == id, recent.name.organization == organization {
            return recent.index
        }
        guard let index = index(of: id, organization: organization) else { return nil }
        recent = (EntryName(organization: organization, id: id), index)
        return index
    }

    /// Puts an entry under its name: in the place of the one that has it, or behind all others.
    mutating func put(_ id: String, organization: UInt32, _ make: (UInt32) -> Entry) {
        let name = EntryName(organization: organization, id: id)
        if let index = indices[name] {
            entries[Int(index)] = make(index)
            return
        }
        let index = UInt32(truncatingIfNeeded: entries.count)
        indices[name] = index
        entries.append(make(index))
    }

    /// Takes the entry of this name away; false when there is none.
    mutating func remove(_ id: String, organization: UInt32) -> Bool {
        let name = EntryName(organization: organization, id: id)
        guard let index = indices.removeValue(forKey: name) else { return false }
        entries[Int(index)] = nil
        recent = nil
        return true
    }
}

/// Ids are unique within an organization.
private struct EntryName: Hashable, Sendable {
    var organization: UInt32
    var id: String
}
