import Primitives
import Routing
import Store
import Transport

/// `trunkline route`: what would happen to a call, test by test, by both doors.
package enum RouteCommand {
    /// What the words of the command line say.
    package struct Options {
        package var to: String
        package var from: String?
        package var trunk: String?
        package var at: String?
        package var door: String?
        package var callerName: String?
        package var attestation: String?
        /// `Name: value` or `Name=value`.
        package var headers: [String] = []
        /// A file with a workflow to try instead of the organization's own.
        package var definition: String?
        /// `STEP=STATUS`, `STEP=STATUS:FILE`, `STEP=FILE` or `STEP=FAILURE`.
        package var httpAnswers: [String] = []
        /// Whether the requests of other `http` steps are sent.
        package var sendsRequests = false

        package init(to: String) {
            self.to = to
        }
    }

    /// What would happen to the call; nothing is sent unless the options say so.
    package static func explain(_ session: Session, _ options: Options) throws -> CallExplanation {
        let question = try question(options)
        var directory = try session.directory()
        let given = try options.httpAnswers.map { try answer($0) }
        if let file = options.definition {
            directory = try draft(file, question, directory, session.configuration)
        }
        // What the daemon's probes know, so that the answer is the one that a call would get now.
        let states = TargetStates.read(session.configuration.path(TargetStates.fileName))
        if let states { directory = directory.with(down: states.down) }
        let explainer = CallExplainer(
            directory: directory,
            configuration: session.configuration,
            answers: StepAnswers(
                given: Dictionary(given.map { ($0.step, $0.answer) }) { _, last in last },
                send: try options.sendsRequests ? sender(session.configuration) : nil
            ),
            targetState: { states?[Array($0.utf8)]?.words }
        )
        for (step, _) in given {
            if let objection = explainer.objection(toAnswerOf: step, question) {
                throw UsageError("--http-answer \(step): \(objection)")
            }
        }
        return try explainer.explain(question)
    }

    /// Sends requests as the daemon does, to the same hosts.
    private static func sender(
        _ configuration: Configuration
    ) throws -> ServingState.StepSender {
        let client = try HTTPStepClient(configuration.workflow)
        return { request, timeout, deliver in
            client.send(request, timeout: timeout, deliver: deliver)
        }
    }

    private static func question(_ options: Options) throws -> CallQuestion {
        let now = Clock.wall()
        let time = try options.at.map { try PointInTime.parse($0, now: now) } ?? now
        var question = CallQuestion(to: options.to, at: time)
        question.from = options.from ?? ""
        question.trunk = options.trunk
        question.callerName = options.callerName ?? ""
        if let name = options.attestation {
            guard let attestation = WorkflowInput.Attestation(rawValue: name) else {
                throw UsageError("--attestation \(name): write A, B, C, failed or none")
            }
            question.attestation = attestation
        }
        if let name = options.door {
            guard let door = IncomingCall.Door.allCases.first(where: { "\($0.name)" == name })
            else {
                throw UsageError("--door \(name): write sip or twilio")
            }
            question.doors = [door]
        }
        do throws(QuestionFault) {
            for header in options.headers {
                question.headers.append(try CallQuestion.Header(header))
            }
            try question.check()
        } catch {
            throw UsageError("\(error)")
        }
        return question
    }

    /// The directory with the workflow of a file for the organization that owns the number.
    private static func draft(
        _ file: String,
        _ question: CallQuestion,
        _ directory: DirectorySnapshot,
        _ configuration: Configuration
    ) throws -> DirectorySnapshot {
        let explainer = CallExplainer(directory: directory, configuration: configuration)
        let organization = try explainer.owner(of: question)
        let problems = Problems(file: file)
        let read = DefinitionFile(try File.read(file), problems: problems)?.compile(
            for: organization,
            in: directory,
            configuration: configuration
        )
        guard let read else { throw FileError(problems) }
        return try directory.trying(read, for: organization)
    }

    /// Reads one `--http-answer`.
    private static func answer(_ text: String) throws -> (step: String, answer: StepAnswers.Answer)
    {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw UsageError(
                "--http-answer \(text): write STEP=200:FILE, STEP=503 or STEP=timed_out"
            )
        }
        if let failure = HTTPStepFailure(rawValue: parts[1]) {
            return (parts[0], .failure(failure))
        }
        let words = parts[1].split(separator: ":", maxSplits: 1).map(String.init)
        guard let first = words.first, let status = Int(first) else {
            return (parts[0], .response(status: 200, headers: [], body: try body(parts[1])))
        }
        guard 100...599 ~= status else {
            throw UsageError("--http-answer \(text): a status is a number from 100 to 599")
        }
        let body = words.count > 1 ? try body(words[1]) : []
        return (parts[0], .response(status: status, headers: [], body: body))
    }

    private static func body(_ file: String) throws -> [UInt8] {
        try File.read(file, limit: WorkflowLimits.bodyByteCountMax)
    }
}

extension Session {
    /// The directory of the store as calls see it, workflows compiled.
    func directory() throws -> DirectorySnapshot {
        try DirectorySnapshot(try store().load()) { WorkflowDefinition.compile($0).definition }
    }
}
