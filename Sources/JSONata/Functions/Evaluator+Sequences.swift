/// Aggregation, and functions on arrays.
extension Evaluator {
    func aggregation(
        _ builtin: Builtin,
        _ arguments: Arguments
    ) throws(JSONataError)
        -> JSONValue?
    {
        guard let array = arguments.array(0) else { return builtin == .count ? .number(0) : nil }
        try charge(array.count)
        if builtin == .count { return .number(Double(array.count)) }
        guard let first = array.first?.numberValue else {
            return builtin == .sum ? .number(0) : nil
        }
        var sum = 0.0
        var least = first
        var most = first
        for case .number(let number) in array.elements {
            sum += number
            least = Swift.min(least, number)
            most = Swift.max(most, number)
        }
        return switch builtin {
        case .sum: .number(sum)
        case .max: .number(most)
        case .min: .number(least)
        default: .number(sum / Double(array.count))
        }
    }

    func sequence(_ builtin: Builtin, _ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        switch builtin {
        case .append: return try append(arguments[0], arguments[1])
        case .zip: return try zipped(arguments)
        case .distinct: return try distinct(arguments[0])
        default: break
        }
        guard let array = arguments.array(0) else { return nil }
        try charge(array.count)
        switch builtin {
        case .sort: return try sorted(array, arguments.function(1))
        case .reverse:
            return array.count > 1
                ? .array(JSONArray(Array(array.elements.reversed()))) : .array(array)
        default: return .array(array.count > 1 ? shuffled(array) : array)
        }
    }

    private func append(
        _ left: JSONValue?,
        _ right: JSONValue?
    ) throws(JSONataError)
        -> JSONValue?
    {
        guard let left else { return right }
        guard let right else { return left }
        var result = JSONArray()
        for side in [left, right] {
            if case .array(let array) = side {
                try charge(array.count / 16)
                result.append(contentsOf: array)
            } else {
                result.append(side)
            }
        }
        return .array(result)
    }

    private func zipped(_ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        let arrays = arguments.values.map { $0?.arrayValue ?? [] }
        var rows = JSONArray()
        for index in 0..<(arrays.map(\.count).min() ?? 0) {
            try charge(arrays.count)
            rows.append(.array(JSONArray(arrays.map { $0[index] })))
        }
        return .array(rows)
    }

    private func distinct(_ value: JSONValue?) throws(JSONataError) -> JSONValue? {
        guard case .array(let array)? = value, array.count > 1 else { return value }
        var result = JSONArray(
            [],
            marks: array.marks.contains(.sequence) ? .sequence : []
        )
        // Equal values have the same text as numbers, strings and so on; the text finds candidates.
        var known = JSONObject()
        for element in array.elements {
            try charge(1)
            let key = element.isScalar ? element.jsonText : "{}"
            let candidates = known[key]?.arrayValue ?? []
            try charge(candidates.count + Int(candidates.weight) / Self.weightPerOperation)
            guard !candidates.elements.contains(element) else { continue }
            var extended = candidates
            extended.append(element)
            known[key] = .array(extended)
            result.append(element)
        }
        return .array(result)
    }

    private func sorted(
        _ array: JSONArray,
        _ comparator: JSONFunction?
    ) throws(JSONataError)
        -> JSONValue?
    {
        guard array.count > 1 else { return .array(array) }
        if let comparator {
            let elements = try mergeSorted(array.elements) { left, right throws(JSONataError) in
                truth(try self.apply(comparator, [left, right], context: nil))
            }
            return .array(JSONArray(elements))
        }
        let areNumbers = array.elements.allSatisfy { $0.numberValue != nil }
        guard areNumbers || array.elements.allSatisfy({ $0.stringValue != nil }) else {
            throw JSONataError(.D3070, argument: 1)
        }
        let elements = try mergeSorted(array.elements) { left, right throws(JSONataError) in
            if let left = left.numberValue, let right = right.numberValue { return left > right }
            return (right.stringValue ?? "").precedes(left.stringValue ?? "")
        }
        return .array(JSONArray(elements))
    }

    private func shuffled(_ array: JSONArray) -> JSONArray {
        var elements = array.elements
        for index in elements.indices.dropFirst() {
            elements.swapAt(index, draw { $0.next(below: index + 1) })
        }
        return JSONArray(elements)
    }
}

extension JSONValue {
    var isScalar: Bool {
        switch self {
        case .array, .object, .function: false
        default: true
        }
    }
}
