import JSONata
import Primitives

/// What happened in one run, step by step, for people and as JSON.
///
/// It is the trace of the run that it explains, so it says what the live call did.
package struct WorkflowExplanation: WorkflowTrace, Sendable {
    package private(set) var steps: [Visit] = []
    /// What the run came to; nil while it waits.
    package private(set) var ending: Ending?
    private let definition: WorkflowDefinition

    package init(of definition: WorkflowDefinition) {
        self.definition = definition
    }

    /// One step that the run took.
    package struct Visit: Sendable {
        package var id: String
        package var name: String
        package var type: WorkflowStepType
        /// What it looked at: its key, or each branch that was tried with the value of its `when`.
        package var inputs = JSONObject()
        /// What later steps see of it.
        package var result: JSONValue?
        /// The request that it waited for.
        package var request: HTTPStepRequest?
        package var branch: String?
        package var remarks: [String] = []
        package var fault: WorkflowFault?
    }

    package enum Ending: Sendable {
        case decided(WorkflowOutput)
        case failed(WorkflowFailure)
    }

    package mutating func note(_ turn: WorkflowTurn) {
        if case .entered(let step) = turn {
            let step = definition.steps[step]
            steps.append(Visit(id: step.id, name: step.name, type: step.type))
            return
        }
        guard let last = steps.indices.last else { return }
        switch turn {
        case .entered: break
        case .branch(let label): steps[last].branch = label
        case .failed(let fault): steps[last].fault = fault
        }
    }

    package mutating func note(_ detail: @autoclosure () -> WorkflowDetail) {
        guard let last = steps.indices.last else { return }
        switch detail() {
        case .input(let name, let value): steps[last].inputs[name] = value
        case .result(let value): steps[last].result = value
        case .waiting(let request): steps[last].request = request
        case .remark(let text): steps[last].remarks.append(text)
        }
    }

    /// Takes down what the run came to; other actions change nothing.
    package mutating func conclude(_ action: WorkflowAction) {
        switch action {
        case .decided(let output): ending = .decided(output)
        case .failed(let failure): ending = .failed(failure)
        case .request, .waiting: break
        }
    }
}

extension WorkflowExplanation {
    package var value: JSONValue {
        var object = JSONObject()
        object["steps"] = .array(JSONArray(steps.map(\.value)))
        switch ending {
        case .decided(let output): object["output"] = output.value
        case .failed(let failure):
            object["error"] = [
                "step": .string(failure.step), "code": .string(failure.fault.name),
                "message": .string(failure.fault.message),
            ]
        case nil: object["output"] = .null
        }
        return .object(object)
    }

    /// One line for each step, and one for what came of it.
    package var text: String {
        var lines: [String] = []
        for (index, step) in steps.enumerated() {
            let name = step.name.isEmpty ? "" : " “\(step.name)”"
            let branch = step.branch.map { " → \($0)" } ?? ""
            lines.append("\(index + 1). \(step.id) (\(step.type.rawValue))\(name)\(branch)")
            for input in step.inputs {
                lines.append("     \(input.key): \(Self.shortened(input.value.jsonText))")
            }
            if let request = step.request {
                lines.append("     asked \(request.method.rawValue) \(request.url)")
                if let body = request.bodyText { lines.append("     with \(Self.shortened(body))") }
            }
            if let result = step.result, step.type != .trigger {
                lines.append("     \(Self.shortened(result.jsonText))")
            }
            lines += step.remarks.map { "     note: \($0)" }
            if let fault = step.fault { lines.append("     failed: \(fault.message)") }
        }
        switch ending {
        case .decided(let output): lines.append("answer: \(output.value.jsonText)")
        case .failed(let failure): lines.append("no answer: \(failure)")
        case nil: lines.append("waiting")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func shortened(_ text: String) -> String {
        text.utf8.count <= 400 ? text : "\(text.prefix(400))…"
    }
}

extension WorkflowExplanation.Visit {
    var value: JSONValue {
        var object: JSONObject = ["id": .string(id), "type": .string(type.rawValue)]
        if !name.isEmpty { object["name"] = .string(name) }
        if !inputs.isEmpty { object["input"] = .object(inputs) }
        if let request {
            var question: JSONObject = [
                "method": .string(request.method.rawValue), "url": .string(request.url),
            ]
            if let body = request.bodyText { question["body"] = .string(body) }
            object["request"] = .object(question)
        }
        if let result { object["result"] = result }
        if let branch { object["branch"] = .string(branch) }
        if !remarks.isEmpty {
            object["notes"] = .array(JSONArray(remarks.map { .string($0) }))
        }
        if let fault {
            object["error"] = ["code": .string(fault.name), "message": .string(fault.message)]
        }
        return .object(object)
    }
}

extension HTTPStepRequest {
    /// The body for people; header fields are not shown, because keys of other services stand in them.
    fileprivate var bodyText: String? {
        body.map { String(decoding: $0, as: UTF8.self) }
    }
}
