/// A piece of the expression's text.
struct Token {
    var kind: Kind
    /// The text of an operator, name, variable or string; digits of a number.
    var text: String
    /// UTF-16 code units from the start of the expression to the end of the token.
    var position: Int

    enum Kind: Equatable {
        case end
        case operation
        case name
        case variable
        case string
        case number(Double)
        case word(Word)
        case regex(isCaseInsensitive: Bool, isMultiline: Bool)
    }

    enum Word {
        case `true`
        case `false`
        case null
    }

    func isOperator(_ symbol: String) -> Bool {
        kind == .operation && text == symbol
    }

    /// How strongly the token binds the operand on its left; 0 for what is no infix operator.
    var bindingPower: Int {
        guard kind == .operation else { return 0 }
        return switch text {
        case "@", "#", "[", "(": 80
        case ".": 75
        case "{": 70
        case "*", "/", "%": 60
        case "+", "-", "&": 50
        case "=", "!=", "<", ">", "<=", ">=", "in", "^", "~>", "??", "?:": 40
        case "and": 30
        case "or": 25
        case "?": 20
        case ":=": 10
        default: 0
        }
    }
}
