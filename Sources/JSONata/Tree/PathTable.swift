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

    /// The names of a path, one at least.
    package subscript(number: Int) -> [String] { paths[number] }

    /// The numbers of the paths that begin with `name`.
    package func numbers(startingWith name: String) -> [Int] {
        paths.indices.filter { paths[$0].first?.hasSameBytes(as: name) == true }
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
    private(set) var values: [DirectValue]

    /// All paths of `table` lead to nothing.
    package init(of table: PathTable) {
        values = Array(repeating: .value(nil), count: table.count)
    }

    /// What the paths of an expression with a table of its own lead to.
    init(of tree: Tree, in context: JSONObject) {
        values = Array(repeating: .value(nil), count: Int(tree.pathNumbers.max() ?? -1) + 1)
        for (list, number) in tree.pathNumbers.enumerated() where number >= 0 {
            let names = tree.lists[list].map { tree.names[Int($0)] }
            values[Int(number)] = DirectValue(at: names[...], in: .object(context))
        }
    }

    /// Path `number` leads to `value`.
    package mutating func set(_ number: Int, to value: JSONValue) {
        values[number] = DirectValue(value)
    }

    /// Path `number` goes on from `value` by `names`.
    package mutating func set(_ number: Int, by names: ArraySlice<String>, in value: JSONValue) {
        values[number] = DirectValue(at: names, in: value)
    }
}

/// A value as far as the short way knows it (`Evaluator.direct`).
enum DirectValue: Sendable {
    case value(JSONValue?)
    /// It is left to the evaluator as a whole.
    case unknown

    /// The elements of an array are a matter of sequences.
    init(_ value: JSONValue?) {
        switch value {
        case .array, .function: self = .unknown
        default: self = .value(value)
        }
    }

    /// What `names` lead to from `value`, one after the other.
    init(at names: ArraySlice<String>, in value: JSONValue) {
        var current = value
        for name in names {
            switch current {
            case .object(let object):
                guard let next = object[name] else {
                    self = .value(nil)
                    return
                }
                current = next
            case .array, .function:
                self = .unknown
                return
            default:
                self = .value(nil)
                return
            }
        }
        self.init(current)
    }
}
