/// The short way for what most expressions are: paths of names, constants, operators and library
/// functions over them.
///
/// It needs no scopes and no context, only what the paths lead to. Whatever it meets besides, an error
/// among it, is left to the evaluator as a whole, which then begins again; operators and functions are
/// the same for both.
extension Evaluator {
    /// The short way does not lead on.
    package enum DeadEnd: Error {
        case met
    }

    /// The value of a node; `depth` is how many nodes it stands in.
    func direct(
        _ id: NodeID,
        _ tree: Tree,
        _ paths: PathValues,
        depth: Int
    ) throws(DeadEnd) -> JSONValue? {
        guard depth < Self.directDepthMax else { throw .met }
        try spend()
        switch tree.nodes[Int(id)].kind {
        case .constant(let index): return tree.constants[Int(index)]
        case .fields(let list): return try paths.value(Int(tree.pathNumbers[Int(list)]))
        case .binary(let symbol, let left, let right):
            return try direct(symbol, left, right, tree, paths, depth: depth + 1)
        case .condition(let test, let then, let otherwise):
            let verdict = truth(try direct(test, tree, paths, depth: depth + 1))
            guard let chosen = verdict ? then : otherwise else { return nil }
            return try direct(chosen, tree, paths, depth: depth + 1)
        case .block(let list, _):
            var result: JSONValue?
            for id in tree.lists[Int(list)] {
                result = try direct(id, tree, paths, depth: depth + 1)
            }
            return result
        case .call(let procedure, let list):
            return try direct(procedure, tree.lists[Int(list)], tree, paths, depth: depth + 1)
        default: throw .met
        }
    }

    private func direct(
        _ symbol: Node.Operator,
        _ left: NodeID,
        _ right: NodeID,
        _ tree: Tree,
        _ paths: PathValues,
        depth: Int
    ) throws(DeadEnd) -> JSONValue? {
        let first = try direct(left, tree, paths, depth: depth)
        switch symbol {
        case .and where !truth(first): return .bool(false)
        case .or where truth(first): return .bool(true)
        case .range: throw .met
        default: break
        }
        let second = try direct(right, tree, paths, depth: depth)
        if symbol == .and || symbol == .or { return .bool(truth(second)) }
        do throws(JSONataError) {
            return try operate(symbol, first, second)
        } catch {
            throw .met
        }
    }

    /// A call of a library function; nothing is bound here, so that its name stands for it.
    private func direct(
        _ procedure: NodeID,
        _ arguments: [NodeID],
        _ tree: Tree,
        _ paths: PathValues,
        depth: Int
    ) throws(DeadEnd) -> JSONValue? {
        guard case .variable(let name) = tree.nodes[Int(procedure)].kind,
            let builtin = Builtin(rawValue: tree.builtins[Int(name)])
        else { throw .met }
        try spend()
        var values = argumentRoom
        argumentRoom = []
        for argument in arguments {
            values.append(try direct(argument, tree, paths, depth: depth))
        }
        // Any object stands for the context: no function here takes it (`Tree.canHandContextOver`),
        // and one that would take something else is at fault.
        let result: JSONValue?
        do throws(JSONataError) {
            result = try call(builtin, values, context: .object(JSONObject()))
        } catch {
            throw .met
        }
        values.removeAll(keepingCapacity: true)
        argumentRoom = values
        // The elements of an array are a matter of sequences.
        if let result, result.isArrayOrFunction { throw .met }
        return result
    }

    private func spend() throws(DeadEnd) {
        do throws(JSONataError) { try charge(1) } catch { throw .met }
    }

    /// Deep enough for what people write.
    static let directDepthMax = 16
}

extension JSONValue {
    var isArrayOrFunction: Bool {
        switch self {
        case .array, .function: true
        default: false
        }
    }
}
