import JSONata
import Primitives

/// A value of a definition with its expressions parsed; what holds none is a constant.
enum WorkflowValue: Sendable {
    case constant(JSONValue)
    /// `{{ … }}` and nothing else: the value keeps its type.
    case expression(Expression)
    /// Text with expressions in it, each written as text.
    case text([Piece])
    case array([WorkflowValue])
    case object([Member])

    enum Piece: Sendable {
        case literal(String)
        case expression(Expression)
    }

    struct Member: Sendable {
        var key: String
        var value: WorkflowValue
    }

    var constant: JSONValue? {
        guard case .constant(let value) = self else { return nil }
        return value
    }

    /// The text before the first expression; nil when the value is not text.
    var literalStart: String? {
        switch self {
        case .constant(.string(let text)): text
        case .text(let pieces):
            if case .literal(let text)? = pieces.first { text } else { "" }
        case .expression: ""
        default: nil
        }
    }
}

extension WorkflowValue {
    /// The value for one run; nil where an expression yields nothing.
    ///
    /// The recursion is bounded by the depth of the definition.
    func evaluate(
        _ context: inout WorkflowContext,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> JSONValue? {
        switch self {
        case .constant(let value): return value
        case .expression(let expression): return try context.value(of: expression, evaluator)
        case .text(let pieces):
            var text = ""
            text.reserveCapacity(Self.textByteCountUsual)
            let pieces = pieces.span
            for index in pieces.indices {
                text += try Self.text(of: pieces[index], &context, evaluator)
            }
            return .string(text)
        case .array(let elements):
            var array = JSONArray()
            for element in elements {
                array.append(try element.evaluate(&context, evaluator) ?? .null)
            }
            return .array(array)
        case .object(let members): return .object(try Self.object(of: members, &context, evaluator))
        }
    }

    /// An object of the members that yield something; the others are left out.
    static func object(
        of members: [Member],
        _ context: inout WorkflowContext,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> JSONObject {
        var object = JSONObject(capacity: members.count)
        let members = members.span
        for index in members.indices {
            if let value = try members[index].value.evaluate(&context, evaluator) {
                object.append(value, forNewKey: members[index].key)
            }
        }
        return object
    }

    /// The value as text: a string as it is, nothing as no text, everything else as JSON.
    func text(
        _ context: inout WorkflowContext,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> String {
        Self.text(try evaluate(&context, evaluator))
    }

    /// Part of a URL: what the author wrote stays as it is; what expressions put in is
    /// percent-encoded down to the unreserved characters (RFC 3986 §2.3), so that no value can add
    /// a path or parameter.
    func urlText(
        _ context: inout WorkflowContext,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> String {
        guard case .text(let pieces) = self else {
            guard let constant else { return try text(&context, evaluator).percentEncoded() }
            return Self.text(constant)
        }
        var text = ""
        for piece in pieces {
            if case .literal(let literal) = piece {
                text += literal
            } else {
                text += try Self.text(of: piece, &context, evaluator).percentEncoded()
            }
        }
        return text
    }

    /// Most texts fit without growing.
    private static let textByteCountUsual = 120

    static func text(_ value: JSONValue?) -> String {
        guard let value else { return "" }
        if case .string(let text) = value { return text }
        return value.jsonText
    }

    private static func text(
        of piece: Piece,
        _ context: inout WorkflowContext,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> String {
        switch piece {
        case .literal(let text): text
        case .expression(let expression): text(try context.value(of: expression, evaluator))
        }
    }
}
