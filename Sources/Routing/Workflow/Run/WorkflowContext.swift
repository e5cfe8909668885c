import JSONata
import Primitives

/// What the expressions of one run see, and what the run may still use up.
///
/// Expressions see `{input, <step id>: result, …}`. Most look only at what some paths of names lead to,
/// which is kept ready for each path; the object itself is made for the first one that needs it.
struct WorkflowContext: Sendable {
    let input: WorkflowInput
    private let definition: WorkflowDefinition
    private var paths: PathValues
    /// The results of steps, as far as an expression can see them, and `input` once it was needed.
    private var values = JSONObject()
    private var hasInput = false
    private var operationsLeft = WorkflowLimits.operationCountMax
    private var valueBytesLeft = WorkflowLimits.valueByteCountMax

    init(of definition: WorkflowDefinition, _ input: WorkflowInput) {
        self.input = input
        self.definition = definition
        paths = PathValues(of: definition.paths)
    }

    /// Takes the call in.
    mutating func begin() throws(WorkflowFault) {
        let byteCount = InputView.byteCount(of: input)
        assert(
            byteCount >= input.value.byteCountEstimate(limit: .max),
            "too little was counted"
        )
        try charge(bytes: byteCount)
        definition.inputView.fill(&paths, from: input)
    }

    /// About how many octets a value of the run takes; counting stops soon after what is left.
    func byteCount(of value: JSONValue) -> Int {
        value.byteCountEstimate(limit: valueBytesLeft)
    }

    /// Accounts for a value of the run, whether or not an expression can see it.
    mutating func charge(bytes byteCount: Int) throws(WorkflowFault) {
        valueBytesLeft -= byteCount
        guard valueBytesLeft > 0 else { throw .valuesTooLarge }
    }

    /// Makes the result of a step known to expressions.
    mutating func set(_ result: JSONValue, of step: WorkflowStep) {
        for number in step.paths {
            paths.set(number, by: definition.paths[number].dropFirst(), in: result)
        }
        if values.isEmpty { values = JSONObject(capacity: Self.valueCountUsual) }
        values.set(result, forKey: step.id)
        if let alias = step.alias { values.set(result, forKey: alias) }
    }

    /// Evaluates within what is left of the run's operations.
    mutating func value(
        of expression: Expression,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> JSONValue? {
        let value = evaluator.value(
            of: expression,
            paths: paths,
            operationCountMax: operationsLeft,
            valueByteCountMax: valueBytesLeft
        )
        guard let value else { return try wholeValue(of: expression, evaluator) }
        operationsLeft -= evaluator.operationCount
        return value
    }

    private mutating func wholeValue(
        of expression: Expression,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> JSONValue? {
        addInput()
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

    /// Puts the call before the results, where expressions find it that look at the whole.
    private mutating func addInput() {
        guard !hasInput else { return }
        hasInput = true
        let view = definition.inputView
        guard !view.isEmpty else { return }
        var all = JSONObject(capacity: Self.valueCountUsual)
        all.append(view.value(of: input), forNewKey: "input")
        for entry in values { all.append(entry.value, forNewKey: entry.key) }
        values = all
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
