import JSONata
import Primitives
import Routing
import Store

/// A call as its record has it: the question to ask again, and where the call went.
struct RecordedCall {
    let question: CallQuestion
    /// Answers of hosts, as far as the record kept them.
    let answers: [String: StepAnswers.Answer]
    let result: Destination
    /// What the record kept of what only the message itself said: headers, the caller's name.
    let messageInput: JSONValue?

    /// Where a call goes, as far as two of them can be compared.
    enum Destination: Equatable, CustomStringConvertible {
        case agent(String)
        /// Targets that a workflow named, without an agent.
        case targets([String])
        case refused(String)

        var description: String {
            switch self {
            case .agent(let id): id
            case .targets(let uris): uris.joined(separator: ", ")
            case .refused(let reason): "refused (\(reason))"
            }
        }

        /// Whether these are the targets of `recorded`, in their order, with others between them.
        ///
        /// A call is not offered what is known to be down, and no record tells what was.
        func addsTargets(to recorded: Destination) -> Bool {
            guard case .targets(let named) = self, case .targets(let offered) = recorded else {
                return false
            }
            var rest = offered[...]
            for uri in named where uri == rest.first { rest.removeFirst() }
            return rest.isEmpty && !offered.isEmpty && named.count > offered.count
        }

        init(_ door: ExplainedDoor) {
            if let reason = door.decision.refusal {
                self = .refused(reason.rawValue)
            } else if let agent = door.agent {
                self = .agent(agent)
            } else {
                self = .targets(door.offered)
            }
        }
    }

    /// Nil for a record that no workflow had a say in: the gateway itself refused the call, or the call
    /// came back for its next target.
    init?(_ row: CallRecordRow) {
        guard let door = IncomingCall.Door.allCases.first(where: { "\($0.name)" == row.door }),
            row.step == 0 || door == .sip,
            let dialled = row.number ?? row.dialled, !Self.rulesWithoutWorkflow.contains(row.rule)
        else { return nil }
        if let reason = row.reason, Self.reasonsWithoutWorkflow.contains(reason) { return nil }
        let explanation = Self.value(row.explanation)
        let input = Self.input(explanation) ?? Self.value(row.input)
        var question = CallQuestion(to: dialled, at: row.time)
        question.doors = [door]
        question.from = row.caller == "anonymous" ? "" : row.caller ?? ""
        question.id = UInt64(row.id, radix: 16) ?? 0
        if let trunk = row.trunk, let organization = row.organization {
            question.trunk = "\(organization)/\(trunk)"
        }
        question.attestation =
            row.attestation.flatMap { WorkflowInput.Attestation(rawValue: $0) } ?? .none
        Self.complete(&question, by: input)
        self.question = question
        answers = Self.answers(explanation)
        messageInput = input
        if row.outcome == "refused" {
            result = .refused(row.reason ?? "unknown")
        } else if let agent = row.agent {
            result = .agent(agent)
        } else {
            result = .targets(Self.texts(row.targets))
        }
    }

    /// What only the message said.
    private static func complete(_ question: inout CallQuestion, by input: JSONValue?) {
        guard let input else { return }
        question.callerName = input["caller_name"]?.stringValue ?? ""
        for header in input["headers"]?.objectValue ?? JSONObject() {
            guard question.headers.count < CallQuestion.headerCountMax,
                let value = header.value.stringValue,
                let read = try? CallQuestion.Header(name: header.key, value: value)
            else { continue }
            question.headers.append(read)
        }
        let isSIP = question.doors == [.sip]
        for diversion in input["diversion"]?.arrayValue ?? JSONArray([]) {
            guard let user = diversion.stringValue,
                let read = try? CallQuestion.Header(
                    name: isSIP ? "Diversion" : "ForwardedFrom",
                    value: isSIP ? "<sip:\(user)@recorded.invalid>" : user
                )
            else { continue }
            question.headers.append(read)
        }
    }

    /// The result of the trigger, which is the whole input of the run.
    private static func input(_ explanation: JSONValue?) -> JSONValue? {
        guard let trigger = explanation?["steps"]?[0], trigger["type"]?.stringValue == "trigger",
            var input = trigger["result"]?.objectValue, input["headers"]?.objectValue != nil
        else { return nil }
        input["all_headers"] = true
        return .object(input)
    }

    private static func answers(_ explanation: JSONValue?) -> [String: StepAnswers.Answer] {
        var answers: [String: StepAnswers.Answer] = [:]
        for step in explanation?["steps"]?.arrayValue ?? JSONArray([]) {
            guard step["type"]?.stringValue == "http", let id = step["id"]?.stringValue else {
                continue
            }
            answers[id] = answer(step)
        }
        return answers
    }

    private static func answer(_ step: JSONValue) -> StepAnswers.Answer? {
        if let status = step["result"]?["status_code"]?.integerValue {
            var headers: [HTTPStepRequest.Header] = []
            for field in step["result"]?["headers"]?.objectValue ?? JSONObject() {
                let value = field.value.stringValue ?? ""
                headers.append(HTTPStepRequest.Header(name: field.key, value: value))
            }
            let body = step["result"]?["body"]
            let text = body?.isNull == false ? body?.stringValue ?? body?.jsonText ?? "" : ""
            return .response(status: status, headers: headers, body: Array(text.utf8))
        }
        guard let code = step["error"]?["code"]?.stringValue, code.hasPrefix("http_"),
            let failure = HTTPStepFailure(rawValue: String(code.dropFirst(5)))
        else { return nil }
        return .failure(failure)
    }

    private static func texts(_ json: String?) -> [String] {
        (value(json)?.arrayValue ?? JSONArray([])).compactMap(\.stringValue)
    }

    private static func value(_ json: String?) -> JSONValue? {
        json.flatMap { try? JSONValue.parse(Array($0.utf8).span) }
    }

    private static let rulesWithoutWorkflow: Set<String?> = [
        "continuation", "pinned_agent", "gateway",
    ]
    private static let reasonsWithoutWorkflow: Set<String> = [
        "draining", "overloaded", "cancelled",
    ]
}
