/// What expressions can see of their context value: all of it, or members by their names and what is
/// seen of each.
///
/// It is never too little: a context without what cannot be seen gives the same values.
package struct VisibleMembers: Sendable {
    /// Whether nothing is known to be out of sight.
    package private(set) var isEverything = false
    /// By names; Unicode's equivalent spellings count as one name, which can only show more.
    private var members: [String: VisibleMembers] = [:]

    /// Nothing is seen.
    package init() {}

    package static let everything: VisibleMembers = {
        var all = VisibleMembers()
        all.isEverything = true
        return all
    }()

    package var isNothing: Bool { !isEverything && members.isEmpty }

    /// The names of the members of which something is seen; none when everything is.
    package var names: [String] { Array(members.keys) }

    /// What is seen of a member.
    package subscript(name: String) -> VisibleMembers {
        isEverything ? self : members[name] ?? VisibleMembers()
    }

    /// Makes visible what `other` has visible too.
    package mutating func formUnion(_ other: VisibleMembers) {
        guard !isEverything else { return }
        guard !other.isEverything else {
            self = .everything
            return
        }
        for (name, seen) in other.members {
            members[name, default: VisibleMembers()].formUnion(seen)
        }
    }

    /// Adds what a path of names leads to, with all that is in it.
    mutating func insert(_ path: ArraySlice<String>) {
        guard !isEverything else { return }
        guard let name = path.first else {
            self = .everything
            return
        }
        members[name, default: VisibleMembers()].insert(path.dropFirst())
    }
}

extension Expression {
    /// What the expression can see of the context value, which must be an object.
    ///
    /// Each node is taken as if it met the context itself, wherever it stands, and as if all that it
    /// finds were kept. What takes the context as a whole, or remembers it on the way, sees
    /// everything.
    package var visibleInput: VisibleMembers {
        guard tree.rootName == nil, !tree.canHandContextOver else { return .everything }
        var seen = VisibleMembers()
        for node in tree.nodes {
            guard !node.remembersContext else { return .everything }
            switch node.kind {
            case .fields(let list):
                seen.insert(tree.lists[Int(list)].map { tree.names[Int($0)] }[...])
            case .name(let name): seen.insert([tree.names[Int(name)]])
            case .context, .wildcard, .descendants, .parent: return .everything
            default: continue
            }
        }
        return seen
    }
}

extension Node {
    /// `@`, `#` and `%` keep values for later steps.
    fileprivate var remembersContext: Bool {
        isTuple || focus >= 0 || index >= 0 || ancestor >= 0
    }
}

extension TreeTables {
    /// Whether a call may put the context, an object, in the place of a missing argument.
    ///
    /// A variable can hold any function, so each call is held against each function that is named.
    var canHandContextOver: Bool {
        let named = builtins.compactMap { Builtin(rawValue: $0)?.signature }
        let written = lambdas.compactMap(\.signature)
        return nodes.contains { node in
            guard case .call(_, let list) = node.kind else { return false }
            let count = lists[Int(list)].count
            return (named + written).contains { $0.canTakeObject(argumentCount: count) }
        }
    }
}

extension Signature {
    /// Whether the context, an object, can stand for a missing argument when so many are given.
    ///
    /// More arguments never make it more likely, so that one that `~>` adds need not be known.
    fileprivate func canTakeObject(argumentCount: Int) -> Bool {
        guard argumentCount < parameters.count || parameters.contains(where: \.isRepeated),
            parameters.contains(where: { $0.takesContext && $0.accepted.contains(.object) })
        else { return false }
        // A first parameter of any type takes the first argument, if the others can do without.
        let isFirstTaken =
            argumentCount > 0 && parameters[0].accepted == .any && !parameters[0].isRepeated
            && parameters.dropFirst().allSatisfy { $0.isOptional && !$0.takesContext }
        return !isFirstTaken
    }
}
