/// The short way for what most expressions are: paths of names, constants, operators and library
/// functions over them.
///
/// It needs no scopes and meets objects only. Whatever it meets besides, an error among it, is left to
/// the evaluator as a whole, which then begins again; operators and functions are the same for both.
extension Evaluator {
    enum DirectResult {
        case value(JSONValue?)
        case unknown
    }

    /// The value of a node; `depth` is how many nodes it stands in.
    func direct(
        _ id: NodeID,
        _ tree: Tree,
        _ input: JSONObject,
        depth: Int
    ) throws(JSONataError) -> DirectResult {
        let node = tree[id]
        guard node.predicates < 0, node.group < 0, depth < Self.directDepthMax else {
            return .unknown
        }
        try charge(1)
        switch node.kind {
        case .constant(let index): return .value(tree.constants[Int(index)])
        case .fields(let list): return direct(tree.lists[Int(list)], from: 0, tree, input)
        case .binary(let symbol, let left, let right):
            return try direct(symbol, left, right, tree, input, depth: depth + 1)
        case .condition(let test, let then, let otherwise):
            guard case .value(let verdict) = try direct(test, tree, input, depth: depth + 1)
            else { return .unknown }
            guard let chosen = truth(verdict) ? then : otherwise else { return .value(nil) }
            return try direct(chosen, tree, input, depth: depth + 1)
        case .block(let list, _):
            var result = DirectResult.value(nil)
            for id in tree.lists[Int(list)] {
                result = try direct(id, tree, input, depth: depth + 1)
                guard case .value = result else { return .unknown }
            }
            return result
        case .call(let procedure, let list):
            return try direct(procedure, tree.lists[Int(list)], tree, input, depth: depth + 1)
        default: return .unknown
        }
    }

    private func direct(
        _ names: [Int32],
        from index: Int,
        _ tree: Tree,
        _ object: JSONObject
    ) -> DirectResult {
        let name = Int(names[index])
        guard let position = object.position(of: tree.memberNames[name]) else {
            return .value(nil)
        }
        let isLast = index + 1 == names.count
        switch object.entries[position].value {
        // The elements of an array are a matter of sequences.
        case .array, .function: return .unknown
        case .object(let next) where !isLast: return direct(names, from: index + 1, tree, next)
        case let value where isLast: return .value(value)
        // Not `nil` behind a question mark, which would be the null of JSON.
        default: return .value(nil)
        }
    }

    private func direct(
        _ symbol: Node.Operator,
        _ left: NodeID,
        _ right: NodeID,
        _ tree: Tree,
        _ input: JSONObject,
        depth: Int
    ) throws(JSONataError) -> DirectResult {
        guard case .value(let first) = try direct(left, tree, input, depth: depth) else {
            return .unknown
        }
        switch symbol {
        case .and where !truth(first): return .value(.bool(false))
        case .or where truth(first): return .value(.bool(true))
        case .range: return .unknown
        default: break
        }
        guard case .value(let second) = try direct(right, tree, input, depth: depth) else {
            return .unknown
        }
        switch symbol {
        case .and, .or: return .value(.bool(truth(second)))
        default: return .value(try operate(symbol, first, second))
        }
    }

    /// A call of a library function; nothing is bound here, so that its name stands for it.
    private func direct(
        _ procedure: NodeID,
        _ arguments: [NodeID],
        _ tree: Tree,
        _ input: JSONObject,
        depth: Int
    ) throws(JSONataError) -> DirectResult {
        guard case .variable(let name) = tree[procedure].kind,
            let builtin = Builtin(rawValue: tree.builtins[Int(name)])
        else { return .unknown }
        try charge(1)
        var values: [JSONValue?] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments {
            guard case .value(let value) = try direct(argument, tree, input, depth: depth) else {
                return .unknown
            }
            values.append(value)
        }
        let result = try call(builtin, values, context: .object(input))
        switch result {
        case .array, .function: return .unknown
        default: return .value(result)
        }
    }

    /// Deep enough for what people write.
    static let directDepthMax = 16
}
