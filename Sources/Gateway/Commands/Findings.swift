import JSONata

/// What `check` found: only problems make something wrong.
package struct Findings {
    private var errors: [Finding] = []
    private var cautions: [Finding] = []

    private enum Finding {
        case inFile(Problem)
        case elsewhere(String)

        var text: String {
            switch self {
            case .inFile(let problem): problem.description
            case .elsewhere(let text): text
            }
        }

        func value(_ severity: String) -> JSONValue {
            switch self {
            case .inFile(let problem): problem.value(severity)
            case .elsewhere(let text): ["severity": .string(severity), "message": .string(text)]
            }
        }
    }

    init() {}

    init(_ problems: Problems) {
        self.init(FileError(problems))
        warn(problems.sortedWarnings)
    }

    /// What kept the check from going on.
    init(_ error: any Error) {
        if let error = error as? FileError {
            errors = error.problems.map { .inFile($0) }
            if let rest = error.rest { report(rest) }
        } else {
            report("\(error)")
        }
    }

    mutating func report(_ text: String) { errors.append(.elsewhere(text)) }
    mutating func warn(_ text: String) { cautions.append(.elsewhere(text)) }
    mutating func warn(_ problems: [Problem]) { cautions += problems.map { .inFile($0) } }

    mutating func add(_ other: Findings) {
        errors += other.errors
        cautions += other.cautions
    }

    /// One line each.
    package var problems: [String] { errors.map(\.text) }
    package var warnings: [String] { cautions.map(\.text) }

    /// `{"ok": …, "problems": [{"severity": …, "message": …}, …]}`; what stands in a file has `file`,
    /// `path`, `line` and `column` too.
    package var json: String {
        let all = errors.map { $0.value("error") } + cautions.map { $0.value("warning") }
        let object: JSONValue = ["ok": .bool(errors.isEmpty), "problems": .array(JSONArray(all))]
        return object.jsonText + "\n"
    }
}

extension Problem {
    /// The problem for programs.
    func value(_ severity: String) -> JSONValue {
        [
            "severity": .string(severity), "file": .string(file), "path": .string(path),
            "line": .number(Double(position.line)), "column": .number(Double(position.column)),
            "message": .string(message),
        ]
    }
}
