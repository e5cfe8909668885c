extension TreeBuilder {
    // MARK: Functions

    mutating func lambda(
        _ syntax: Syntax,
        _ parameters: [Syntax],
        _ signature: Signature?,
        _ body: Syntax
    ) throws(JSONataError) -> NodeID {
        let names = parameters.map { name($0.text) }
        let built = try build(body)
        let lambda = Lambda(parameters: names, signature: signature, body: tailCalls(in: built))
        tree.lambdas.append(lambda)
        return add(.lambda(Int32(tree.lambdas.count - 1)), syntax)
    }

    /// Marks the calls whose result is the result of the function, so that a recursion through them
    /// runs in a loop.
    private mutating func tailCalls(in id: NodeID) -> NodeID {
        let node = tree[id]
        guard node.predicates < 0, node.group < 0, !node.keepsArray else { return id }
        switch node.kind {
        case .call:
            tree.nodes.append(Node(kind: .tailCall(id), position: node.position))
            return NodeID(tree.nodes.count - 1)
        case .condition(let test, let then, let otherwise):
            tree.nodes[Int(id)].kind = .condition(
                test,
                tailCalls(in: then),
                otherwise.map { tailCalls(in: $0) }
            )
        case .block(let list, _):
            guard let last = tree.lists[Int(list)].last else { break }
            let call = tailCalls(in: last)
            tree.lists[Int(list)][tree.lists[Int(list)].count - 1] = call
        default: break
        }
        return id
    }

    // MARK: Shortcuts

    /// Replaces arrays of constants by a constant, and paths of plain names by a list of names.
    mutating func fold() {
        for index in tree.nodes.indices {
            switch tree.nodes[index].kind {
            case .array(let list):
                guard !tree.nodes[index].isConstructed, let array = constants(in: list) else {
                    continue
                }
                tree.nodes[index].kind = constant(.array(array))
            case .path(let list):
                guard let fields = fields(in: list), tree.nodes[index].isPlainPath else {
                    continue
                }
                // Nothing refers to the steps any more.
                for step in tree.lists[Int(list)] { tree.nodes[Int(step)].kind = .placeholder }
                tree.lists.append(fields)
                tree.nodes[index].kind = .fields(list: Int32(tree.lists.count - 1))
            default: continue
            }
        }
    }

    private func constants(in list: Int32) -> JSONArray? {
        var array = JSONArray()
        for id in tree.lists[Int(list)] {
            guard case .constant(let index) = tree[id].kind, tree[id].isBare else { return nil }
            array.append(tree.constants[Int(index)])
        }
        return array
    }

    private func fields(in list: Int32) -> [Int32]? {
        var names: [Int32] = []
        for id in tree.lists[Int(list)] {
            guard case .name(let name) = tree[id].kind, tree[id].isBare else { return nil }
            names.append(name)
        }
        return names
    }
}

extension Node {
    /// Nothing is attached to the node.
    fileprivate var isBare: Bool {
        predicates < 0 && stages < 0 && group < 0 && focus < 0 && index < 0 && ancestor < 0
            && !isTuple && !keepsArray
    }

    fileprivate var isPlainPath: Bool {
        !keepsSingleton && !isTuple && !keepsArray && group < 0
    }
}
