/// Why an expression does not parse or cannot be evaluated.
///
/// The codes and the positions are those of the reference implementation, plus our own `U` codes.
package struct JSONataError: Error, Sendable {
    package var code: Code
    /// UTF-16 code units from the start of the expression to the end of the token at fault.
    package var position: Int?
    /// The operator, name or function at fault.
    package var token: String?
    /// The value at fault, or what was expected.
    package var value: JSONValue?
    /// The number of the argument at fault, from 1.
    package var argument: Int?

    init(
        _ code: Code,
        position: Int? = nil,
        token: String? = nil,
        value: JSONValue? = nil,
        argument: Int? = nil
    ) {
        self.code = code
        self.position = position
        self.token = token
        self.value = value
        self.argument = argument
    }

    /// S: static, T: type, D: dynamic, U: a limit or a refusal.
    package enum Code: String, Sendable {
        // Lexer
        case S0101, S0102, S0103, S0104, S0105, S0106
        // Parser
        case S0201, S0202, S0203, S0204, S0205, S0206, S0207, S0208, S0209, S0210, S0211, S0212
        case S0213, S0214, S0215, S0216, S0217
        // Regular expressions and signatures
        case S0301, S0302, S0401, S0402
        // Functions and their arguments
        case T0410, T0411, T0412
        case D1001, D1002, T1003, D1004, T1005, T1006, T1007, T1008, D1009, T1010
        // Operators
        case T2001, T2002, T2003, T2004, T2006, T2007, T2008, T2009, T2010, T2011, T2012, T2013
        case D2014
        // Functions of the library
        case D3001, D3010, D3011, D3012, D3020, D3030, D3040, D3050, D3060, D3061, D3070
        case D3080, D3081, D3082, D3083, D3084, D3085, D3086, D3087, D3088, D3089, D3090, D3091
        case D3092, D3093, D3100, D3110, D3120, D3130, D3131, D3132, D3133, D3134, D3135, D3136
        case D3137, D3138, D3139, D3140, D3141

        /// Evaluations inside each other: more than `EvaluationLimits.depthMax`.
        case U1001
        /// More operations than `EvaluationLimits.operationCountMax`.
        case U1002
        /// More octets of values than `EvaluationLimits.valueByteCountMax`, or values nested deeper
        /// than `EvaluationLimits.valueDepthMax`.
        case U1003
        /// The expression is nested too deeply or too long.
        case U1005
        /// `$eval` is refused: an expression cannot bring its own code.
        case U1006
        /// A regular expression with a back reference or lookaround, which need backtracking.
        case U1007
        /// A malformed or too large regular expression.
        case U1008
    }
}

extension JSONataError: CustomStringConvertible {
    package var description: String {
        let place = position.map { " at \($0)" } ?? ""
        return "\(code.rawValue)\(place): \(message)"
    }
}
