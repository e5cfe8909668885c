import Primitives

/// An object of a JSON5 file that notes which keys were asked for, so that the others can be reported.
///
/// A key whose value is `null` counts as absent.
package final class JSON5Object {
    package let node: JSON5Node
    private let members: [JSON5Member]
    /// Where each key stands, for objects with many; few are found faster by looking through them.
    private let places: [String: Int]
    private var asked: [String] = []
    private var readsEveryKey = false

    init(_ members: [JSON5Member], of node: JSON5Node) {
        self.members = members
        self.node = node
        var places: [String: Int] = [:]
        if members.count > Self.fewMembers {
            for (place, member) in members.enumerated() { places[member.key] = place }
        }
        self.places = places
    }

    /// The value of `key`, or nil when it is absent.
    package func node(_ key: String) -> JSON5Node? {
        asked.append(key)
        guard let place = place(of: key) else { return nil }
        let child = JSON5Node(members[place].value, path: path(of: key), problems: node.problems)
        return child.isNull ? nil : child
    }

    /// The value of `key`; its absence is reported with `example` as what to write.
    package func required(_ key: String, example: String) -> JSON5Node? {
        if let child = node(key) { return child }
        node.report("\(Wording.quoted(key)) is missing; write \(key): \(example)")
        return nil
    }

    /// Whether the file has this key at all; it counts as asked for.
    package func has(_ key: String) -> Bool { node(key) != nil }

    package func string(_ key: String, bytesMax: Int = 65_536) -> String? {
        node(key)?.string(bytesMax: bytesMax)
    }

    package func bool(_ key: String) -> Bool? { node(key)?.bool() }

    package func integer(_ key: String, in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
        node(key)?.integer(in: range)
    }

    func interval(_ key: String, in range: ClosedRange<Interval>) -> Interval? {
        node(key)?.interval(in: range)
    }

    func choice<Choice>(
        _ key: String,
        of choices: KeyValuePairs<String, Choice>
    ) -> Choice? {
        node(key)?.choice(of: choices)
    }

    /// The elements of the list at `key`; none when it is absent.
    package func elements(_ key: String, countMax: Int = .max) -> [JSON5Node] {
        node(key)?.elements(countMax: countMax) ?? []
    }

    package func object<Result>(_ key: String, _ read: (JSON5Object) -> Result) -> Result? {
        node(key)?.object(read)
    }

    /// Every key with its value, for objects whose keys are names of the writer's own choice.
    package var entries: [(key: String, node: JSON5Node)] {
        readsEveryKey = true
        return members.map { member in
            let path = path(of: member.key)
            return (member.key, JSON5Node(member.value, path: path, problems: node.problems))
        }
    }

    /// Puts a problem with this object on the list.
    package func report(_ message: String) { node.report(message) }

    /// Puts a problem with a key itself on the list; with the whole object when the key is absent.
    package func report(_ message: String, key: String) {
        let position = place(of: key).map { members[$0].keyPosition } ?? node.value.position
        node.problems.report(message, path: path(of: key), at: position)
    }

    func reportUnreadKeys() {
        guard !readsEveryKey else { return }
        for member in members where !asked.contains(member.key) {
            let name = Wording.quoted(member.key)
            let near = Wording.suggestion(for: member.key, among: asked)
            let hint =
                near.map { "did you mean \(Wording.quoted($0))?" }
                ?? "known here: \(Set(asked).sorted().joined(separator: ", "))"
            report("unknown key \(name); \(hint)", key: member.key)
        }
    }

    private func place(of key: String) -> Int? {
        members.count > Self.fewMembers ? places[key] : members.firstIndex { $0.key == key }
    }

    private func path(of key: String) -> String {
        let isName = key.utf8.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x5F || $0 == 0x24 }
        guard isName, !key.isEmpty else { return "\(node.path)[\(Wording.quoted(key))]" }
        return node.path.isEmpty ? key : "\(node.path).\(key)"
    }

    static let fewMembers = 16
}
