import Glibc
import Primitives
import Routing
import Transport

/// What `http` steps are answered while a call is explained.
package struct StepAnswers: Sendable {
    /// Answers that are pretended, by the id of the step.
    package var given: [String: Answer] = [:]
    /// Sends what no answer is given for; nil: nothing is sent.
    package var send: ServingState.StepSender?

    package init(given: [String: Answer] = [:], send: ServingState.StepSender? = nil) {
        self.given = given
        self.send = send
    }

    package enum Answer: Sendable {
        case response(status: Int, headers: [HTTPStepRequest.Header], body: [UInt8])
        case failure(HTTPStepFailure)
    }

    /// What becomes of a request of step `step`, and a word about it for the explanation.
    func event(
        _ request: HTTPStepRequest,
        of step: String,
        within timeout: Interval
    ) -> (event: WorkflowEvent, remark: String?) {
        switch given[step] {
        case .response(let status, let headers, let body):
            let event = WorkflowEvent.response(
                id: request.id,
                status: status,
                headers: headers,
                body: body
            )
            return (event, "not sent: the answer was given with the question")
        case .failure(let reason):
            let event = WorkflowEvent.requestFailed(id: request.id, reason: reason)
            return (event, "not sent: that it fails was given with the question")
        case nil: break
        }
        guard let send else {
            let event = WorkflowEvent.requestFailed(id: request.id, reason: .unreachable)
            return (event, "not sent: it goes on here as if \(request.origin.host) did not answer")
        }
        guard let answer = try? AwaitedAnswer() else {
            return (.requestFailed(id: request.id, reason: .unreachable), nil)
        }
        send(request, timeout, answer.deliver)
        let late = WorkflowEvent.requestFailed(id: request.id, reason: .timedOut)
        return (answer.take(within: timeout) ?? late, nil)
    }
}

/// An answer that one thread waits for and another brings.
private struct AwaitedAnswer {
    private let mailbox: Mailbox<WorkflowEvent>

    init() throws(SystemError) {
        mailbox = try Mailbox()
    }

    var deliver: @Sendable (WorkflowEvent) -> Void {
        { [mailbox] event in mailbox.send(event) }
    }

    /// Nil when nothing came within `timeout` and a second more, which the sender has to keep to it.
    func take(within timeout: Interval) -> WorkflowEvent? {
        let deadline = Clock.now() + timeout + .seconds(1)
        while true {
            if let event = mailbox.takeAll().first { return event }
            let left = (deadline - Clock.now()).nanoseconds / 1_000_000
            guard left > 0 else { return nil }
            var watched = pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&watched, 1, Int32(clamping: left))
        }
    }
}
