import Primitives
import Synchronization
import Transport

/// What is known of every target, as the daemon writes it for people and for `trunkline route`.
///
/// The file is JSON, one target on a line. It is replaced as a whole, so that who reads it never sees
/// half of it.
package struct TargetStates: Sendable {
    /// When the daemon wrote it.
    package var written: WallTime
    package private(set) var rows: [Row] = []
    private var indices: [[UInt8]: Int] = [:]

    package struct Row: Sendable, Equatable {
        package var uri: String
        package var state: TargetProbe.State
        /// When the state began.
        package var since: WallTime
        /// What the last probe found, empty before the first one.
        package var lastAnswer: String
        package var lastAnswerAt: WallTime?
        /// The first agent that has the target.
        package var organization: String
        /// Empty for a target that only a workflow names.
        package var agent: String

        package init(
            uri: String,
            state: TargetProbe.State,
            since: WallTime,
            lastAnswer: String,
            lastAnswerAt: WallTime?,
            organization: String,
            agent: String
        ) {
            self.uri = uri
            self.state = state
            self.since = since
            self.lastAnswer = lastAnswer
            self.lastAnswerAt = lastAnswerAt
            self.organization = organization
            self.agent = agent
        }
    }

    package init(written: WallTime) {
        self.written = written
    }

    package mutating func append(_ row: Row) {
        indices[Array(row.uri.utf8)] = rows.count
        rows.append(row)
    }

    /// What is known of a target, or nil: it is not probed.
    package subscript(uri: [UInt8]) -> Row? { indices[uri].map { rows[$0] } }

    /// The targets that are left out of answers.
    package var down: [[UInt8]] {
        rows.filter { $0.state == .down }.map { Array($0.uri.utf8) }
    }

    /// The name of the file below the state directory.
    package static let fileName = "targets.json"

    /// Reads the file at `path`; nil when there is none, or it is no such file.
    package static func read(_ path: String) -> TargetStates? {
        guard let bytes = try? File.read(path) else { return nil }
        let problems = Problems(file: path)
        let limits = JSON5Document.Limits(bytes: 1 << 30)
        let states = JSON5Document.read(bytes, limits: limits, problems: problems)?
            .object { TargetStates(reading: $0) }
        return problems.isEmpty ? states ?? nil : nil
    }

    private init?(reading object: JSON5Object) {
        guard let written = object.string("written").flatMap({ WallTime(rfc3339: $0) }) else {
            return nil
        }
        self.init(written: written)
        for node in object.elements("targets") {
            if let row = node.object({ Row(reading: $0) }) ?? nil { append(row) }
        }
    }

    func write(to path: String) throws(SystemError) {
        let text = text
        try File.replace(path, text.span)
    }

    package var text: ByteBuffer {
        var out = ByteBuffer(capacity: 64 + rows.count * 256)
        out.append("{")
        out.appendJSON("written") { $0.appendTimestamp(written) }
        out.appendJSONKey("targets")
        out.append("[")
        for (index, row) in rows.enumerated() {
            out.append(index > 0 ? ",\n" : "\n")
            row.write(to: &out)
        }
        out.append("\n]}\n")
        return out
    }
}

/// What the probing thread has written last, for whoever explains calls in the same process.
package final class KnownTargets: Sendable {
    private let states = Mutex<TargetStates?>(nil)

    package init() {}

    package func note(_ states: TargetStates) {
        self.states.withLock { $0 = states }
    }

    /// What people are told of a target; nil for one that is not probed.
    package func words(of uri: String) -> String? {
        states.withLock { $0?[Array(uri.utf8)]?.words }
    }
}

extension TargetStates.Row {
    /// What people are told in one line: `down, no answer`.
    package var words: String {
        lastAnswer.isEmpty ? state.rawValue : "\(state.rawValue), \(lastAnswer)"
    }

    fileprivate init?(reading object: JSON5Object) {
        guard let uri = object.string("uri"),
            let state = object.string("state").flatMap({ TargetProbe.State(rawValue: $0) }),
            let since = object.string("since").flatMap({ WallTime(rfc3339: $0) })
        else { return nil }
        self.init(
            uri: uri,
            state: state,
            since: since,
            lastAnswer: object.node("last_answer").flatMap(Self.text) ?? "",
            lastAnswerAt: object.string("last_answer_at").flatMap { WallTime(rfc3339: $0) },
            organization: object.string("organization") ?? "",
            agent: object.string("agent") ?? ""
        )
    }

    /// A text as it is: a peer's words may hold what no text of ours does.
    private static func text(_ node: JSON5Node) -> String? {
        guard case .string(let text) = node.value.kind else { return nil }
        return text
    }

    fileprivate func write(to out: inout ByteBuffer) {
        out.append("{")
        out.appendJSON("uri", uri)
        out.appendJSON("state", state.rawValue)
        out.appendJSON("since") { $0.appendTimestamp(since) }
        if let lastAnswerAt {
            out.appendJSON("last_answer", lastAnswer)
            out.appendJSON("last_answer_at") { $0.appendTimestamp(lastAnswerAt) }
        }
        out.appendJSON("organization", organization)
        out.appendJSON("agent", agent)
        out.append("}")
    }
}
