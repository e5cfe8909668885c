/// A node of a tree: its index in `Tree.nodes`.
typealias NodeID = Int32

/// A parsed expression: plain nodes in one array, with tables beside them for what has no fixed size.
///
/// Nodes hold no references, so that reading one costs no reference counting; a class, so that an
/// evaluation holds all tables by one reference.
final class Tree: Sendable {
    let nodes: [Node]
    let lists: [[NodeID]]
    let stages: [[Stage]]
    let groups: [Group]
    let constants: [JSONValue]
    /// Names of fields, variables and parents; a variable is known by its index here.
    let names: [String]
    let slots: [Slot]
    let lambdas: [Lambda]
    let sorts: [[SortTerm]]
    let regexes: [Regex]
    /// The library function of each name, or -1.
    let builtins: [Int16]
    let root: NodeID
    /// The name of `$$`, if it occurs.
    let rootName: Int32?
    let usesLibrary: Bool
    /// Whether the expression binds variables in its outermost scope, `$$` among them.
    let bindsVariables: Bool
    /// Whether a call may put the context in the place of a missing argument.
    let canHandContextOver: Bool
    /// Whether all nodes are of the kinds that `Evaluator.direct` knows; see there.
    let isDirect: Bool
    /// Of each list that is a path of names its number in the table that the tree was built with, or -1.
    let pathNumbers: [Int32]
    /// The number of the path that is the whole expression.
    let lonePath: Int?

    /// Nothing to evaluate.
    static let empty: Tree = {
        var paths = PathTable()
        return Tree(TreeTables(), numbering: &paths)
    }()

    init(_ tables: TreeTables, numbering paths: inout PathTable) {
        nodes = tables.nodes
        lists = tables.lists
        stages = tables.stages
        groups = tables.groups
        constants = tables.constants
        names = tables.names
        slots = tables.slots
        lambdas = tables.lambdas
        sorts = tables.sorts
        regexes = tables.regexes
        builtins = tables.builtins
        root = tables.root
        rootName = tables.names.firstIndex(of: "$").map { Int32($0) }
        usesLibrary = tables.builtins.contains { $0 >= 0 }
        bindsVariables = rootName != nil || tables.nodes.contains(where: \.isBind)
        canHandContextOver = tables.canHandContextOver
        let numbers =
            bindsVariables || canHandContextOver ? nil : tables.pathNumbers(in: &paths)
        isDirect = numbers != nil
        pathNumbers = numbers ?? []
        if let numbers, !nodes.isEmpty, case .fields(let list) = nodes[Int(root)].kind {
            lonePath = Int(numbers[Int(list)])
        } else {
            lonePath = nil
        }
    }

    subscript(id: NodeID) -> Node {
        nodes[Int(id)]
    }
}

/// The tables of a tree while it is built.
struct TreeTables {
    var nodes: [Node] = []
    var lists: [[NodeID]] = []
    var stages: [[Stage]] = []
    var groups: [Group] = []
    var constants: [JSONValue] = []
    var names: [String] = []
    var slots: [Slot] = []
    var lambdas: [Lambda] = []
    var sorts: [[SortTerm]] = []
    var regexes: [Regex] = []
    var builtins: [Int16] = []
    var root: NodeID = 0

    subscript(id: NodeID) -> Node {
        nodes[Int(id)]
    }

    /// The numbers of the lists that are paths, if all nodes are of the kinds that the short way knows.
    fileprivate func pathNumbers(in paths: inout PathTable) -> [Int32]? {
        guard nodes.allSatisfy(\.isDirect) else { return nil }
        var numbers = [Int32](repeating: -1, count: lists.count)
        for node in nodes {
            guard case .fields(let list) = node.kind else { continue }
            let names = lists[Int(list)].map { self.names[Int($0)] }
            guard let number = paths.number(of: names) else { return nil }
            numbers[Int(list)] = number
        }
        return numbers
    }
}

struct Node: Sendable {
    var kind: Kind
    /// UTF-16 code units up to the end of the token that made the node.
    var position: Int32
    var keepsArray = false
    /// A path that stays an array with a single result.
    var keepsSingleton = false
    /// A step that yields tuples: a value and the variables that were bound on the way to it.
    var isTuple = false
    /// An array constructor at an end of a path.
    var isConstructed = false
    /// Filters of a node that is no step; -1 or an index in `Tree.stages`.
    var predicates: Int32 = -1
    /// Filters and positional variables of a step; -1 or an index in `Tree.stages`.
    var stages: Int32 = -1
    /// -1 or an index in `Tree.groups`.
    var group: Int32 = -1
    /// The variable of `@`, or -1.
    var focus: Int32 = -1
    /// The variable of `#`, or -1.
    var index: Int32 = -1
    /// The slot in which a step leaves its parent for a later `%`, or -1.
    var ancestor: Int32 = -1

    enum Kind: Sendable {
        case path(list: Int32)
        /// Only names, one after the other: looked up without making sequences while it can.
        case fields(list: Int32)
        case name(Int32)
        case constant(Int32)
        case wildcard
        case descendants
        case parent(slot: Int32)
        case context
        case variable(Int32)
        case binary(Operator, NodeID, NodeID)
        case negation(NodeID)
        case array(list: Int32)
        case object(group: Int32)
        case block(list: Int32, needsFrame: Bool)
        case bind(Int32, NodeID)
        case condition(NodeID, NodeID, NodeID?)
        case coalesce(NodeID, NodeID)
        case otherwise(NodeID, NodeID)
        case call(NodeID, list: Int32)
        case partial(NodeID, list: Int32)
        case placeholder
        case lambda(Int32)
        /// A call in tail position, which the loop around the function's body makes.
        case tailCall(NodeID)
        case apply(NodeID, NodeID)
        case sort(Int32)
        case transform(NodeID, NodeID, NodeID?)
        case regex(Int32)
    }

    enum Operator: Sendable {
        case add, subtract, multiply, divide, remainder
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case concatenate, and, or, contains, range
    }
}

enum Stage: Sendable {
    case filter(NodeID)
    case index(Int32)
}

struct Group: Sendable {
    var pairs: [(key: NodeID, value: NodeID)]
    var position: Int32
}

struct SortTerm: Sendable {
    var isDescending: Bool
    var expression: NodeID
}

struct Lambda: Sendable {
    var parameters: [Int32]
    var signature: Signature?
    var body: NodeID
}

/// Where a parent is kept on the way down a path; `label` is an index in `Tree.names`.
struct Slot: Sendable {
    var label: Int32
    /// How many steps up are still to go; 0 once the step is found.
    var level: Int
}

extension Node {
    /// Whether nothing but plain objects, constants and the library is needed.
    fileprivate var isDirect: Bool {
        guard predicates < 0, group < 0, !keepsArray else { return false }
        return switch kind {
        case .constant, .fields, .binary, .condition, .call, .variable, .placeholder: true
        case .block(_, let needsFrame): !needsFrame
        default: false
        }
    }

    fileprivate var isBind: Bool {
        if case .bind = kind { true } else { false }
    }
}

extension Node.Operator {
    var symbol: String {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .remainder: "%"
        case .equal: "="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .concatenate: "&"
        case .and: "and"
        case .or: "or"
        case .contains: "in"
        case .range: ".."
        }
    }

    init?(symbol: String) {
        switch symbol {
        case "+": self = .add
        case "-": self = .subtract
        case "*": self = .multiply
        case "/": self = .divide
        case "%": self = .remainder
        case "=": self = .equal
        case "!=": self = .notEqual
        case "<": self = .less
        case "<=": self = .lessOrEqual
        case ">": self = .greater
        case ">=": self = .greaterOrEqual
        case "&": self = .concatenate
        case "and": self = .and
        case "or": self = .or
        case "in": self = .contains
        case "..": self = .range
        default: return nil
        }
    }
}
