import Glibc
import Primitives
import Routing
import Store
import Transport

/// `trunkline calls`: what was decided, newest last.
package enum CallRecordsCommand {
    /// What the user asks for.
    package struct Question {
        var query: CallQuery
        package var asJSON: Bool
        /// Whether the steps of the workflow follow each line.
        package var explains: Bool

        package init(
            to: String?,
            from: String?,
            since: String?,
            reason: String?,
            call: String? = nil,
            limit: Int,
            asJSON: Bool,
            explains: Bool = false
        ) throws {
            query = CallQuery(limit: limit)
            query.to = try to.map { try Self.party($0, option: "--to") }
            query.from = try from.map { try Self.party($0, option: "--from") }
            query.reason = try reason.map(Self.reason)
            query.call = try call.map(Self.id)
            query.since = try since.map { try PointInTime.parse($0, now: Clock.wall()) }
            self.asJSON = asJSON
            self.explains = explains
        }

        /// A number, or what else a carrier may write; no carrier writes a blank.
        private static func party(_ text: String, option: String) throws -> String {
            let isWord = text.utf8.allSatisfy { $0 > ASCII.space && $0 != 0x7F }
            guard isWord, !text.isEmpty else {
                throw UsageError("\(option) \(Wording.quoted(text)): write +14155550100")
            }
            return text
        }

        private static func reason(_ text: String) throws -> String {
            guard RefusalReason(rawValue: text) == nil else { return text }
            let known = RefusalReason.allCases.map(\.rawValue)
            let likely = Wording.suggestion(for: text, among: known)
            throw UsageError(
                "--reason \(Wording.quoted(text)): "
                    + (likely.map { "did you mean \($0)?" } ?? "write \(Wording.choice(of: known))")
            )
        }

        /// `0123456789abcdef`, or the same with a step as the list shows it.
        private static func id(_ text: String) throws -> String {
            let parts = text.lowercased().split(separator: ".", omittingEmptySubsequences: false)
            let isID =
                parts[0].utf8.count == 16
                && parts[0].utf8.allSatisfy {
                    ASCII.hexValue($0) != nil
                }
            guard isID, parts.count == 1 || parts.count == 2 && Int(parts[1]) != nil else {
                throw UsageError(
                    "--call \(Wording.quoted(text)): write the 16 digits of an X-Trunkline-Call"
                )
            }
            return String(parts[0])
        }
    }

    /// Tells every record that matches; with `follow`, also those that come later, until interrupted.
    package static func list(
        _ session: Session,
        _ question: Question,
        follow: Bool,
        tell: (String) -> Void
    ) throws {
        let store = try session.store()
        let directory = session.configuration.path(session.configuration.records.directory)
        // What the daemon has not indexed yet is taken in here: whoever asks, sees all.
        let indexer = CallIndexer(database: store.database, directory: directory)
        _ = try? indexer.catchUp()
        let records = CallRecords(store.database)
        var rows = try records.records(matching: question.query)
        rows.reverse()
        if !question.asJSON { tell(header) }
        for row in rows { tell(text(row, question)) }
        guard follow else { return }
        var query = question.query
        query.limit = 10_000
        var last = rows.last?.key
        while true {
            usleep(500_000)
            _ = try? indexer.catchUp()
            query.after = last
            var new = try records.records(matching: query)
            if last == nil { new.reverse() }
            for row in new { tell(text(row, question)) }
            last = new.last?.key ?? last
        }
    }

    private static func text(_ row: CallRecordRow, _ question: Question) -> String {
        guard !question.asJSON else { return json(row) }
        guard question.explains, let run = row.explanation.map({ RecordedRun($0) }) else {
            return line(row)
        }
        let lines = run.lines.map { "    " + Terminal.harmless($0) }
        return ([line(row)] + lines).joined(separator: "\n")
    }

    private static let header =
        "TIME                         DOOR    TO               FROM             OUTCOME   "
        + "AGENT/REASON          STATUS      µs  CALL"

    private static func line(_ row: CallRecordRow) -> String {
        let columns: [(String?, Int)] = [
            (row.time.text(), 27), (row.door, 6), (row.number ?? row.dialled, 15), (row.caller, 15),
            (row.outcome, 8), (row.reason ?? row.agent, 20), (row.status.map { "\($0)" }, 6),
            (row.microseconds.map { "\($0)" }, 6),
        ]
        let cells = columns.map { text, width in pad(Terminal.printable(text ?? "-"), width) }
        return cells.joined(separator: "  ") + "  " + row.id
            + (row.step > 0 ? ".\(row.step)" : "")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
    }

    private static func json(_ row: CallRecordRow) -> String {
        var out = ByteBuffer()
        out.append("{")
        out.appendJSON("id", row.id)
        out.appendJSON("time") { $0.appendTimestamp(row.time, fraction: 6) }
        out.appendJSON("door", row.door)
        out.appendJSON("organization", row.organization)
        out.appendJSON("number", row.number)
        out.appendJSON("dialled", row.dialled)
        out.appendJSON("from", row.caller)
        out.appendJSON("trunk", row.trunk)
        out.appendJSON("credential", row.credential)
        out.appendJSON("call_id", row.callID)
        out.appendJSON("source", row.source)
        out.appendJSON("transport", row.transport)
        out.appendJSON("rule", row.rule)
        out.appendJSON("agent", row.agent)
        out.appendJSON("outcome", row.outcome)
        out.appendJSON("reason", row.reason)
        out.appendJSON("call_status", row.callStatus)
        out.appendJSON("attestation", row.attestation)
        out.appendJSON("label", row.label)
        out.appendJSON("step", row.step > 0 ? row.step : nil)
        out.appendJSON("version", row.agentVersion)
        out.appendJSON("status", row.status)
        out.appendJSON("micros", row.microseconds)
        out.appendJSON("call_duration", row.callDuration)
        // These are kept as JSON.
        let values: [(StaticString, String?)] = [
            ("targets", row.targets), ("left_out", row.leftOut), ("input", row.input),
        ]
        for (key, value) in values {
            guard let value else { continue }
            out.appendJSONKey(key)
            out.append(value)
        }
        if let run = row.explanation.map({ RecordedRun($0) }) { run.append(to: &out) }
        out.append("}")
        return out.text
    }
}

/// Points in time as people type them.
package enum PointInTime {
    /// `2026-11-21T07:05:09Z`, `2026-11-21`, or how long ago: `15m`, `2h`, `1d`.
    package static func parse(_ text: String, now: WallTime) throws -> WallTime {
        if let distance = distance(text) {
            return WallTime(microseconds: now.microseconds - distance)
        }
        guard let time = date(text) else {
            throw UsageError(
                "\(text) is no point in time; write 2026-11-21T07:05:09Z, 2026-11-21, or 15m, 2h, "
                    + "1d for how long ago"
            )
        }
        return time
    }

    /// The same in the future: `15m`, `2h`, `90d` from now.
    package static func ahead(_ text: String, now: WallTime) throws -> WallTime {
        if let distance = distance(text), distance > 0 {
            return WallTime(microseconds: now.microseconds + distance)
        }
        guard let time = date(text), time > now else {
            throw UsageError(
                "\(text) is no time to come; write 2h or 90d from now, 2026-11-21T07:05:09Z, or "
                    + "2026-11-21"
            )
        }
        return time
    }

    private static func date(_ text: String) -> WallTime? {
        WallTime(rfc3339: text) ?? WallTime(rfc3339: text + "T00:00:00Z")
    }

    /// Microseconds.
    private static func distance(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()),
            count >= 0, count < 1_000_000
        else { return nil }
        return count * unit * 1_000_000
    }
}
