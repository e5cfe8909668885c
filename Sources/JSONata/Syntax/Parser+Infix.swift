extension Parser {
    /// The operator `symbol`, already passed, with `left` on its left.
    mutating func infix(_ left: Syntax, _ symbol: Token) throws(JSONataError) -> Syntax {
        switch symbol.text {
        case "(": return try call(left, symbol)
        case "[": return try filter(left, symbol)
        case "^": return try sort(left, symbol)
        case "{":
            let pairs = try self.pairs()
            let children = [left] + pairs.flatMap { [$0.key, $0.value] }
            return try node(.group(left, pairs), symbol, over: children)
        case "?": return try condition(left, symbol)
        case ":=":
            guard case .variable = left.kind else {
                throw JSONataError(.S0212, position: left.position, token: left.text)
            }
            return try binary(left, symbol, bindingPower: symbol.bindingPower - 1)
        case "@", "#":
            let result = try binary(left, symbol, bindingPower: symbol.bindingPower)
            guard case .binary(_, let right) = result.kind, case .variable = right.kind else {
                throw JSONataError(.S0214, position: symbol.position, token: symbol.text)
            }
            return result
        case "??", "?:":
            return try binary(left, symbol, bindingPower: 0)
        default:
            return try binary(left, symbol, bindingPower: symbol.bindingPower)
        }
    }

    private mutating func binary(
        _ left: Syntax,
        _ symbol: Token,
        bindingPower: Int
    )
        throws(JSONataError) -> Syntax
    {
        let right = try expression(bindingPower: bindingPower)
        return try node(.binary(left, right), symbol, over: [left, right])
    }

    private mutating func condition(
        _ left: Syntax,
        _ symbol: Token
    ) throws(JSONataError)
        -> Syntax
    {
        let then = try expression(bindingPower: 0)
        guard token.isOperator(":") else {
            return try node(.condition(left, then, nil), symbol, over: [left, then])
        }
        try advance()
        let otherwise = try expression(bindingPower: 0)
        return try node(
            .condition(left, then, otherwise),
            symbol,
            over: [left, then, otherwise]
        )
    }

    private mutating func filter(_ left: Syntax, _ symbol: Token) throws(JSONataError) -> Syntax {
        if token.isOperator("]") {
            // `[]` keeps a single result as an array; it belongs to the step under its filters.
            var step = left
            while case .filter(let inner, _) = step.kind { step = inner }
            step.keepsArray = true
            try expect("]", afterOperand: true)
            return left
        }
        let predicate = try expression(bindingPower: 0)
        try expect("]", afterOperand: true)
        return try node(.filter(left, predicate), symbol, over: [left, predicate])
    }

    private mutating func sort(_ left: Syntax, _ symbol: Token) throws(JSONataError) -> Syntax {
        try expect("(")
        var terms: [Syntax.Term] = []
        while true {
            let isDescending = token.isOperator(">")
            if isDescending || token.isOperator("<") { try advance() }
            let term = try expression(bindingPower: 0)
            terms.append(Syntax.Term(isDescending: isDescending, expression: term))
            guard token.isOperator(",") else { break }
            try advance()
        }
        try expect(")", afterOperand: true)
        return try node(.sort(left, terms), symbol, over: [left] + terms.map(\.expression))
    }

    // MARK: Calls and functions

    /// Matching arguments to a signature takes their number times that of the parameters.
    private static let argumentCountMax = 128

    private mutating func call(
        _ procedure: Syntax,
        _ symbol: Token
    ) throws(JSONataError)
        -> Syntax
    {
        var arguments: [Syntax] = []
        var isPartial = false
        if !token.isOperator(")") {
            while true {
                if token.isOperator("?") {
                    isPartial = true
                    arguments.append(Syntax(.placeholder, token))
                    try advance()
                } else {
                    arguments.append(try expression(bindingPower: 0))
                }
                guard token.isOperator(",") else { break }
                guard arguments.count < Self.argumentCountMax else {
                    throw JSONataError(.U1005, position: token.position)
                }
                try advance()
            }
        }
        try expect(")", afterOperand: true)
        if case .name = procedure.kind, procedure.text == "function" || procedure.text == "λ" {
            return try lambda(arguments, symbol)
        }
        return try node(
            isPartial ? .partial(procedure, arguments) : .call(procedure, arguments),
            symbol,
            over: [procedure] + arguments
        )
    }

    private mutating func lambda(
        _ parameters: [Syntax],
        _ symbol: Token
    ) throws(JSONataError)
        -> Syntax
    {
        for (index, parameter) in parameters.enumerated() {
            guard case .variable = parameter.kind else {
                throw JSONataError(
                    .S0208,
                    position: parameter.position,
                    token: parameter.text,
                    value: .number(Double(index + 1))
                )
            }
        }
        let signature = token.isOperator("<") ? try self.signature() : nil
        try expect("{")
        let body = try expression(bindingPower: 0)
        try expect("}", afterOperand: true)
        return try node(.lambda(parameters, signature, body), symbol, over: [body])
    }

    /// A signature such as `<s-n?:s>`: its tokens are put together again and read as one text.
    private mutating func signature() throws(JSONataError) -> Signature {
        let start = token.position
        var text = "<"
        var depth = 1
        while depth > 0, !token.isOperator("{"), token.kind != .end {
            try advance()
            if token.isOperator(">") { depth -= 1 }
            if token.isOperator("<") { depth += 1 }
            text += token.text
        }
        try expect(">")
        do throws(JSONataError) {
            return try Signature(text)
        } catch {
            var error = error
            error.position = start + (error.position ?? 0)
            throw error
        }
    }
}
