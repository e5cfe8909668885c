/// What the parser reads, before paths are flattened and parents are found.
///
/// A class, because `[]` behind a step marks the step that was read before.
final class Syntax {
    var kind: Kind
    let position: Int
    /// The operator or text of the token, for errors.
    let text: String
    /// `[]` follows: a single result stays an array.
    var keepsArray = false
    /// Nodes from here to the deepest leaf; bounded, so that no later stage recurses too deeply.
    let depth: Int

    init(_ kind: Kind, _ token: Token, depth: Int = 1) {
        self.kind = kind
        position = token.position
        text = token.text
        self.depth = depth
    }

    enum Kind {
        case end
        case name
        case variable
        case string
        case number(Double)
        case word(Token.Word)
        case regex(isCaseInsensitive: Bool, isMultiline: Bool)
        case wildcard
        case descendants
        case parent
        /// `and`, `or`, `in` where an operand stands: names of fields.
        case keyword
        /// A hole of a partial application.
        case placeholder
        case binary(Syntax, Syntax)
        case negation(Syntax)
        case array([Syntax])
        case object([Pair])
        case group(Syntax, [Pair])
        case block([Syntax])
        case filter(Syntax, Syntax)
        case sort(Syntax, [Term])
        case call(Syntax, [Syntax])
        case partial(Syntax, [Syntax])
        case lambda([Syntax], Signature?, Syntax)
        case condition(Syntax, Syntax, Syntax?)
        case transform(Syntax, Syntax, Syntax?)
    }

    struct Pair {
        var key: Syntax
        var value: Syntax
    }

    struct Term {
        var isDescending: Bool
        var expression: Syntax
    }
}
