/// The members of a JSON object in the order in which they came.
///
/// Up to 16 members are searched one by one, which is faster than hashing; more get a hash table
/// whose seed differs in each process, so that a peer cannot choose keys that collide.
package struct JSONObject: Sendable {
    private(set) var entries: [Entry] = []
    /// Open addressing: position in `entries` plus one, or 0; nil while there are few members.
    private var table: [UInt32]?
    /// The identity of a copy that a transform is about to change; 0 for everything else.
    var tag: UInt32 = 0
    private var nesting: UInt8 = 1
    /// How much there is to write if all members are written; see `JSONValue.weight`.
    private(set) var weight: UInt16 = 1

    package struct Entry: Sendable {
        package let key: String
        package fileprivate(set) var value: JSONValue
    }

    package init() {}

    /// An empty object with room for `capacity` members.
    package init(capacity: Int) {
        entries.reserveCapacity(capacity)
    }

    package var depth: Int { Int(nesting) }

    package var keys: [String] { entries.map(\.key) }

    /// Setting nil removes the member; setting a new key adds it at the end.
    package subscript(key: String) -> JSONValue? {
        get {
            guard let position = position(of: key) else { return nil }
            return entries[position].value
        }
        set {
            guard let newValue else { return removeValue(forKey: key) }
            set(newValue, forKey: key)
        }
    }

    /// Replaces the member `key` where it stands, or adds it at the end.
    package mutating func set(_ value: JSONValue, forKey key: String) {
        if let position = position(of: key) {
            if value.depth >= Int(nesting) { nesting = UInt8(clamping: value.depth + 1) }
            weigh(-entries[position].value.weight)
            weigh(value.weight)
            entries[position].value = value
            return
        }
        append(value, forNewKey: key)
    }

    /// The same as `set` for a key that is known not to be there yet.
    package mutating func append(_ value: JSONValue, forNewKey key: String) {
        if value.depth >= Int(nesting) { nesting = UInt8(clamping: value.depth + 1) }
        weigh(value.weight + 1 + key.utf8.count / JSONValue.bytesPerWeight)
        entries.append(Entry(key: key, value: value))
        guard let size = table?.count else {
            if entries.count > Self.linearCountMax { rebuildTable() }
            return
        }
        if entries.count * 2 > size {
            rebuildTable()
        } else {
            insert(position: entries.count - 1)
        }
    }

    package mutating func removeValue(forKey key: String) {
        guard let position = position(of: key) else { return }
        weigh(-entries[position].value.weight)
        entries.remove(at: position)
        rebuildTable()
    }

    /// The position of `key` among the members, in the order in which they came.
    func position(of key: String) -> Int? {
        guard let table else {
            let entries = entries.span
            var index = 0
            while index < entries.count {
                if entries[index].key.hasSameBytes(as: key) { return index }
                index &+= 1
            }
            return nil
        }
        var slot = Self.hash(key) & (table.count - 1)
        while table[slot] != 0 {
            let position = Int(table[slot]) - 1
            if entries[position].key.hasSameBytes(as: key) { return position }
            slot = (slot &+ 1) & (table.count - 1)
        }
        return nil
    }

    func hasSameMembers(as other: JSONObject) -> Bool {
        guard count == other.count else { return false }
        for entry in entries {
            guard let value = other[entry.key], value == entry.value else { return false }
        }
        return true
    }

    /// What has grown beyond measure stays so.
    private mutating func weigh(_ change: Int) {
        if weight < .max { weight = UInt16(clamping: Int(weight) + change) }
    }

    private mutating func rebuildTable() {
        table = nil
        guard entries.count > Self.linearCountMax else { return }
        var size = 64
        while size < entries.count * 4 { size *= 2 }
        var table = [UInt32](repeating: 0, count: size)
        for position in entries.indices { Self.insert(entries[position].key, position, &table) }
        self.table = table
    }

    private mutating func insert(position: Int) {
        guard var table = table.take() else { return }
        Self.insert(entries[position].key, position, &table)
        self.table = table
    }

    private static func insert(_ key: String, _ position: Int, _ table: inout [UInt32]) {
        var slot = hash(key) & (table.count - 1)
        while table[slot] != 0 { slot = (slot &+ 1) & (table.count - 1) }
        table[slot] = UInt32(truncatingIfNeeded: position + 1)
    }

    private static func hash(_ key: String) -> Int {
        var hasher = Hasher()
        unsafe key.utf8Span.span.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private static let linearCountMax = 16
}

extension JSONObject: RandomAccessCollection, ExpressibleByDictionaryLiteral {
    package var startIndex: Int { 0 }
    package var endIndex: Int { entries.count }
    package subscript(position: Int) -> Entry { entries[position] }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(capacity: elements.count)
        for (key, value) in elements { set(value, forKey: key) }
    }
}
