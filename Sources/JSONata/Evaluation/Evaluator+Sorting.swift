extension Evaluator {
    func sorted(
        _ array: JSONArray,
        by terms: [SortTerm],
        _ node: Node,
        _ frame: Frame
    )
        throws(JSONataError) -> JSONArray
    {
        guard array.count > 1 else { return array }
        let elements = try mergeSorted(array.elements) { left, right throws(JSONataError) in
            let left = Tuple(value: left)
            return try self.follows(left, Tuple(value: right), terms, node, frame)
        }
        return JSONArray(elements)
    }

    func sorted(
        _ tuples: [Tuple],
        by terms: [SortTerm],
        _ node: Node,
        _ frame: Frame
    )
        throws(JSONataError) -> [Tuple]
    {
        try mergeSorted(tuples) { left, right throws(JSONataError) in
            try self.follows(left, right, terms, node, frame)
        }
    }

    /// Whether `left` comes after `right`: the first term that tells them apart decides, and nothing
    /// comes after everything.
    private func follows(
        _ left: Tuple,
        _ right: Tuple,
        _ terms: [SortTerm],
        _ node: Node,
        _ frame: Frame
    ) throws(JSONataError) -> Bool {
        let leftScope = try self.frame(of: left, in: frame)
        let rightScope = try self.frame(of: right, in: frame)
        for term in terms {
            let first = try evaluate(term.expression, left.value, leftScope)
            let second = try evaluate(term.expression, right.value, rightScope)
            guard let first else {
                if second == nil { continue }
                return true
            }
            guard let second else { return false }
            if let follows = try follows(first, second, node) {
                return follows != term.isDescending
            }
        }
        return false
    }

    /// nil if both are the same.
    private func follows(
        _ left: JSONValue,
        _ right: JSONValue,
        _ node: Node
    )
        throws(JSONataError) -> Bool?
    {
        switch (left, right) {
        case (.number(let left), .number(let right)): return left == right ? nil : left > right
        case (.string(let left), .string(let right)):
            return left.hasSameBytes(as: right) ? nil : right.precedes(left)
        default:
            guard left.isComparable, right.isComparable else {
                throw JSONataError(
                    .T2008,
                    position: Int(node.position),
                    value: left.isComparable ? right : left
                )
            }
            throw JSONataError(.T2007, position: Int(node.position), value: left)
        }
    }

    /// A stable merge sort, bottom up; `follows` may fail, which the library's sort does not allow.
    func mergeSorted<Element>(
        _ elements: [Element],
        follows: (Element, Element) throws(JSONataError) -> Bool
    ) throws(JSONataError) -> [Element] {
        var source = elements
        var width = 1
        while width < source.count {
            var merged: [Element] = []
            merged.reserveCapacity(source.count)
            var start = 0
            while start < source.count {
                let middle = min(start + width, source.count)
                let end = min(start + 2 * width, source.count)
                var left = start
                var right = middle
                while left < middle, right < end {
                    try charge(1)
                    if try follows(source[left], source[right]) {
                        merged.append(source[right])
                        right += 1
                    } else {
                        merged.append(source[left])
                        left += 1
                    }
                }
                merged.append(contentsOf: source[left..<middle])
                merged.append(contentsOf: source[right..<end])
                start = end
            }
            source = merged
            width *= 2
        }
        return source
    }
}
