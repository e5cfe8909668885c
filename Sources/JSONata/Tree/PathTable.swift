/// The distinct paths of names by which expressions look into their context, numbered.
///
/// Expressions that share a table share the values that its paths lead to: the owner of the context says
/// once what a path leads to, however many expressions name it.
package struct PathTable: Sendable {
    private var paths: [[String]] = []
    /// By octets, because Unicode's equivalent spellings are different names.
    private var numbers: [[[UInt8]]: Int32] = [:]

    package init() {}

    package var count: Int { paths.count }

    /// The paths that begin with `name`: the number of each, and the names after that one.
    package func paths(startingWith name: String) -> [(number: Int, names: [String])] {
        paths.indices.filter { paths[$0].first?.hasSameBytes(as: name) == true }
            .map { ($0, Array(paths[$0].dropFirst())) }
    }

    /// The number of a path, a new one if need be; nil when there are too many.
    mutating func number(of path: [String]) -> Int32? {
        let octets = path.map { Array($0.utf8) }
        if let number = numbers[octets] { return number }
        guard paths.count < Self.countMax else { return nil }
        let number = Int32(paths.count)
        paths.append(path)
        numbers[octets] = number
        return number
    }

    /// Each evaluation keeps a value for every path; more than people write.
    private static let countMax = 1_000
}

/// What the paths of a table lead to in one context.
package struct PathValues: Sendable {
    private var places: [Place]

    /// All paths of `table` lead to nothing.
    package init(of table: PathTable) {
        places = Array(repeating: .value(nil), count: table.count)
    }

    /// What the paths of an expression with a table of its own lead to.
    init(of tree: Tree, in context: JSONObject) {
        places = Array(repeating: .value(nil), count: Int(tree.pathNumbers.max() ?? -1) + 1)
        for (list, number) in tree.pathNumbers.enumerated() where number >= 0 {
            let names = tree.lists[list].map { tree.names[Int($0)] }
            set(Int(number), by: names, in: .object(context))
        }
    }

    /// Path `number` goes on from `value` by the names from the `start`th on.
    package mutating func set(
        _ number: Int,
        by names: [String] = [],
        from start: Int = 0,
        in value: JSONValue
    ) {
        places[number] = Self.place(at: names, from: start, in: value)
    }

    /// What path `number` leads to.
    func value(_ number: Int) throws(Evaluator.DeadEnd) -> JSONValue? {
        guard case .value(let value) = places[number] else { throw .met }
        return value
    }

    private static func place(
        at names: [String],
        from start: Int,
        in value: JSONValue
    ) -> Place {
        // The elements of an array are a matter of sequences.
        if value.isArrayOrFunction { return .beyond }
        guard start < names.count else { return .value(value) }
        guard case .object(let object) = value, let position = object.position(of: names[start])
        else { return .value(nil) }
        return place(at: names, from: start + 1, in: object.entries[position].value)
    }

    private enum Place: Sendable {
        case value(JSONValue?)
        /// It is left to the evaluator as a whole.
        case beyond
    }
}
