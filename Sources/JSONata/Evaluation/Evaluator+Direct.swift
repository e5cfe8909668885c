/// The short way for what most expressions are: paths of names, constants, operators and library
/// functions over them.
///
/// It needs no scopes and no context, only what the paths lead to. Whatever it meets besides, an error
/// among it, is left to the evaluator as a whole, which then begins again; operators and functions are
/// the same for both.
extension Evaluator {
    /// The value of a node; `depth` is how many nodes it stands in.
    func direct(
        _ id: NodeID,
        _ tree: Tree,
        _ paths: PathValues,
        depth: Int
    ) throws(JSONataError) -> DirectValue {
        guard depth < Self.directDepthMax else { return .unknown }
        try charge(1)
        switch tree.nodes[Int(id)].kind {
        case .constant(let index): return .value(tree.constants[Int(index)])
        case .fields(let list): return paths.values[Int(tree.pathNumbers[Int(list)])]
        case .binary(let symbol, let left, let right):
            return try direct(symbol, left, right, tree, paths, depth: depth + 1)
        case .condition(let test, let then, let otherwise):
            guard case .value(let verdict) = try direct(test, tree, paths, depth: depth + 1)
            else { return .unknown }
            guard let chosen = truth(verdict) ? then : otherwise else { return .value(nil) }
            return try direct(chosen, tree, paths, depth: depth + 1)
        case .block(let list, _):
            var result = DirectValue.value(nil)
            for id in tree.lists[Int(list)] {
                result = try direct(id, tree, paths, depth: depth + 1)
                guard case .value = result else { return .unknown }
            }
            return result
        case .call(let procedure, let list):
            return try direct(procedure, tree.lists[Int(list)], tree, paths, depth: depth + 1)
        default: return .unknown
        }
    }

    private func direct(
        _ symbol: Node.Operator,
        _ left: NodeID,
        _ right: NodeID,
        _ tree: Tree,
        _ paths: PathValues,
        depth: Int
    ) throws(JSONataError) -> DirectValue {
        guard case .value(let first) = try direct(left, tree, paths, depth: depth) else {
            return .unknown
        }
        switch symbol {
        case .and where !truth(first): return .value(.bool(false))
        case .or where truth(first): return .value(.bool(true))
        case .range: return .unknown
        default: break
        }
        guard case .value(let second) = try direct(right, tree, paths, depth: depth) else {
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
        _ paths: PathValues,
        depth: Int
    ) throws(JSONataError) -> DirectValue {
        guard case .variable(let name) = tree.nodes[Int(procedure)].kind,
            let builtin = Builtin(rawValue: tree.builtins[Int(name)])
        else { return .unknown }
        try charge(1)
        var values: [JSONValue?] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments {
            guard case .value(let value) = try direct(argument, tree, paths, depth: depth) else {
                return .unknown
            }
            values.append(value)
        }
        // Any object stands for the context: no function here takes it (`Tree.canHandContextOver`),
        // and one that would take something else is at fault.
        return DirectValue(try call(builtin, values, context: .object(JSONObject())))
    }

    /// Deep enough for what people write.
    static let directDepthMax = 16
}
