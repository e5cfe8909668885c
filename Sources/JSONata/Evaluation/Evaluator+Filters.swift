extension Evaluator {
    /// The elements that a predicate keeps: by position if it yields numbers, else by truth.
    @inline(never)
    func filter(
        _ value: JSONValue?,
        by predicate: NodeID,
        _ frame: Frame
    ) throws(JSONataError)
        -> JSONValue?
    {
        guard let value else { return nil }
        let array: JSONArray = if case .array(let array) = value { array } else { .sequence(value) }
        var results = JSONArray([], marks: .sequence)
        if let index = constantIndex(predicate, count: array.count) {
            guard array.indices.contains(index) else { return .array(results) }
            if case .array = array[index] { return array[index] }
            results.append(array[index])
            return .array(results)
        }
        for (index, element) in array.elements.enumerated() {
            let verdict = try evaluate(predicate, element, frame)
            for _ in 0..<(try keepCount(verdict, index: index, count: array.count)) {
                results.append(element)
            }
        }
        return try made(.array(results))
    }

    @inline(never)
    func filter(
        _ tuples: [Tuple],
        by predicate: NodeID,
        _ frame: Frame
    ) throws(JSONataError)
        -> [Tuple]
    {
        if let index = constantIndex(predicate, count: tuples.count) {
            return tuples.indices.contains(index) ? [tuples[index]] : []
        }
        var results: [Tuple] = []
        for (index, tuple) in tuples.enumerated() {
            let scope = try self.frame(of: tuple, in: frame)
            let verdict = try evaluate(predicate, tuple.value, scope)
            for _ in 0..<(try keepCount(verdict, index: index, count: tuples.count)) {
                results.append(tuple)
            }
        }
        return results
    }

    private func constantIndex(_ predicate: NodeID, count: Int) -> Int? {
        let node = tree[predicate]
        guard case .constant(let index) = node.kind, node.predicates < 0, node.group < 0,
            case .number(let number) = tree.constants[Int(index)]
        else { return nil }
        return position(number, count: count)
    }

    /// A position rounded down, from the end if it is negative.
    private func position(_ number: Double, count: Int) -> Int {
        let index = Int(clamping: number.rounded(.down))
        return index < 0 ? index &+ count : index
    }

    /// How often a predicate's value keeps the element at `index`.
    private func keepCount(
        _ verdict: JSONValue?,
        index: Int,
        count: Int
    ) throws(JSONataError)
        -> Int
    {
        switch verdict {
        case .number(let number) where try isNumeric(number):
            return position(number, count: count) == index ? 1 : 0
        case .array(let array):
            var keeps = 0
            try charge(array.count)
            for element in array.elements {
                guard case .number(let number) = element, try isNumeric(number) else {
                    return truth(verdict) ? 1 : 0
                }
                if position(number, count: count) == index { keeps += 1 }
            }
            return keeps
        default: return truth(verdict) ? 1 : 0
        }
    }

    // MARK: Wildcards

    /// The values of an object's members or an array's elements; arrays among them are flattened.
    @inline(never)
    func wildcard(_ input: JSONValue?) throws(JSONataError) -> JSONValue? {
        var results = JSONArray([], marks: .sequence)
        switch input.map(unwrapped) {
        case .object(let object):
            for entry in object.entries { try appendWild(entry.value, to: &results) }
        case .array(let array):
            for element in array.elements { try appendWild(element, to: &results) }
        default: break
        }
        return try made(.array(results))
    }

    private func appendWild(_ value: JSONValue, to results: inout JSONArray) throws(JSONataError) {
        try charge(1)
        guard case .array(let array) = value else { return results.append(value) }
        // Once an array was joined in, a single value no longer stands for itself.
        results.marks = []
        for element in array.elements { try flatten(element, into: &results) }
    }

    private func flatten(_ value: JSONValue, into results: inout JSONArray) throws(JSONataError) {
        try charge(1)
        guard case .array(let array) = value else { return results.append(value) }
        for element in array.elements { try flatten(element, into: &results) }
    }

    /// The value itself and everything inside it, arrays left out.
    @inline(never)
    func descendants(of input: JSONValue?) throws(JSONataError) -> JSONValue? {
        guard let input else { return nil }
        var results = JSONArray([], marks: .sequence)
        try descend(input, into: &results)
        return try made(results.count == 1 ? results[0] : .array(results))
    }

    private func descend(_ value: JSONValue, into results: inout JSONArray) throws(JSONataError) {
        try charge(1)
        switch value {
        case .array(let array):
            for element in array.elements { try descend(element, into: &results) }
        case .object(let object):
            results.append(value)
            for entry in object.entries { try descend(entry.value, into: &results) }
        default: results.append(value)
        }
    }
}

extension Int {
    /// The integer part of a double, held within the range of an integer; 0 for what is no number.
    init(clamping number: Double) {
        if number.isNaN {
            self = 0
        } else if number >= 0x1p62 {
            self = 1 << 62
        } else if number <= -0x1p62 {
            self = -(1 << 62)
        } else {
            self = Int(number)
        }
    }
}
