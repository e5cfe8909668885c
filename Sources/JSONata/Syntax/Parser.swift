/// Top-down operator precedence (Pratt 1973): each token knows how strongly it binds to its left.
struct Parser {
    private var lexer: Lexer
    private(set) var token: Token
    private var depth = 0

    /// Parses the whole text.
    static func parse(_ expression: String) throws(JSONataError) -> Syntax {
        guard expression.utf8.count <= expressionByteCountMax else {
            throw JSONataError(.U1005, position: expressionByteCountMax)
        }
        var parser = try Parser(expression)
        let syntax = try parser.expression(bindingPower: 0)
        guard parser.token.kind == .end else {
            throw JSONataError(.S0201, position: parser.token.position, token: parser.token.text)
        }
        return syntax
    }

    private init(_ expression: String) throws(JSONataError) {
        lexer = Lexer(expression)
        token = try lexer.next(afterOperand: false)
    }

    /// An operand and the operators behind it that bind more strongly than `bindingPower`.
    mutating func expression(bindingPower: Int) throws(JSONataError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw JSONataError(.U1005, position: token.position) }
        let first = token
        if first.kind != .end { token = try lexer.next(afterOperand: !first.opensOperand) }
        var left = try operand(first)
        while bindingPower < token.bindingPower {
            let symbol = token
            try advance()
            left = try infix(left, symbol)
        }
        return left
    }

    /// Moves to the next token; an operand may stand there.
    mutating func advance() throws(JSONataError) {
        token = try lexer.next(afterOperand: false)
    }

    /// Moves past `symbol`, which must be the current token.
    mutating func expect(_ symbol: String, afterOperand: Bool = false) throws(JSONataError) {
        guard token.isOperator(symbol) else {
            let code: JSONataError.Code = token.kind == .end ? .S0203 : .S0202
            throw JSONataError(
                code,
                position: token.position,
                token: token.text,
                value: .string(symbol)
            )
        }
        token = try lexer.next(afterOperand: afterOperand)
    }

    /// A node over `children`; refuses trees that later stages could not walk within their stack.
    func node(
        _ kind: Syntax.Kind,
        _ token: Token,
        over children: [Syntax]
    )
        throws(JSONataError) -> Syntax
    {
        let depth = (children.map(\.depth).max() ?? 0) + 1
        guard depth <= Self.depthMax else { throw JSONataError(.U1005, position: token.position) }
        return Syntax(kind, token, depth: depth)
    }

    /// Recursion of the parser, and the height of the tree.
    ///
    /// A stack frame of the parser takes up to half a KiB.
    private static let depthMax = 200
    private static let expressionByteCountMax = 1 << 16
}

extension Token {
    /// An operator that is followed by an operand, so that `/` starts a regular expression.
    fileprivate var opensOperand: Bool {
        guard kind == .operation else { return false }
        return switch text {
        case "(", "[", "{", "-", "|": true
        default: false
        }
    }
}
