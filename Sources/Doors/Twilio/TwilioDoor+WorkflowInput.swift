import HTTP
import Primitives
import Routing

extension TwilioDoor {
    /// What the organization's workflow is told of a webhook; `decision` is the one that asked for it.
    package static func workflowInput(
        _ webhook: TwilioWebhook,
        call: IncomingCall,
        decision: Decision,
        directory: DirectorySnapshot
    ) -> WorkflowInput {
        let text = webhook.parameters.bytes
        var input = WorkflowInput(
            call,
            callerText: text.span.text(webhook.parameter("From")),
            decision: decision,
            directory: directory
        )
        input.callerName = text.span.text(webhook.parameter("CallerName"))
        let forwarder = text.span.text(webhook.parameter("ForwardedFrom"))
        if !forwarder.isEmpty { input.diversion = [forwarder] }
        input.attestation = attestation(of: webhook)
        for index in 0..<webhook.parameters.count {
            let parameter = webhook.parameters[index]
            input.headers.append((text.span.text(parameter.name), text.span.text(parameter.value)))
        }
        return input
    }

    /// What Twilio found of the caller's number, by `StirVerstat`: `TN-Validation-Passed-A` and its like.
    package static func attestation(of webhook: TwilioWebhook) -> WorkflowInput.Attestation {
        let verdict = webhook.parameters.bytes.span.bytes(webhook.parameter("StirVerstat"))
        if verdict.isEqualIgnoringCase(to: "TN-Validation-Passed-A") { return .full }
        if verdict.isEqualIgnoringCase(to: "TN-Validation-Passed-B") { return .partial }
        if verdict.isEqualIgnoringCase(to: "TN-Validation-Passed-C") { return .gateway }
        let isFailure =
            verdict.count >= 20
            && verdict.extracting(0..<20).isEqualIgnoringCase(to: "TN-Validation-Failed")
        return isFailure ? .failed : .none
    }
}
