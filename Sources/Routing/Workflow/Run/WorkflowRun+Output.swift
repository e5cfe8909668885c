import JSONata
import Primitives

/// The `output` step: fields become an answer, or a failure that says which one is wrong.
extension WorkflowRun {
    mutating func output(
        _ fields: [OutputField],
        _ evaluator: Evaluator,
        _ services: some WorkflowServices,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) -> WorkflowOutput {
        var output = WorkflowOutput()
        let fields = fields.span
        for index in fields.indices {
            guard let known = fields[index].field else {
                let name = fields[index].name
                trace.note(.remark("the output field \(name) is not known and ignored"))
                continue
            }
            // A field whose expression yields nothing is a field that was not given.
            guard let value = try fields[index].value.evaluate(&context, evaluator) else {
                let name = fields[index].name
                trace.note(.remark("\(name) has no value and is left out"))
                continue
            }
            try output.set(known, to: value)
        }
        trace.note(.result(output.value))
        if output.rejects { return output }
        if let agent = output.agentID {
            guard
                services.isUsable(
                    agent: agent,
                    version: output.version,
                    organization: input.organizationID
                )
            else { throw .unusableAgent(agent) }
        } else if output.targets == nil {
            throw .noAnswer
        }
        return output
    }
}
