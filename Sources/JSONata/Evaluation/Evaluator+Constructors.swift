extension Evaluator {
    /// `[…]`: what an item yields is joined in, unless the item is itself an array constructor.
    @inline(never)
    func array(
        _ node: Node,
        _ items: [NodeID],
        _ input: JSONValue?,
        _ frame: Frame
    )
        throws(JSONataError) -> JSONValue?
    {
        var result = JSONArray()
        for item in items {
            guard let value = try evaluate(item, input, frame) else { continue }
            guard case .array(let array) = value, !isConstructor(item) else {
                result.append(value)
                continue
            }
            if result.isEmpty {
                result = array
                result.marks = []
            } else {
                result.append(contentsOf: array)
            }
        }
        if node.isConstructed { result.marks.insert(.constructed) }
        return try made(.array(result))
    }

    private func isConstructor(_ id: NodeID) -> Bool {
        switch tree[id].kind {
        case .array: true
        // An array of constants was folded into one.
        case .constant: true
        default: false
        }
    }

    // MARK: Grouping

    /// `{…}` behind a value, or on its own over the context.
    @inline(never)
    func group(
        _ value: JSONValue?,
        by group: Group,
        _ frame: Frame
    ) throws(JSONataError)
        -> JSONValue?
    {
        .object(try self.group(of: value, by: group, frame))
    }

    @inline(never)
    func group(
        of value: JSONValue?,
        by group: Group,
        _ frame: Frame
    ) throws(JSONataError)
        -> JSONObject
    {
        var items: [Tuple] = [Tuple(value: value)]
        if case .array(let array)? = value, !array.isEmpty {
            items = array.elements.map { Tuple(value: $0) }
        } else if case .array? = value {
            items = [Tuple(value: nil)]
        }
        return try self.group(of: items, by: group, frame)
    }

    /// The items with the same key together, then the value of each key over its items.
    @inline(never)
    func group(
        of tuples: [Tuple],
        by group: Group,
        _ frame: Frame
    ) throws(JSONataError)
        -> JSONObject
    {
        var buckets: [(pair: Int, tuples: [Tuple])] = []
        var positions = JSONObject()
        let tuples = tuples.isEmpty ? [Tuple(value: nil)] : tuples
        for tuple in tuples {
            let scope = try self.frame(of: tuple, in: frame)
            for (pair, expressions) in group.pairs.enumerated() {
                guard let key = try key(expressions.key, tuple, group, scope) else { continue }
                if case .number(let position)? = positions[key] {
                    guard buckets[Int(position)].pair == pair else {
                        throw JSONataError(
                            .D1009,
                            position: Int(group.position),
                            value: .string(key)
                        )
                    }
                    buckets[Int(position)].tuples.append(tuple)
                } else {
                    positions.set(.number(Double(buckets.count)), forKey: key)
                    buckets.append((pair, [tuple]))
                }
            }
        }
        var result = JSONObject()
        for (entry, bucket) in zip(positions.entries, buckets) {
            let merged = try merged(bucket.tuples)
            let scope = try self.frame(of: merged, in: frame)
            let expression = group.pairs[bucket.pair].value
            guard let value = try evaluate(expression, merged.value, scope) else { continue }
            try charge(bytes: entry.key.utf8.count)
            result.set(value, forKey: entry.key)
        }
        _ = try made(.object(result))
        return result
    }

    private func key(
        _ id: NodeID,
        _ tuple: Tuple,
        _ group: Group,
        _ frame: Frame
    )
        throws(JSONataError) -> String?
    {
        switch try evaluate(id, tuple.value, frame) {
        case nil: return nil
        case .string(let key): return key
        case let other: throw JSONataError(.T1003, position: Int(group.position), value: other)
        }
    }

    /// The items of one key as one: their values joined, and each variable's values joined.
    private func merged(_ tuples: [Tuple]) throws(JSONataError) -> Tuple {
        guard tuples.count > 1 else { return tuples.first ?? Tuple(value: nil) }
        var result = Tuple(value: try joined(tuples.map(\.value)))
        for variable in tuples[0].variables {
            let values = tuples.map { tuple in
                tuple.variables.first { $0.name == variable.name }?.value
            }
            result.set(variable.name, try joined(values))
        }
        return result
    }

    private func joined(_ values: [JSONValue?]) throws(JSONataError) -> JSONValue? {
        var result = JSONArray([], marks: .sequence)
        for case let value? in values {
            if case .array(let array) = value {
                result.append(contentsOf: array)
                result.marks = []
            } else {
                result.append(value)
            }
        }
        // What was joined from several items is a plain array, even if arrays among them were empty.
        if values.count(where: { $0 != nil }) > 1 { result.marks = [] }
        return try made(settled(.array(result), keepsArray: false))
    }
}
