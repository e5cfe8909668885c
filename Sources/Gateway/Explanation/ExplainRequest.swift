import JSONata
import Primitives
import Routing

/// `POST /trunkline/v1/routing/explain` of the operator's API: a question in JSON, its explanation in JSON.
///
/// Nothing is sent, counted, remembered or recorded.
package enum ExplainRequest {
    /// The status and the JSON of the answer to a request with this body.
    ///
    /// 200 with the explanation; 400 for a body that is no JSON; 422 for a question that makes no sense,
    /// with all problems at once: `{error: {code, message, problems: [{path, line, column, message}]}}`.
    package static func answer(
        _ body: [UInt8],
        directory: DirectorySnapshot,
        configuration: Configuration,
        at now: WallTime,
        targetState: @escaping (_ uri: String) -> String? = { _ in nil }
    ) -> (status: Int, json: [UInt8]) {
        let problems = Problems(file: "body")
        let limits = JSON5Document.Limits(bytes: bodyByteCountMax, depth: 64)
        guard let root = JSON5Document.read(body, limits: limits, problems: problems) else {
            return refusal(400, "bad_request", "the body is not the JSON of a question", problems)
        }
        let asked = root.object { read($0, at: now) } ?? nil
        guard let asked, problems.isEmpty else { return invalid(problems) }
        do {
            return try explain(asked, root, directory, configuration, problems, targetState)
        } catch {
            problems.report("\(error)", at: root.value.position)
            return invalid(problems)
        }
    }

    /// A question as it stands in the body.
    private struct Asked {
        var question: CallQuestion
        var definition: JSON5Node?
        var answers: [String: (answer: StepAnswers.Answer, node: JSON5Node)] = [:]
    }

    private static func explain(
        _ asked: Asked,
        _ root: JSON5Node,
        _ directory: DirectorySnapshot,
        _ configuration: Configuration,
        _ problems: Problems,
        _ targetState: @escaping (_ uri: String) -> String?
    ) throws -> (status: Int, json: [UInt8]) {
        var directory = directory
        if let node = asked.definition {
            let owner = try CallExplainer(directory: directory, configuration: configuration)
                .owner(of: asked.question)
            let draft = DefinitionFile(node)?.compile(
                for: owner,
                in: directory,
                configuration: configuration
            )
            guard let draft else { return invalid(problems) }
            directory = try directory.trying(draft, for: owner)
        }
        let explainer = CallExplainer(
            directory: directory,
            configuration: configuration,
            answers: StepAnswers(given: asked.answers.mapValues(\.answer)),
            targetState: targetState
        )
        for (step, (_, node)) in asked.answers.sorted(by: { $0.key < $1.key }) {
            if let objection = explainer.objection(toAnswerOf: step, asked.question) {
                node.report(objection)
            }
        }
        guard problems.isEmpty else { return invalid(problems) }
        var value = try explainer.explain(asked.question).value.objectValue ?? JSONObject()
        if !problems.warnings.isEmpty { value["warnings"] = .strings(problems.warningLines) }
        return (200, Array(JSONValue.object(value).jsonText.utf8))
    }

    // MARK: - Reading

    private static func read(_ object: JSON5Object, at now: WallTime) -> Asked? {
        let to = object.required("to", example: "\"+14155550100\"")?
            .string(bytesMax: CallQuestion.textByteCountMax)
        var question = CallQuestion(to: to ?? "", at: now)
        question.from = text(object, "from") ?? ""
        question.callerName = text(object, "caller_name") ?? ""
        question.trunk = text(object, "trunk")
        if let node = object.node("at"), let text = node.string(bytesMax: 64) {
            if let time = WallTime(rfc3339: text) {
                question.time = time
            } else {
                node.report("this is no time; write such as \"2026-11-21T07:05:09Z\"")
            }
        }
        if let door = object.choice("door", of: ["sip": IncomingCall.Door.sip, "twilio": .twilio]) {
            question.doors = [door]
        }
        let attestations: KeyValuePairs<String, WorkflowInput.Attestation> = [
            "A": .full, "B": .partial, "C": .gateway, "failed": .failed, "none": .none,
        ]
        question.attestation = object.choice("attestation", of: attestations) ?? .none
        object.object("headers") { question.headers = headers($0) }
        var asked = Asked(question: question, definition: object.node("definition"))
        object.object("http_answers") { answers in
            for (step, node) in answers.entries {
                asked.answers[step] = answer(node).map { ($0, node) }
            }
        }
        return to == nil ? nil : asked
    }

    private static func text(_ object: JSON5Object, _ key: String) -> String? {
        object.string(key, bytesMax: CallQuestion.textByteCountMax)
    }

    private static func headers(_ object: JSON5Object) -> [CallQuestion.Header] {
        let entries = object.entries
        guard entries.count <= CallQuestion.headerCountMax else {
            object.report("at most \(CallQuestion.headerCountMax) headers are taken")
            return []
        }
        return entries.compactMap { name, node in
            guard let value = node.string(bytesMax: 2_048) else { return nil }
            do throws(QuestionFault) {
                return try CallQuestion.Header(name: name, value: value)
            } catch {
                node.report("\(error)")
                return nil
            }
        }
    }

    /// A failure by its name, or an answer: `{status, headers, body}`.
    private static func answer(_ node: JSON5Node) -> StepAnswers.Answer? {
        if case .string(let name) = node.value.kind {
            guard let failure = HTTPStepFailure(rawValue: name) else {
                let names = HTTPStepFailure.allCases.map(\.rawValue)
                node.report(
                    "\(Wording.quoted(name)) is no failure; write \(Wording.choice(of: names)), or an "
                        + "answer such as { status: 200, body: {} }"
                )
                return nil
            }
            return .failure(failure)
        }
        return node.object { object in
            let status = object.integer("status", in: 100...599) ?? 200
            var headers: [HTTPStepRequest.Header] = []
            object.object("headers") { fields in
                headers = fields.entries.compactMap { name, node in
                    node.string().map { HTTPStepRequest.Header(name: name, value: $0) }
                }
            }
            guard let body = object.node("body") else {
                return .response(status: status, headers: headers, body: [])
            }
            if case .string(let text) = body.value.kind {
                return .response(status: status, headers: headers, body: Array(text.utf8))
            }
            let bytes = Array(body.value.compactJSON.utf8)
            return .response(status: status, headers: headers, body: bytes)
        }
    }

    // MARK: - Refusing

    private static func invalid(_ problems: Problems) -> (status: Int, json: [UInt8]) {
        refusal(422, "validation_error", "the question cannot be explained", problems)
    }

    private static func refusal(
        _ status: Int,
        _ code: String,
        _ message: String,
        _ problems: Problems
    ) -> (status: Int, json: [UInt8]) {
        let list: [JSONValue] = problems.list.map { problem in
            [
                "path": .string(problem.path), "line": .number(Double(problem.position.line)),
                "column": .number(Double(problem.position.column)),
                "message": .string(problem.message),
            ]
        }
        let error: JSONValue = [
            "error": [
                "code": .string(code), "message": .string(message),
                "problems": .array(JSONArray(list)),
            ]
        ]
        return (status, Array(error.jsonText.utf8))
    }

    /// The largest definition, and a question around it.
    static let bodyByteCountMax = (1 << 20) + (64 << 10)
}
