import JSONata
import Primitives
import Routing
import Store
import Transport

/// `trunkline replay`: which of the last calls a draft of the workflow would send elsewhere.
package enum ReplayCommand {
    /// What the user asks for.
    package struct Question {
        package var definition: String
        /// 1…10,000.
        package var last: Int
        package var organization: String?

        package init(definition: String, last: Int, organization: String?) {
            self.definition = definition
            self.last = last
            self.organization = organization
        }
    }

    /// What a replay found.
    package struct Findings {
        package var organization: String
        package var replayedCount = 0
        /// Records that no workflow had a say in.
        package var skippedCount = 0
        /// Runs that asked a host whose answer the record did not keep.
        package var unansweredCount = 0
        /// Records that did not keep all that the draft looks at of the call's message.
        package var withoutInputCount = 0
        /// Calls by SIP of callers whom the record does not name.
        package var unnamedCount = 0
        /// Calls whose record has some of the targets that the draft names, and no other.
        package var fewerTargetsCount = 0
        /// Whether the draft counts or remembers calls.
        package var remembers = false
        package var differences: [Difference] = []
    }

    /// A call that would go elsewhere.
    package struct Difference {
        package var id: String
        package var time: WallTime
        package var number: String
        package var caller: String
        package var before: String
        package var after: String
        /// The steps that the draft takes.
        package var path: [String]
    }

    /// Runs the calls through the draft; `progress` hears of it about once a second.
    package static func run(
        _ session: Session,
        _ question: Question,
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> Findings {
        let store = try session.store()
        let directory = try session.directory()
        let organization = try directory.organization(
            forOption: question.organization,
            of: "the directory"
        )
        let draft = try draft(question.definition, of: organization, directory, session)
        let folder = session.configuration.path(session.configuration.records.directory)
        // What the daemon has not indexed yet is taken in here: whoever asks, sees all.
        _ = try? CallIndexer(database: store.database, directory: folder).catchUp()
        var query = CallQuery(limit: question.last)
        query.organization = organization.id
        let rows = try CallRecords(store.database).records(matching: query)
        let workflow = draft.organization(named: organization.id)?.routing?.workflow
        var explainer = CallExplainer(directory: draft, configuration: session.configuration)
        explainer.memory = TrialMemory()
        var findings = Findings(organization: organization.id)
        findings.remembers =
            workflow?.steps.contains { $0.type == .limit || $0.type == .sticky } ?? false
        var told = Clock.now()
        for (index, row) in rows.reversed().enumerated() {
            replay(row, by: &explainer, workflow?.messageInput, into: &findings)
            guard Clock.now() - told >= .seconds(1) else { continue }
            told = Clock.now()
            progress(index + 1, rows.count)
        }
        return findings
    }

    private static func replay(
        _ row: CallRecordRow,
        by explainer: inout CallExplainer,
        _ looksAt: MessageInput?,
        into findings: inout Findings
    ) {
        guard let call = RecordedCall(row) else {
            findings.skippedCount += 1
            return
        }
        explainer.answers = StepAnswers(given: call.answers)
        explainer.memory?.advance(to: row.time)
        let explanation = try? explainer.explain(call.question, withHints: false)
        guard let door = explanation?.doors.first else {
            findings.skippedCount += 1
            return
        }
        findings.replayedCount += 1
        if looksAt?.isCovered(by: call.messageInput) == false { findings.withoutInputCount += 1 }
        if door.door == .sip, call.question.from.isEmpty { findings.unnamedCount += 1 }
        if door.decision.refusal != nil {
            explainer.memory?.end(call: row.id, at: row.time)
        } else if let seconds = row.callDuration {
            let end = row.time.microseconds + Int64(min(max(seconds, 0), 1 << 32)) * 1_000_000
            explainer.memory?.end(call: row.id, at: WallTime(microseconds: end))
        }
        let workflow = door.decision.workflow
        let asked = workflow?.explanation?.steps.filter { $0.request != nil } ?? []
        if asked.contains(where: { call.answers[$0.id] == nil }) { findings.unansweredCount += 1 }
        let after = RecordedCall.Destination(door)
        guard after != call.result else { return }
        guard !after.addsTargets(to: call.result) else {
            findings.fewerTargetsCount += 1
            return
        }
        findings.differences.append(
            Difference(
                id: row.id,
                time: row.time,
                number: row.number ?? row.dialled ?? "",
                caller: row.caller ?? "",
                before: "\(call.result)",
                after: "\(after)",
                path: workflow?.path?.words ?? []
            )
        )
    }

    private static func draft(
        _ file: String,
        of organization: OrganizationEntry,
        _ directory: DirectorySnapshot,
        _ session: Session
    ) throws -> DirectorySnapshot {
        let problems = Problems(file: file)
        let definition = DefinitionFile(try File.read(file), problems: problems)?.compile(
            for: organization,
            in: directory,
            configuration: session.configuration
        )
        guard let definition else { throw FileError(problems) }
        return try directory.trying(definition, for: organization)
    }
}

extension ReplayCommand.Findings {
    /// For people: one line for each call that would go elsewhere, then the counts.
    package var text: String {
        var lines = differences.map { difference in
            let path =
                difference.path.isEmpty ? "" : "  [\(difference.path.joined(separator: " "))]"
            let number = Terminal.printable(difference.number)
            let caller = Terminal.printable(difference.caller)
            return
                "\(difference.time.text())  \(number)  from \(caller)  "
                + "\(difference.before) → \(difference.after)\(path)  \(difference.id)"
        }
        let same = replayedCount - differences.count
        lines.append(
            "\(replayedCount) calls of \(organization) replayed: \(differences.count) would go "
                + "elsewhere, \(same) would not"
        )
        if skippedCount > 0 {
            lines.append("\(skippedCount) left out: no workflow had a say in them")
        }
        lines += limits.map { "note: \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What the records could not give.
    private var limits: [String] {
        var limits: [String] = []
        if withoutInputCount > 0 {
            limits.append(
                "headers, diversion or caller's name that the draft looks at are missing from "
                    + "\(withoutInputCount) of \(replayedCount) records, because their own workflow did "
                    + "not look at them; they count as empty here"
            )
        }
        if unansweredCount > 0 {
            limits.append(
                "\(unansweredCount) calls asked hosts whose answers are not recorded; they go on as if "
                    + "the hosts did not answer"
            )
        }
        if unnamedCount > 0 {
            limits.append(
                "\(unnamedCount) callers are not named in their records; one who asked for privacy is "
                    + "anonymous here, although the workflow of its call knew the number"
            )
        }
        if fewerTargetsCount > 0 {
            limits.append(
                "\(fewerTargetsCount) calls were offered some of the targets that the draft names, and no "
                    + "other; they count as the same, because targets that were down are not in a record"
            )
        }
        if remembers {
            limits.append(
                "limit and sticky steps know nothing of the calls before the first of these"
            )
        }
        if replayedCount > 0 { limits.append("agents and numbers are those of today") }
        return limits
    }

    /// For programs.
    package var json: String {
        let list: [JSONValue] = differences.map { difference in
            [
                "id": .string(difference.id),
                "time": .string(difference.time.text(fraction: 6)),
                "number": .string(difference.number), "from": .string(difference.caller),
                "was": .string(difference.before), "would_be": .string(difference.after),
                "steps": .strings(difference.path),
            ]
        }
        let value: JSONValue = [
            "organization": .string(organization),
            "replayed": .number(Double(replayedCount)), "skipped": .number(Double(skippedCount)),
            "different": .number(Double(differences.count)),
            "differences": .array(JSONArray(list)), "notes": .strings(limits),
        ]
        return value.jsonText + "\n"
    }
}
