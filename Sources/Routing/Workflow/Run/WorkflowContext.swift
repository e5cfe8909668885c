import JSONata
import Primitives

/// What the expressions of one run see, and what the run may still use up.
struct WorkflowContext: Sendable {
    /// `{input, <step id>: result, …}`.
    private(set) var values = JSONObject()
    private(set) var operationsLeft = WorkflowLimits.operationCountMax
    private(set) var valueBytesLeft = WorkflowLimits.valueByteCountMax
    private let timestamp: WallTime
    private let seed: UInt64

    init(timestamp: WallTime, seed: UInt64) {
        self.timestamp = timestamp
        self.seed = seed
    }

    /// Makes `value` known to expressions as `name`.
    mutating func set(_ value: JSONValue, as name: String, alias: String?) throws(WorkflowFault) {
        valueBytesLeft -= value.byteCountEstimate(limit: valueBytesLeft)
        guard valueBytesLeft > 0 else { throw .valuesTooLarge }
        values.set(value, forKey: name)
        if let alias { values.set(value, forKey: alias) }
    }

    /// Evaluates within what is left of the run's operations.
    ///
    /// An evaluation does not say how much of its limit it used. So it gets a small share first,
    /// and twice as much as long as that is not enough; the share that was enough is charged.
    /// Expressions have no effects, so beginning again is harmless, and all attempts together cost
    /// at most twice.
    mutating func value(of expression: Expression) throws(WorkflowFault) -> JSONValue? {
        var limits = EvaluationLimits()
        limits.valueByteCountMax = valueBytesLeft
        limits.valueDepthMax = Self.valueDepthMax
        var share = Self.firstShare
        while true {
            share = min(share, operationsLeft)
            limits.operationCountMax = share
            let environment = EvaluationEnvironment(
                timestamp: timestamp,
                seed: seed,
                limits: limits
            )
            do throws(JSONataError) {
                let value = try expression.evaluate(
                    input: .object(values),
                    environment: environment
                )
                operationsLeft -= share
                return value
            } catch {
                if error.code == .U1002, share < operationsLeft {
                    share *= 2
                    continue
                }
                operationsLeft -= share
                throw Self.fault(error)
            }
        }
    }

    private static func fault(_ error: JSONataError) -> WorkflowFault {
        switch error.code {
        case .U1002: .tooManyOperations
        case .U1003: .valuesTooLarge
        default: .expression(error)
        }
    }

    private static let firstShare = 128
    /// Values are written and freed recursively.
    private static let valueDepthMax = 64
}

extension JSONValue {
    /// About how many octets the value takes: its text, and 16 for each element or member; counting
    /// stops soon after `limit`.
    func byteCountEstimate(limit: Int) -> Int {
        switch self {
        case .string(let text): return 16 + text.utf8.count
        case .array(let array):
            var sum = 16
            for element in array {
                guard sum <= limit else { return sum }
                sum += element.byteCountEstimate(limit: limit - sum)
            }
            return sum
        case .object(let object):
            var sum = 16
            for entry in object {
                guard sum <= limit else { return sum }
                sum += entry.key.utf8.count + entry.value.byteCountEstimate(limit: limit - sum)
            }
            return sum
        default: return 16
        }
    }
}
