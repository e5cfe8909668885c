extension TreeBuilder {
    mutating func binary(
        _ syntax: Syntax,
        _ left: Syntax,
        _ right: Syntax
    )
        throws(JSONataError) -> NodeID
    {
        switch syntax.text {
        case ".": try path(syntax, left, right)
        case ":=": try bind(syntax, left, right)
        case "@": try focus(syntax, left, right)
        case "#": try index(syntax, left, right)
        default: try operation(syntax, left, right)
        }
    }

    // MARK: Steps

    /// The steps of a path; nil for any other node.
    func steps(of id: NodeID) -> [NodeID]? {
        guard case .path(let list) = tree[id].kind else { return nil }
        return tree.lists[Int(list)]
    }

    private mutating func append(_ steps: [NodeID], toPath id: NodeID) {
        guard case .path(let list) = tree[id].kind else { return }
        tree.lists[Int(list)].append(contentsOf: steps)
    }

    /// The node itself if it is a path, or a path with the node as its only step.
    private mutating func asPath(_ id: NodeID, _ syntax: Syntax) -> NodeID {
        if steps(of: id) != nil { return id }
        return add(.path(list: list([id])), syntax)
    }

    /// The step that a filter or variable behind `id` belongs to.
    private func lastStep(of id: NodeID) -> NodeID {
        steps(of: id)?.last ?? id
    }

    private mutating func path(
        _ syntax: Syntax,
        _ left: Syntax,
        _ right: Syntax
    )
        throws(JSONataError) -> NodeID
    {
        let first = try build(left)
        let path = asPath(first, syntax)
        if case .parent(let slot) = tree[first].kind { seekingParent[path] = [Int(slot)] }
        let rest = try build(right)
        if let steps = steps(of: rest) {
            append(steps, toPath: path)
            // Its steps belong to the longer path now; nothing refers to it any more.
            tree.nodes[Int(rest)] = Node(kind: .placeholder, position: tree[rest].position)
        } else {
            if tree[rest].predicates >= 0 {
                tree.nodes[Int(rest)].stages = tree[rest].predicates
                tree.nodes[Int(rest)].predicates = -1
            }
            append([rest], toPath: path)
        }
        try nameLiteralSteps(of: path)
        markEnds(of: path)
        try resolveAncestry(of: path)
        return path
    }

    /// A string that is a step names a field; any other literal cannot be a step.
    private mutating func nameLiteralSteps(of path: NodeID) throws(JSONataError) {
        for step in steps(of: path) ?? [] {
            guard case .constant(let index) = tree[step].kind else { continue }
            guard case .string(let text) = tree.constants[Int(index)] else {
                throw JSONataError(
                    .S0213,
                    position: Int(tree[step].position),
                    value: tree.constants[Int(index)]
                )
            }
            tree.nodes[Int(step)].kind = .name(name(text))
        }
    }

    private mutating func markEnds(of path: NodeID) {
        let steps = steps(of: path) ?? []
        if steps.contains(where: { tree[$0].keepsArray }) {
            tree.nodes[Int(path)].keepsSingleton = true
        }
        for end in [steps.first, steps.last] {
            guard let end, case .array = tree[end].kind else { continue }
            tree.nodes[Int(end)].isConstructed = true
        }
    }

    // MARK: Filters, variables, sorting, grouping

    mutating func filter(
        _ syntax: Syntax,
        _ left: Syntax,
        _ right: Syntax
    )
        throws(JSONataError) -> NodeID
    {
        let result = try build(left)
        let step = lastStep(of: result)
        guard tree[step].group < 0 else { throw JSONataError(.S0209, position: syntax.position) }
        let predicate = try build(right)
        for slot in seekingParent[predicate] ?? [] {
            if tree.slots[slot].level == 1 {
                try seekParent(from: step, slot)
            } else {
                tree.slots[slot].level -= 1
            }
        }
        if seekingParent[predicate] != nil { pushAncestry(of: predicate, to: step) }
        add(.filter(predicate), to: step, asStage: steps(of: result) != nil)
        return result
    }

    private mutating func add(_ stage: Stage, to step: NodeID, asStage: Bool) {
        let list = asStage ? tree[step].stages : tree[step].predicates
        guard list < 0 else { return tree.stages[Int(list)].append(stage) }
        tree.stages.append([stage])
        let added = Int32(tree.stages.count - 1)
        if asStage {
            tree.nodes[Int(step)].stages = added
        } else {
            tree.nodes[Int(step)].predicates = added
        }
    }

    private mutating func focus(
        _ syntax: Syntax,
        _ left: Syntax,
        _ right: Syntax
    )
        throws(JSONataError) -> NodeID
    {
        let result = try build(left)
        let step = lastStep(of: result)
        guard tree[step].stages < 0, tree[step].predicates < 0 else {
            throw JSONataError(.S0215, position: syntax.position)
        }
        if case .sort = tree[step].kind { throw JSONataError(.S0216, position: syntax.position) }
        if syntax.keepsArray { tree.nodes[Int(step)].keepsArray = true }
        tree.nodes[Int(step)].focus = name(right.text)
        tree.nodes[Int(step)].isTuple = true
        return result
    }

    private mutating func index(
        _ syntax: Syntax,
        _ left: Syntax,
        _ right: Syntax
    )
        throws(JSONataError) -> NodeID
    {
        let built = try build(left)
        let step = lastStep(of: built)
        if steps(of: built) == nil, tree[step].predicates >= 0 {
            tree.nodes[Int(step)].stages = tree[step].predicates
            tree.nodes[Int(step)].predicates = -1
        }
        let result = asPath(built, syntax)
        let variable = name(right.text)
        if tree[step].stages < 0 {
            tree.nodes[Int(step)].index = variable
        } else {
            add(.index(variable), to: step, asStage: true)
        }
        tree.nodes[Int(step)].isTuple = true
        return result
    }

    mutating func sort(
        _ syntax: Syntax,
        _ left: Syntax,
        _ terms: [Syntax.Term]
    )
        throws(JSONataError) -> NodeID
    {
        let path = asPath(try build(left), syntax)
        var built: [SortTerm] = []
        for term in terms {
            built.append(
                SortTerm(isDescending: term.isDescending, expression: try build(term.expression))
            )
        }
        tree.sorts.append(built)
        let step = add(.sort(Int32(tree.sorts.count - 1)), syntax)
        for term in built { pushAncestry(of: term.expression, to: step) }
        append([step], toPath: path)
        try resolveAncestry(of: path)
        return path
    }

    mutating func group(_ pairs: [Syntax.Pair], _ syntax: Syntax) throws(JSONataError) -> Int32 {
        var built: [(key: NodeID, value: NodeID)] = []
        for pair in pairs {
            let key = try build(pair.key)
            built.append((key, try build(pair.value)))
        }
        tree.groups.append(Group(pairs: built, position: Int32(syntax.position)))
        return Int32(tree.groups.count - 1)
    }

    mutating func grouped(
        _ syntax: Syntax,
        _ left: Syntax,
        _ pairs: [Syntax.Pair]
    )
        throws(JSONataError) -> NodeID
    {
        let result = try build(left)
        guard tree[result].group < 0 else { throw JSONataError(.S0210, position: syntax.position) }
        let group = try self.group(pairs, syntax)
        tree.nodes[Int(result)].group = group
        return result
    }
}
