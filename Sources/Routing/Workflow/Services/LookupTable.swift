import JSONata
import Primitives

/// A list of callers or prefixes: the longest entry that fits wins, and entries may expire.
package struct LookupTable: Sendable {
    private var exact: [String: Entry] = [:]
    private var prefixes: [String: Entry] = [:]
    /// Lengths of the prefixes in octets, the longest first.
    private var prefixLengths: [Int] = []

    package init() {}

    /// Adds an entry; a `*` at the end of `key` makes it a prefix.
    ///
    /// A later entry replaces an equal one.
    package mutating func set(_ key: String, to value: JSONValue, expires: WallTime? = nil) {
        let entry = Entry(value: value, expires: expires)
        guard key.hasSuffix("*") else {
            exact[key] = entry
            return
        }
        let prefix = String(key.dropLast())
        prefixes[prefix] = entry
        let length = prefix.utf8.count
        if !prefixLengths.contains(length) {
            prefixLengths.append(length)
            prefixLengths.sort(by: >)
        }
    }

    /// The value of the whole key, else of its longest prefix; what has expired is not there.
    package func value(of key: String, at time: WallTime) -> JSONValue? {
        if let entry = exact[key], entry.isAlive(at: time) { return entry.value }
        guard !prefixLengths.isEmpty else { return nil }
        let bytes = key.utf8
        for length in prefixLengths where length <= bytes.count {
            let prefix = String(decoding: bytes.prefix(length), as: UTF8.self)
            if let entry = prefixes[prefix], entry.isAlive(at: time) { return entry.value }
        }
        return nil
    }

    private struct Entry: Sendable {
        var value: JSONValue
        /// The first instant at which the entry is gone; nil: never.
        var expires: WallTime?

        func isAlive(at time: WallTime) -> Bool { expires.map { time < $0 } ?? true }
    }
}
