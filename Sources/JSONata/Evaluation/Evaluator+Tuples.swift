/// Paths that remember: `@` and `#` bind variables for each value on the way, `%` its parents.
extension Evaluator {
    /// A step over tuples, or over a sequence that becomes tuples here.
    func tupleStep(
        _ id: NodeID,
        _ input: StepInput,
        _ bound: [Tuple]?,
        _ frame: Frame
    )
        throws(JSONataError) -> [Tuple]
    {
        let node = tree[id]
        var result: [Tuple]
        if case .sort(let terms) = node.kind {
            let order = tree.sorts[Int(terms)]
            if let bound {
                result = try sorted(bound, by: order, node, frame)
            } else {
                result = try sorted(tuples(from: input), by: order, node, frame)
                if node.index >= 0 {
                    for position in result.indices {
                        result[position].set(node.index, .number(Double(position)))
                    }
                }
            }
        } else {
            result = []
            for tuple in bound ?? tuples(from: input) {
                try extend(tuple, by: id, node, frame, into: &result)
            }
        }
        guard node.stages >= 0 else { return result }
        for stage in tree.stages[Int(node.stages)] {
            switch stage {
            case .filter(let predicate): result = try filter(result, by: predicate, frame)
            case .index(let name):
                for position in result.indices {
                    result[position].set(name, .number(Double(position)))
                }
            }
        }
        return result
    }

    private func tuples(from input: StepInput) -> [Tuple] {
        switch input {
        case .one(let value): [Tuple(value: value)]
        case .many(let array): array.elements.map { Tuple(value: $0) }
        }
    }

    /// The tuples that one tuple leads to by a step.
    private func extend(
        _ tuple: Tuple,
        by id: NodeID,
        _ node: Node,
        _ frame: Frame,
        into result: inout [Tuple]
    ) throws(JSONataError) {
        let scope = try self.frame(of: tuple, in: frame)
        if let inner = try tuples(of: id, node, tuple.value, scope) {
            for step in inner {
                var next = tuple
                next.value = step.value
                for variable in step.variables { next.set(variable.name, variable.value) }
                result.append(next)
            }
            return try charge(inner.count)
        }
        guard let value = try evaluate(id, tuple.value, scope) else { return }
        var values = [value]
        if case .array(let array) = value { values = array.elements }
        try charge(values.count)
        for (position, value) in values.enumerated() {
            var next = tuple
            if node.focus >= 0 {
                next.set(node.focus, value)
            } else {
                next.value = value
            }
            if node.index >= 0 { next.set(node.index, .number(Double(position))) }
            if node.ancestor >= 0 {
                next.set(tree.slots[Int(node.ancestor)].label, tuple.value)
            }
            result.append(next)
        }
    }

    /// The tuples of a step that is itself a path or block with parents in it; nil for other steps.
    private func tuples(
        of id: NodeID,
        _ node: Node,
        _ input: JSONValue?,
        _ frame: Frame
    )
        throws(JSONataError) -> [Tuple]?
    {
        guard node.isTuple, node.group < 0 else { return nil }
        var result: [Tuple]
        switch node.kind {
        case .path(let list):
            let steps = tree.lists[Int(list)]
            guard steps.contains(where: { tree[$0].isTuple }),
                case .tuples(let tuples) = try walk(node, steps, input, frame)
            else { return nil }
            result = tuples
        case .block(let list, _):
            let ids = tree.lists[Int(list)]
            guard let last = ids.last, yieldsTuples(last) else { return nil }
            let scope = try child(of: frame)
            for id in ids.dropLast() { _ = try evaluate(id, input, scope) }
            guard let tuples = try tuples(of: last, tree[last], input, scope) else { return nil }
            result = tuples
        default: return nil
        }
        guard node.predicates >= 0 else { return result }
        for stage in tree.stages[Int(node.predicates)] {
            if case .filter(let predicate) = stage {
                result = try filter(result, by: predicate, frame)
            }
        }
        return result
    }

    /// Known before anything is evaluated, so that nothing is evaluated twice.
    private func yieldsTuples(_ id: NodeID) -> Bool {
        let node = tree[id]
        guard node.isTuple, node.group < 0 else { return false }
        switch node.kind {
        case .path(let list): return tree.lists[Int(list)].contains { tree[$0].isTuple }
        case .block(let list, _): return tree.lists[Int(list)].last.map(yieldsTuples) ?? false
        default: return false
        }
    }

    /// A scope in which the variables of a tuple are bound.
    func frame(of tuple: Tuple, in frame: Frame) throws(JSONataError) -> Frame {
        guard !tuple.variables.isEmpty else { return frame }
        let scope = try child(of: frame)
        for variable in tuple.variables { scope.bind(variable.name, variable.value) }
        return scope
    }
}
