extension Evaluator {
    /// What a step of a path goes over.
    enum StepInput {
        /// The context value, which may be nothing.
        case one(JSONValue?)
        case many(JSONArray)
    }

    // MARK: Names

    /// A path of names.
    ///
    /// While it meets objects it makes no sequence.
    @inline(never)
    func fields(_ names: [Int32], of input: JSONValue?) throws(JSONataError) -> JSONValue? {
        var current = input
        var index = 0
        while index < names.count {
            switch current {
            case .object(let object):
                guard let value = object[tree.names[Int(names[index])]] else { return nil }
                current = value
            case .array(let array):
                try charge(array.count)
                let isLast = index == names.count - 1
                let result = try step(tree.names[Int(names[index])], over: array, isLast: isLast)
                guard !result.isEmpty else { return nil }
                current = .array(result)
            default: return nil
            }
            index += 1
        }
        return current
    }

    /// A step that is a name, over the elements of a sequence.
    private func step(
        _ name: String,
        over array: JSONArray,
        isLast: Bool
    ) throws(JSONataError)
        -> JSONArray
    {
        var results: [JSONValue] = []
        for element in array.elements {
            if let value = settled(try member(name, of: element), keepsArray: false) {
                results.append(value)
            }
        }
        return try flattened(results, isLast: isLast)
    }

    /// The member of an object, or of every object in an array.
    func member(_ name: String, of value: JSONValue?) throws(JSONataError) -> JSONValue? {
        switch value {
        case .object(let object): return object[name]
        case .array(let array):
            try charge(array.count)
            var results = JSONArray([], marks: .sequence)
            for element in array.elements {
                guard let found = try member(name, of: element) else { continue }
                if case .array(let inner) = found {
                    results.append(contentsOf: inner)
                } else {
                    results.append(found)
                }
            }
            return try made(.array(results))
        default: return nil
        }
    }

    // MARK: Steps

    @inline(never)
    func path(
        _ node: Node,
        _ steps: [NodeID],
        _ input: JSONValue?,
        _ frame: Frame
    )
        throws(JSONataError) -> JSONValue?
    {
        switch try walk(node, steps, input, frame) {
        case .tuples(let tuples):
            if node.group >= 0 {
                return .object(
                    try group(of: tuples, by: tree.groups[Int(node.group)], frame)
                )
            }
            var values = JSONArray([], marks: .sequence)
            for tuple in tuples {
                if let value = tuple.value { values.append(value) }
            }
            if node.keepsSingleton { values.marks.insert(.keepsSingleton) }
            return try made(.array(values))
        case .sequence(var sequence):
            if node.keepsSingleton {
                if sequence.marks.contains(.constructed), !sequence.marks.contains(.sequence) {
                    sequence = .sequence(.array(sequence))
                }
                sequence.marks.insert(.keepsSingleton)
            }
            guard node.group >= 0 else { return .array(sequence) }
            return try group(.array(sequence), by: tree.groups[Int(node.group)], frame)
        }
    }

    /// What the steps of a path lead to.
    enum PathResult {
        case sequence(JSONArray)
        case tuples([Tuple])
    }

    @inline(never)
    func walk(
        _ node: Node,
        _ steps: [NodeID],
        _ input: JSONValue?,
        _ frame: Frame
    )
        throws(JSONataError) -> PathResult
    {
        var current: StepInput = .one(input)
        if case .array(let array)? = input, !startsAtVariable(steps[0]) { current = .many(array) }
        var sequence = JSONArray()
        var tuples: [Tuple]?
        var isTupleStream = false
        for (index, id) in steps.enumerated() {
            let step = tree[id]
            if step.isTuple { isTupleStream = true }
            if index == 0, step.isConstructed {
                sequence = try firstConstructor(id, current, frame)
            } else if isTupleStream {
                tuples = try tupleStep(id, current, tuples, frame)
            } else {
                sequence = try self.step(id, current, frame, isLast: index == steps.count - 1)
            }
            if !isTupleStream, sequence.isEmpty { break }
            if step.focus < 0 { current = .many(sequence) }
        }
        if let tuples { return .tuples(tuples) }
        return .sequence(sequence)
    }

    private func startsAtVariable(_ id: NodeID) -> Bool {
        switch tree[id].kind {
        case .variable, .context: true
        default: false
        }
    }

    /// An array constructor at the start of a path sees the context as a whole.
    private func firstConstructor(
        _ id: NodeID,
        _ input: StepInput,
        _ frame: Frame
    )
        throws(JSONataError) -> JSONArray
    {
        let context: JSONValue? =
            switch input {
            case .one(let value): value
            case .many(let array): .array(array)
            }
        switch try evaluate(id, context, frame) {
        case nil: return JSONArray([], marks: .sequence)
        case .array(let array): return array
        case let value?: return .sequence(value)
        }
    }

    private func step(
        _ id: NodeID,
        _ input: StepInput,
        _ frame: Frame,
        isLast: Bool
    )
        throws(JSONataError) -> JSONArray
    {
        let node = tree[id]
        let stages = node.stages < 0 ? [] : tree.stages[Int(node.stages)]
        if case .sort(let terms) = node.kind {
            return try sortStep(tree.sorts[Int(terms)], node, input, stages, frame)
        }
        var results: [JSONValue] = []
        switch input {
        case .one(let value):
            if let result = try stepValue(id, value, stages, frame) { results.append(result) }
        case .many(let array):
            for element in array.elements {
                if let result = try stepValue(id, element, stages, frame) {
                    results.append(result)
                }
            }
        }
        return try flattened(results, isLast: isLast)
    }

    private func stepValue(
        _ id: NodeID,
        _ input: JSONValue?,
        _ stages: [Stage],
        _ frame: Frame
    ) throws(JSONataError) -> JSONValue? {
        var value = try evaluate(id, input, frame)
        for stage in stages {
            guard case .filter(let predicate) = stage else { continue }
            value = try filter(value, by: predicate, frame)
        }
        return value
    }

    private func sortStep(
        _ terms: [SortTerm],
        _ node: Node,
        _ input: StepInput,
        _ stages: [Stage],
        _ frame: Frame
    ) throws(JSONataError) -> JSONArray {
        let array: JSONArray =
            switch input {
            case .one(let value): JSONArray(value.map { [$0] } ?? [], marks: .sequence)
            case .many(let array): array
            }
        var result: JSONValue? = .array(try sorted(array, by: terms, node, frame))
        for stage in stages {
            guard case .filter(let predicate) = stage else { continue }
            result = try filter(result, by: predicate, frame)
        }
        switch result {
        case .array(let array): return array
        case nil: return JSONArray([], marks: .sequence)
        case let value?: return .sequence(value)
        }
    }

    /// One level of arrays opens into the sequence; at the end of a path a single array stays itself.
    private func flattened(_ results: [JSONValue], isLast: Bool) throws(JSONataError) -> JSONArray {
        if isLast, results.count == 1, case .array(let only) = results[0],
            !only.marks.contains(.sequence)
        {
            return only
        }
        var sequence = JSONArray([], marks: .sequence)
        sequence.reserveCapacity(results.count)
        for result in results {
            if case .array(let array) = result, !array.marks.contains(.constructed) {
                sequence.append(contentsOf: array)
            } else {
                sequence.append(result)
            }
        }
        _ = try made(.array(sequence))
        return sequence
    }
}
