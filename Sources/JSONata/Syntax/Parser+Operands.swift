extension Parser {
    /// What can stand where an operand is expected; `first` is its first token, already passed.
    mutating func operand(_ first: Token) throws(JSONataError) -> Syntax {
        switch first.kind {
        case .end: return Syntax(.end, first)
        case .name: return Syntax(.name, first)
        case .variable: return Syntax(.variable, first)
        case .string: return Syntax(.string, first)
        case .number(let value): return Syntax(.number(value), first)
        case .word(let word): return Syntax(.word(word), first)
        case .regex(let isCaseInsensitive, let isMultiline):
            return Syntax(
                .regex(isCaseInsensitive: isCaseInsensitive, isMultiline: isMultiline),
                first
            )
        case .operation: return try prefix(first)
        }
    }

    private mutating func prefix(_ symbol: Token) throws(JSONataError) -> Syntax {
        switch symbol.text {
        case "and", "or", "in": return Syntax(.keyword, symbol)
        case "*": return Syntax(.wildcard, symbol)
        case "**": return Syntax(.descendants, symbol)
        case "%": return Syntax(.parent, symbol)
        case "-":
            let operand = try expression(bindingPower: 70)
            return try node(.negation(operand), symbol, over: [operand])
        case "(": return try block(symbol)
        case "[": return try array(symbol)
        case "{":
            let pairs = try self.pairs()
            return try node(.object(pairs), symbol, over: pairs.flatMap { [$0.key, $0.value] })
        case "|": return try transform(symbol)
        default:
            throw JSONataError(.S0211, position: symbol.position, token: symbol.text)
        }
    }

    private mutating func block(_ symbol: Token) throws(JSONataError) -> Syntax {
        var expressions: [Syntax] = []
        while !token.isOperator(")") {
            expressions.append(try expression(bindingPower: 0))
            guard token.isOperator(";") else { break }
            try advance()
        }
        try expect(")", afterOperand: true)
        return try node(.block(expressions), symbol, over: expressions)
    }

    private mutating func array(_ symbol: Token) throws(JSONataError) -> Syntax {
        var items: [Syntax] = []
        if !token.isOperator("]") {
            while true {
                var item = try expression(bindingPower: 0)
                if token.isOperator("..") {
                    let range = token
                    try advance()
                    let end = try expression(bindingPower: 0)
                    item = try node(.binary(item, end), range, over: [item, end])
                }
                items.append(item)
                guard token.isOperator(",") else { break }
                try advance()
            }
        }
        try expect("]", afterOperand: true)
        return try node(.array(items), symbol, over: items)
    }

    /// The members of an object constructor or grouping, up to and with the closing brace.
    mutating func pairs() throws(JSONataError) -> [Syntax.Pair] {
        var pairs: [Syntax.Pair] = []
        if !token.isOperator("}") {
            while true {
                let key = try expression(bindingPower: 0)
                try expect(":")
                pairs.append(Syntax.Pair(key: key, value: try expression(bindingPower: 0)))
                guard token.isOperator(",") else { break }
                try advance()
            }
        }
        try expect("}", afterOperand: true)
        return pairs
    }

    private mutating func transform(_ symbol: Token) throws(JSONataError) -> Syntax {
        let pattern = try expression(bindingPower: 0)
        try expect("|")
        let update = try expression(bindingPower: 0)
        var deletion: Syntax?
        if token.isOperator(",") {
            try advance()
            deletion = try expression(bindingPower: 0)
        }
        try expect("|", afterOperand: true)
        let parts = [pattern, update] + (deletion.map { [$0] } ?? [])
        return try node(.transform(pattern, update, deletion), symbol, over: parts)
    }
}
