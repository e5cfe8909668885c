/// How `%` finds its step: each `%` has a slot that goes up the steps before it, through brackets
/// and filters, until it meets the step whose input is the parent; that step then leaves its input in
/// the slot's variable.
extension TreeBuilder {
    /// What `child` still seeks, its parent node seeks too.
    mutating func pushAncestry(of child: NodeID, to id: NodeID) {
        var slots = seekingParent[child] ?? []
        if case .parent(let slot) = tree[child].kind { slots.append(Int(slot)) }
        guard !slots.isEmpty else { return }
        seekingParent[id, default: []].append(contentsOf: slots)
    }

    /// Lets the slots of the last step go up the path; those that reach its start go on outside.
    mutating func resolveAncestry(of path: NodeID) throws(JSONataError) {
        guard let steps = steps(of: path), let last = steps.last else { return }
        var slots = seekingParent[last] ?? []
        if case .parent(let slot) = tree[last].kind { slots.append(Int(slot)) }
        for slot in slots {
            var index = steps.count - 2
            while tree.slots[slot].level > 0 {
                guard index >= 0 else {
                    seekingParent[path, default: []].append(slot)
                    break
                }
                var step = steps[index]
                index -= 1
                // Steps side by side that bind `@` all have the same parent.
                while index >= 0, tree[step].focus >= 0, tree[steps[index]].focus >= 0 {
                    step = steps[index]
                    index -= 1
                }
                try seekParent(from: step, slot)
            }
        }
    }

    /// Goes one step up, or more if the step is itself a path in brackets.
    mutating func seekParent(from id: NodeID, _ slot: Int) throws(JSONataError) {
        switch tree[id].kind {
        case .name, .wildcard:
            tree.slots[slot].level -= 1
            if tree.slots[slot].level == 0 { keepParent(of: id, in: slot) }
        case .parent:
            tree.slots[slot].level += 1
        case .block(let list, _):
            guard let last = tree.lists[Int(list)].last else { return }
            tree.nodes[Int(id)].isTuple = true
            try seekParent(from: last, slot)
        case .path(let list):
            tree.nodes[Int(id)].isTuple = true
            let steps = tree.lists[Int(list)]
            var index = steps.count - 1
            repeat {
                try seekParent(from: steps[index], slot)
                index -= 1
            } while tree.slots[slot].level > 0 && index >= 0
        default:
            throw JSONataError(.S0217, position: Int(tree[id].position), token: "%")
        }
    }

    private mutating func keepParent(of step: NodeID, in slot: Int) {
        let known = tree[step].ancestor
        if known >= 0 { tree.slots[slot].label = tree.slots[Int(known)].label }
        tree.nodes[Int(step)].ancestor = Int32(slot)
        tree.nodes[Int(step)].isTuple = true
    }
}
