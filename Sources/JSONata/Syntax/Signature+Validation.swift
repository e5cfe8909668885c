extension Signature {
    /// The arguments as the function gets them: one for each parameter, more for a repeated one.
    func validate(
        _ arguments: [JSONValue?],
        context: JSONValue?
    ) throws(JSONataError)
        -> [JSONValue?]
    {
        if takesAsTheyAre(arguments) { return arguments }
        let types = arguments.map { Types(of: $0) }
        guard let counts = counts(for: types) else {
            let index = firstMismatch(types)
            throw JSONataError(
                .T0410,
                value: arguments.indices.contains(index) ? arguments[index] : nil,
                argument: index + 1
            )
        }
        var result: [JSONValue?] = []
        result.reserveCapacity(parameters.count)
        var next = 0
        var matched = 0
        for (parameter, count) in zip(parameters, counts) {
            guard count > 0 || !parameter.takesContext else {
                result.append(try substitute(parameter, context, argument: next + 1))
                continue
            }
            // An optional parameter takes the next argument even if it is of another type, and the
            // parameters after it move on, as in the reference; the types stay where they are.
            for turn in 0..<max(count, 1) {
                let argument = next < arguments.count ? arguments[next] : nil
                next += 1
                guard parameter.isArray, count > 0 else {
                    result.append(argument)
                    continue
                }
                let isFitting = parameter.takes(
                    argument,
                    types[matched + turn],
                    isSingle: count == 1
                )
                guard isFitting else { throw JSONataError(.T0412, value: argument, argument: next) }
                result.append(Self.array(argument))
            }
            matched += count
        }
        return result
    }

    /// Whether each argument goes to one parameter and none is to become an array: the usual case.
    private func takesAsTheyAre(_ arguments: [JSONValue?]) -> Bool {
        guard !plainTypes.isEmpty, arguments.count == plainTypes.count else { return false }
        var index = 0
        while index < plainTypes.count {
            guard plainTypes[index].isSuperset(of: Types(of: arguments[index])) else {
                return false
            }
            index += 1
        }
        return true
    }

    private func substitute(
        _ parameter: Parameter,
        _ context: JSONValue?,
        argument: Int
    )
        throws(JSONataError) -> JSONValue?
    {
        guard parameter.accepted.contains(Types(of: context)) else {
            throw JSONataError(.T0411, value: context, argument: argument)
        }
        return context
    }

    /// A value where an array is expected.
    private static func array(_ value: JSONValue?) -> JSONValue? {
        switch value {
        case nil, .array: value
        case let value?: .array(JSONArray([value]))
        }
    }

    // MARK: Which argument goes to which parameter

    /// How many arguments each parameter takes, the first ones as many as they can; nil if the
    /// arguments do not fit.
    private func counts(for types: [Types]) -> [Int]? {
        if types.count == parameters.count,
            zip(parameters, types).allSatisfy({ $0.accepted.isSuperset(of: $1) && !$0.isRepeated })
        {
            return [Int](repeating: 1, count: types.count)
        }
        let width = types.count + 1
        // Whether the parameters from one on fit the arguments from one on, from the back.
        var fits = [Bool](repeating: false, count: (parameters.count + 1) * width)
        fits[parameters.count * width + types.count] = true
        for parameter in parameters.indices.reversed() {
            for start in 0...types.count {
                fits[parameter * width + start] =
                    count(of: parameter, from: start, types, fits, width) != nil
            }
        }
        guard fits[0] else { return nil }
        var counts: [Int] = []
        var start = 0
        for parameter in parameters.indices {
            guard let count = count(of: parameter, from: start, types, fits, width) else {
                return nil
            }
            counts.append(count)
            start += count
        }
        return counts
    }

    /// The largest number of arguments that the parameter can take so that the rest still fits.
    private func count(
        of index: Int,
        from start: Int,
        _ types: [Types],
        _ fits: [Bool],
        _ width: Int
    ) -> Int? {
        let parameter = parameters[index]
        var most = 0
        while start + most < types.count, parameter.isRepeated || most == 0,
            parameter.accepted.isSuperset(of: types[start + most])
        {
            most += 1
        }
        let least = parameter.isOptional ? 0 : 1
        while most >= least {
            if fits[(index + 1) * width + start + most] { return most }
            most -= 1
        }
        return nil
    }

    /// The first argument that no parameter takes; for the error message only.
    private func firstMismatch(_ types: [Types]) -> Int {
        var next = 0
        for parameter in parameters {
            let start = next
            while next < types.count, parameter.isRepeated || next == start,
                parameter.accepted.isSuperset(of: types[next])
            {
                next += 1
            }
            if next == start, !parameter.isOptional { return next }
        }
        return next
    }
}

extension Signature.Parameter {
    /// Whether the parameter, an array, takes a value where `type` was matched.
    fileprivate func takes(
        _ value: JSONValue?,
        _ type: Signature.Types,
        isSingle: Bool
    ) -> Bool {
        guard let element, type != .missing else { return true }
        guard type == .array else {
            return isSingle && element.count == 1
                && element.first.flatMap(Signature.Types.init) == type
        }
        guard case .array(let array)? = value, let first = array.first else { return true }
        let elementType = Signature.Types(of: first)
        return element.first.flatMap(Signature.Types.init) == elementType
            && array.elements.allSatisfy { Signature.Types(of: $0) == elementType }
    }
}
