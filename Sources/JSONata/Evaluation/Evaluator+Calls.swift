extension Evaluator {
    /// A call; `first` is the value left of `~>`, which goes before the arguments.
    @inline(never)
    func call(
        _ node: Node,
        _ procedure: NodeID,
        _ arguments: [NodeID],
        _ input: JSONValue?,
        _ frame: Frame,
        first: JSONValue??
    ) throws(JSONataError) -> JSONValue? {
        let callee = try evaluate(procedure, input, frame)
        if callee == nil, let name = singleName(procedure), lookup(name, frame) != nil {
            throw JSONataError(
                .T1005,
                position: Int(node.position),
                token: tree.names[Int(name)]
            )
        }
        var values: [JSONValue?] = []
        values.reserveCapacity(arguments.count + 1)
        if let first { values.append(first) }
        for argument in arguments { values.append(try evaluate(argument, input, frame)) }
        do throws(JSONataError) {
            guard case .function(let function)? = callee else { throw JSONataError(.T1006) }
            return try apply(function, values, context: input.map(unwrapped))
        } catch {
            throw placed(error, node, procedure)
        }
    }

    private func placed(_ error: JSONataError, _ node: Node, _ procedure: NodeID) -> JSONataError {
        var error = error
        error.position = error.position ?? Int(node.position)
        if error.token == nil { error.token = name(of: procedure) }
        return error
    }

    private func name(of procedure: NodeID) -> String? {
        if case .variable(let name) = tree[procedure].kind { return tree.names[Int(name)] }
        return singleName(procedure).map { tree.names[Int($0)] }
    }

    /// The first name of a path: what was meant when the dollar sign was forgotten.
    private func singleName(_ id: NodeID) -> Int32? {
        switch tree[id].kind {
        case .fields(let list): return tree.lists[Int(list)].first
        case .path(let list):
            guard let first = tree.lists[Int(list)].first, case .name(let name) = tree[first].kind
            else { return nil }
            return name
        default: return nil
        }
    }

    // MARK: Applying functions

    /// Calls a function, and then the call that it ends with, and so on: a recursion in tail position
    /// runs here as a loop.
    func apply(
        _ function: JSONFunction,
        _ arguments: [JSONValue?],
        context: JSONValue?
    )
        throws(JSONataError) -> JSONValue?
    {
        var result = try applyOnce(function, arguments, context)
        while let next = pendingCall {
            pendingCall = nil
            let node = tree[next.call]
            guard case .call(let procedure, let list) = node.kind else { return result }
            let callee = try evaluate(procedure, next.input, next.frame)
            var values: [JSONValue?] = []
            for argument in tree.lists[Int(list)] {
                values.append(try evaluate(argument, next.input, next.frame))
            }
            do throws(JSONataError) {
                guard case .function(let function)? = callee else {
                    throw JSONataError(.T1006)
                }
                result = try applyOnce(function, values, context)
            } catch {
                throw placed(error, node, procedure)
            }
        }
        return result
    }

    private func applyOnce(
        _ function: JSONFunction,
        _ arguments: [JSONValue?],
        _ context: JSONValue?
    ) throws(JSONataError) -> JSONValue? {
        if let builtin = Builtin(rawValue: Int16(truncatingIfNeeded: function.index)) {
            return try call(builtin, arguments, context: context)
        }
        switch closure(function) {
        case .lambda(let index, let input, let frame):
            return try applyLambda(
                tree.lambdas[Int(index)],
                input,
                frame,
                arguments,
                context
            )
        case .partial(let function, var values, let holes):
            for (position, hole) in holes.enumerated() where position < arguments.count {
                values[hole] = arguments[position]
            }
            return try apply(function, values, context: nil)
        case .composition(let inner, let outer):
            let value = try apply(inner, Array(arguments.prefix(1)), context: nil)
            return try apply(outer, [value], context: nil)
        case .regex(let index):
            guard case .string(let text)?? = arguments.first else { return nil }
            return try firstMatch(index, RegexSubject(text), from: 0)
        case .nextMatch(let index, let subject, let offset):
            return try nextMatch(index, subject, from: offset)
        case .transform(let parts, let frame):
            return try transform(arguments.first ?? nil, parts, frame)
        case nil: throw JSONataError(.T1006)
        }
    }

    private func applyLambda(
        _ lambda: Lambda,
        _ input: JSONValue?,
        _ frame: Frame,
        _ arguments: [JSONValue?],
        _ context: JSONValue?
    ) throws(JSONataError) -> JSONValue? {
        var values = arguments
        if let signature = lambda.signature {
            try charge(signature.parameters.count * arguments.count / 8)
            values = try signature.validate(arguments, context: context)
        }
        let scope = try child(of: frame)
        for (position, parameter) in lambda.parameters.enumerated() {
            scope.bind(parameter, position < values.count ? values[position] : nil)
        }
        return try evaluate(lambda.body, input, scope)
    }

    /// How many parameters a function declares; higher-order functions pass no more.
    func parameterCount(of function: JSONFunction) -> Int {
        if let builtin = Builtin(rawValue: Int16(truncatingIfNeeded: function.index)) {
            return builtin.parameterCount
        }
        return switch closure(function) {
        case .lambda(let index, _, _): tree.lambdas[Int(index)].parameters.count
        case .partial(_, _, let holes): holes.count
        case .nextMatch, nil: 0
        default: 1
        }
    }

    // MARK: Partial application and chaining

    @inline(never)
    func partial(
        _ node: Node,
        _ procedure: NodeID,
        _ arguments: [NodeID],
        _ input: JSONValue?,
        _ frame: Frame
    ) throws(JSONataError) -> JSONValue? {
        var values: [JSONValue?] = []
        var holes: [Int] = []
        for argument in arguments {
            if case .placeholder = tree[argument].kind {
                holes.append(values.count)
                values.append(nil)
            } else {
                values.append(try evaluate(argument, input, frame))
            }
        }
        let callee = try evaluate(procedure, input, frame)
        guard case .function(let function)? = callee else {
            let name = singleName(procedure)
            let isForgottenDollar = callee == nil && name.map { lookup($0, frame) != nil } == true
            throw JSONataError(
                isForgottenDollar ? .T1007 : .T1008,
                position: Int(node.position),
                token: self.name(of: procedure)
            )
        }
        return self.function(.partial(function, arguments: values, holes: holes))
    }

    /// `left ~> right`: calls the right side with the left one, or joins two functions into one.
    @inline(never)
    func chain(
        _ node: Node,
        _ left: NodeID,
        _ right: NodeID,
        _ input: JSONValue?,
        _ frame: Frame
    ) throws(JSONataError) -> JSONValue? {
        let value = try evaluate(left, input, frame)
        let target = tree[right]
        if case .call(let procedure, let list) = target.kind {
            let result = try call(
                target,
                procedure,
                tree.lists[Int(list)],
                input,
                frame,
                first: .some(value)
            )
            return settled(result, keepsArray: target.keepsArray)
        }
        guard case .function(let function)? = try evaluate(right, input, frame) else {
            throw JSONataError(.T2006, position: Int(node.position), token: "~>")
        }
        if case .function(let first)? = value {
            return self.function(.composition(first, function))
        }
        do throws(JSONataError) {
            return try apply(function, [value], context: nil)
        } catch {
            throw placed(error, node, right)
        }
    }
}
