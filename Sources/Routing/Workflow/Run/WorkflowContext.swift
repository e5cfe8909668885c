import JSONata
import Primitives

/// What the expressions of one run see, and what the run may still use up.
struct WorkflowContext: Sendable {
    /// `{input, <step id>: result, …}`, as far as an expression can see them.
    private(set) var values = JSONObject(capacity: Self.valueCountUsual)
    private(set) var operationsLeft = WorkflowLimits.operationCountMax
    private(set) var valueBytesLeft = WorkflowLimits.valueByteCountMax

    /// About how many octets a value of the run takes; counting stops soon after what is left.
    func byteCount(of value: JSONValue) -> Int {
        value.byteCountEstimate(limit: valueBytesLeft)
    }

    /// Accounts for a value of the run, whether or not an expression can see it.
    mutating func charge(bytes byteCount: Int) throws(WorkflowFault) {
        valueBytesLeft -= byteCount
        guard valueBytesLeft > 0 else { throw .valuesTooLarge }
    }

    /// Makes `value` known to expressions as `name`.
    mutating func set(_ value: JSONValue, as name: String, alias: String?) {
        values.set(value, forKey: name)
        if let alias { values.set(value, forKey: alias) }
    }

    /// Evaluates within what is left of the run's operations.
    mutating func value(
        of expression: Expression,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> JSONValue? {
        do throws(JSONataError) {
            let value = try evaluator.value(
                of: expression,
                over: .object(values),
                operationCountMax: operationsLeft,
                valueByteCountMax: valueBytesLeft
            )
            operationsLeft -= evaluator.operationCount
            return value
        } catch {
            operationsLeft -= min(evaluator.operationCount, operationsLeft)
            throw Self.fault(error)
        }
    }

    private static func fault(_ error: JSONataError) -> WorkflowFault {
        switch error.code {
        case .U1002: .tooManyOperations
        case .U1003: .valuesTooLarge
        default: .expression(error)
        }
    }

    private static let valueCountUsual = 6
}
