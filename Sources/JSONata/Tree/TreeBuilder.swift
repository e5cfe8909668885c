/// Turns what was parsed into a tree: paths become lists of steps, filters move to their steps, `%`
/// finds the step that it names, and calls in tail position are marked.
///
/// A node is always added after its children.
struct TreeBuilder {
    var tree = TreeTables()
    /// The slots of `%` under a node that no step of a path has taken yet.
    var seekingParent: [NodeID: [Int]] = [:]
    private var nameIDs: [String: Int32] = [:]
    private var bindCount = 0

    /// Builds the tree of an expression and numbers its paths in `paths`.
    static func build(
        _ syntax: Syntax,
        numbering paths: inout PathTable
    ) throws(JSONataError) -> Tree {
        var builder = TreeBuilder()
        let root = try builder.build(syntax)
        if case .parent = builder.tree[root].kind { throw builder.orphan(root) }
        guard builder.seekingParent[root]?.isEmpty ?? true else { throw builder.orphan(root) }
        builder.tree.root = root
        builder.fold()
        return Tree(builder.tree, numbering: &paths)
    }

    private func orphan(_ id: NodeID) -> JSONataError {
        JSONataError(.S0217, position: Int(tree[id].position), token: "%")
    }

    // MARK: Making nodes

    mutating func add(_ kind: Node.Kind, _ syntax: Syntax) -> NodeID {
        tree.nodes.append(Node(kind: kind, position: Int32(syntax.position)))
        return NodeID(tree.nodes.count - 1)
    }

    mutating func list(_ ids: [NodeID]) -> Int32 {
        tree.lists.append(ids)
        return Int32(tree.lists.count - 1)
    }

    mutating func constant(_ value: JSONValue) -> Node.Kind {
        tree.constants.append(value)
        return .constant(Int32(tree.constants.count - 1))
    }

    mutating func name(_ text: String) -> Int32 {
        // A dictionary of the standard library would take equivalent spellings for one name.
        let key = text.utf8.allSatisfy { $0 < 0x80 } ? text : "\(Array(text.utf8))"
        if let id = nameIDs[key] { return id }
        let id = Int32(tree.names.count)
        tree.names.append(text)
        tree.builtins.append(Builtin(name: text)?.rawValue ?? -1)
        nameIDs[key] = id
        return id
    }

    /// A node over children that `%` may look through.
    private mutating func add(
        _ kind: Node.Kind,
        _ syntax: Syntax,
        over children: [NodeID]
    )
        -> NodeID
    {
        let id = add(kind, syntax)
        for child in children { pushAncestry(of: child, to: id) }
        return id
    }

    // MARK: Kinds

    mutating func build(_ syntax: Syntax) throws(JSONataError) -> NodeID {
        let id = try buildKind(syntax)
        if syntax.keepsArray { tree.nodes[Int(id)].keepsArray = true }
        return id
    }

    private mutating func buildKind(_ syntax: Syntax) throws(JSONataError) -> NodeID {
        switch syntax.kind {
        case .end: throw JSONataError(.S0207, position: syntax.position, token: syntax.text)
        case .name, .keyword: return singleName(syntax)
        case .variable:
            return add(
                syntax.text.isEmpty ? .context : .variable(name(syntax.text)),
                syntax
            )
        case .string: return add(constant(.string(syntax.text)), syntax)
        case .number(let value): return add(constant(.number(value)), syntax)
        case .word(let word):
            let value: JSONValue =
                switch word {
                case .true: .bool(true)
                case .false: .bool(false)
                case .null: .null
                }
            return add(constant(value), syntax)
        case .regex(let isCaseInsensitive, let isMultiline):
            return try regex(syntax, isCaseInsensitive, isMultiline)
        case .wildcard: return add(.wildcard, syntax)
        case .descendants: return add(.descendants, syntax)
        case .parent: return parent(syntax)
        case .placeholder: return add(.placeholder, syntax)
        default: return try buildCompound(syntax)
        }
    }

    private mutating func buildCompound(_ syntax: Syntax) throws(JSONataError) -> NodeID {
        switch syntax.kind {
        case .binary(let left, let right): return try binary(syntax, left, right)
        case .negation(let operand): return try negation(syntax, operand)
        case .array(let items):
            let ids = try build(items)
            return add(.array(list: list(ids)), syntax, over: ids)
        case .object(let pairs):
            let group = try self.group(pairs, syntax)
            let members = tree.groups[Int(group)].pairs.flatMap { [$0.key, $0.value] }
            return add(.object(group: group), syntax, over: members)
        case .group(let left, let pairs): return try grouped(syntax, left, pairs)
        case .block(let expressions): return try block(syntax, expressions)
        case .filter(let left, let predicate): return try filter(syntax, left, predicate)
        case .sort(let left, let terms): return try sort(syntax, left, terms)
        case .call(let procedure, let arguments):
            let ids = try build(arguments)
            let callee = try build(procedure)
            return add(.call(callee, list: list(ids)), syntax, over: ids)
        case .partial(let procedure, let arguments):
            let ids = try build(arguments)
            let callee = try build(procedure)
            return add(.partial(callee, list: list(ids)), syntax, over: ids)
        case .lambda(let parameters, let signature, let body):
            return try lambda(syntax, parameters, signature, body)
        case .condition(let condition, let then, let otherwise):
            let test = try build(condition)
            let first = try build(then)
            let second: NodeID? = if let otherwise { try build(otherwise) } else { nil }
            let parts = [test, first] + (second.map { [$0] } ?? [])
            return add(.condition(test, first, second), syntax, over: parts)
        case .transform(let pattern, let update, let deletion):
            let match = try build(pattern)
            let change = try build(update)
            let removal: NodeID? = if let deletion { try build(deletion) } else { nil }
            return add(.transform(match, change, removal), syntax)
        default:
            throw JSONataError(.S0206, position: syntax.position, token: syntax.text)
        }
    }

    private mutating func build(_ items: [Syntax]) throws(JSONataError) -> [NodeID] {
        var ids: [NodeID] = []
        for item in items { ids.append(try build(item)) }
        return ids
    }

    private mutating func singleName(_ syntax: Syntax) -> NodeID {
        let step = add(.name(name(syntax.text)), syntax)
        tree.nodes[Int(step)].keepsArray = syntax.keepsArray
        let path = add(.path(list: list([step])), syntax)
        tree.nodes[Int(path)].keepsSingleton = syntax.keepsArray
        return path
    }

    private mutating func parent(_ syntax: Syntax) -> NodeID {
        let slot = tree.slots.count
        tree.slots.append(Slot(label: name("!\(slot)"), level: 1))
        return add(.parent(slot: Int32(slot)), syntax)
    }

    private mutating func regex(
        _ syntax: Syntax,
        _ isCaseInsensitive: Bool,
        _ isMultiline: Bool
    ) throws(JSONataError) -> NodeID {
        do throws(Regex.Failure) {
            let regex = try Regex(
                syntax.text,
                isCaseInsensitive: isCaseInsensitive,
                isMultiline: isMultiline
            )
            tree.regexes.append(regex)
        } catch {
            throw JSONataError(
                error == .unsupported ? .U1007 : .U1008,
                position: syntax.position,
                token: syntax.text
            )
        }
        return add(.regex(Int32(tree.regexes.count - 1)), syntax)
    }

    private mutating func negation(
        _ syntax: Syntax,
        _ operand: Syntax
    ) throws(JSONataError)
        -> NodeID
    {
        let id = try build(operand)
        if case .constant(let index) = tree[id].kind,
            case .number(let value) = tree.constants[Int(index)]
        {
            tree.constants[Int(index)] = .number(-value)
            return id
        }
        return add(.negation(id), syntax, over: [id])
    }

    private mutating func block(
        _ syntax: Syntax,
        _ expressions: [Syntax]
    ) throws(JSONataError)
        -> NodeID
    {
        let before = bindCount
        let ids = try build(expressions)
        let id = add(
            .block(list: list(ids), needsFrame: bindCount != before),
            syntax,
            over: ids
        )
        tree.nodes[Int(id)].isConstructed = ids.contains(where: beginsWithConstructor)
        return id
    }

    private func beginsWithConstructor(_ id: NodeID) -> Bool {
        guard case .path(let list) = tree[id].kind, let first = tree.lists[Int(list)].first else {
            return tree[id].isConstructed
        }
        return tree[id].isConstructed || tree[first].isConstructed
    }

    mutating func bind(
        _ syntax: Syntax,
        _ left: Syntax,
        _ right: Syntax
    ) throws(JSONataError)
        -> NodeID
    {
        bindCount += 1
        let value = try build(right)
        return add(.bind(name(left.text), value), syntax, over: [value])
    }

    mutating func operation(
        _ syntax: Syntax,
        _ left: Syntax,
        _ right: Syntax
    )
        throws(JSONataError) -> NodeID
    {
        let first = try build(left)
        let second = try build(right)
        switch syntax.text {
        case "~>": return add(.apply(first, second), syntax)
        case "??": return add(.coalesce(first, second), syntax, over: [first, second])
        case "?:": return add(.otherwise(first, second), syntax, over: [first, second])
        default:
            guard let symbol = Node.Operator(symbol: syntax.text) else {
                throw JSONataError(.S0206, position: syntax.position, token: syntax.text)
            }
            return add(.binary(symbol, first, second), syntax, over: [first, second])
        }
    }
}
