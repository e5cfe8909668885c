import JSONata
import Primitives

/// What the expressions of one run see, and what the run may still use up.
///
/// Expressions see `{input, <step id>: result, …}`. Most look only at what some paths of names lead to,
/// which is kept ready for each path; the object itself is made for the first one that needs it.
struct WorkflowContext: Sendable {
    let input: WorkflowInput
    private let inputByteCount: Int
    private let definition: WorkflowDefinition
    private var paths: PathValues
    /// The results of steps, as far as an expression can see them, until one looks at the whole.
    private var results: [(step: WorkflowStep, result: StepResult)] = []
    /// The whole, once an expression needed it.
    private var whole: JSONObject?
    private var operationsLeft = WorkflowLimits.operationCountMax
    private var valueBytesLeft = WorkflowLimits.valueByteCountMax

    init(of definition: WorkflowDefinition, _ input: WorkflowInput) {
        self.input = input
        inputByteCount = InputView.byteCount(of: input)
        self.definition = definition
        paths = PathValues(of: definition.paths)
    }

    /// Takes the call in.
    mutating func begin() throws(WorkflowFault) {
        try chargeInput()
        definition.inputView.fill(&paths, from: input)
    }

    /// Accounts for all of `input`, which is not made for it.
    mutating func chargeInput() throws(WorkflowFault) {
        assert(
            inputByteCount >= input.value.byteCountEstimate(limit: .max),
            "too little was counted"
        )
        try charge(bytes: inputByteCount)
    }

    /// Accounts for the result of a step, whether or not an expression can see it.
    mutating func charge(_ result: StepResult) throws(WorkflowFault) {
        assert(
            result.byteCountEstimate(limit: .max) >= result.value.byteCountEstimate(limit: .max),
            "too little was counted"
        )
        try charge(bytes: result.byteCountEstimate(limit: valueBytesLeft))
    }

    /// Accounts for `byteCount` octets of values.
    mutating func charge(bytes byteCount: Int) throws(WorkflowFault) {
        valueBytesLeft -= byteCount
        guard valueBytesLeft > 0 else { throw .valuesTooLarge }
    }

    /// Makes the result of a step known to expressions.
    mutating func set(_ result: StepResult, of step: WorkflowStep) {
        for (number, names) in step.paths { result.fill(number, of: &paths, by: names) }
        if whole != nil {
            whole?.set(result, of: step)
            return
        }
        if results.isEmpty { results.reserveCapacity(Self.resultCountUsual) }
        results.append((step, result))
    }

    /// Evaluates within what is left of the run's operations.
    mutating func value(
        of expression: Expression,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> JSONValue? {
        do throws(Evaluator.DeadEnd) {
            let value = try evaluator.value(
                of: expression,
                paths: paths,
                operationCountMax: operationsLeft,
                valueByteCountMax: valueBytesLeft
            )
            operationsLeft -= evaluator.operationCount
            return value
        } catch {
            return try wholeValue(of: expression, evaluator)
        }
    }

    private mutating func wholeValue(
        of expression: Expression,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> JSONValue? {
        let whole = makeWhole()
        do throws(JSONataError) {
            let value = try evaluator.value(
                of: expression,
                over: .object(whole),
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

    /// The call and the results so far as one object.
    private mutating func makeWhole() -> JSONObject {
        if let whole { return whole }
        var object = JSONObject(capacity: Self.resultCountUsual)
        let view = definition.inputView
        if !view.isEmpty { object.append(view.value(of: input), forNewKey: "input") }
        for (step, result) in results { object.set(result, of: step) }
        results = []
        whole = object
        return object
    }

    private static func fault(_ error: JSONataError) -> WorkflowFault {
        switch error.code {
        case .U1002: .tooManyOperations
        case .U1003: .valuesTooLarge
        default: .expression(error)
        }
    }

    private static let resultCountUsual = 6
}

extension JSONObject {
    fileprivate mutating func set(_ result: StepResult, of step: WorkflowStep) {
        let value = result.value
        set(value, forKey: step.id)
        if let alias = step.alias { set(value, forKey: alias) }
    }
}
