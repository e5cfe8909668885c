/// Functions that take functions.
extension Evaluator {
    func higherOrder(
        _ builtin: Builtin,
        _ arguments: Arguments
    ) throws(JSONataError)
        -> JSONValue?
    {
        guard let array = arguments.array(0) else { return nil }
        let function = arguments.function(1)
        if builtin == .single { return try single(array, function) }
        guard let function else { return nil }
        if builtin == .reduce { return try reduced(array, function, arguments[2]) }
        var results = JSONArray([], marks: .sequence)
        for (index, element) in array.elements.enumerated() {
            let value = try apply(function, element, .number(Double(index)), .array(array))
            if builtin == .filter {
                if truth(value) { results.append(element) }
            } else if let value {
                results.append(value)
            }
        }
        return .array(results)
    }

    /// Calls a function with as many of the three arguments as it has parameters, and at least one.
    func apply(
        _ function: JSONFunction,
        _ first: JSONValue,
        _ second: JSONValue,
        _ third: JSONValue
    ) throws(JSONataError) -> JSONValue? {
        try charge(1)
        let arguments: [JSONValue?] =
            switch parameterCount(of: function) {
            case ...1: [first]
            case 2: [first, second]
            default: [first, second, third]
            }
        return try apply(function, arguments, context: .null)
    }

    private func single(
        _ array: JSONArray,
        _ function: JSONFunction?
    ) throws(JSONataError)
        -> JSONValue?
    {
        var found: JSONValue?
        for (index, element) in array.elements.enumerated() {
            if let function {
                let value = try apply(function, element, .number(Double(index)), .array(array))
                guard truth(value) else { continue }
            }
            guard found == nil else { throw JSONataError(.D3138, argument: index + 1) }
            found = element
        }
        guard let found else { throw JSONataError(.D3139) }
        return found
    }

    private func reduced(
        _ array: JSONArray,
        _ function: JSONFunction,
        _ initial: JSONValue?
    )
        throws(JSONataError) -> JSONValue?
    {
        let parameterCount = parameterCount(of: function)
        guard parameterCount >= 2 else { throw JSONataError(.D3050, argument: 1) }
        var result = initial ?? array.first
        for (index, element) in array.elements.enumerated() where initial != nil || index > 0 {
            try charge(1)
            var arguments: [JSONValue?] = [result, element]
            if parameterCount >= 3 { arguments.append(.number(Double(index))) }
            if parameterCount >= 4 { arguments.append(.array(array)) }
            result = try apply(function, arguments, context: .null)
        }
        return result
    }
}
