import JSONata
import Primitives

/// What `evaluate` saw or threw, as one text: JSON, `undefined`, or the code and position of an error.
func outcome(
    _ expression: String,
    over input: String? = nil,
    limits: EvaluationLimits = .forTests,
    seed: UInt64 = 1
) -> String {
    do throws(JSONataError) {
        let environment = EvaluationEnvironment(
            timestamp: WallTime(seconds: 1_790_000_000),
            seed: seed,
            limits: limits
        )
        var value: JSONValue?
        if let input { value = try? JSONValue.parse(input) }
        let result = try Expression(parsing: expression).evaluate(
            input: value,
            environment: environment
        )
        return result?.jsonText ?? "undefined"
    } catch {
        return "\(error.code.rawValue) at \(error.position ?? -1)"
    }
}

extension EvaluationLimits {
    /// The standard limits; without the optimizer a call takes several times the stack.
    static var forTests: EvaluationLimits {
        var limits = EvaluationLimits()
        limits.stackByteCountMax = 4 << 20
        return limits
    }
}

/// An expression and what comes of it.
struct Example: CustomStringConvertible, Sendable {
    var expression: String
    var outcome: String

    init(_ expression: String, _ outcome: String) {
        self.expression = expression
        self.outcome = outcome
    }

    var description: String { expression }
}
