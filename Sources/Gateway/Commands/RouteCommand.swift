import Authentication
import Doors
import Primitives
import Routing
import Store
import Transport

/// `trunkline route`: what would happen to a call, test by test, by both doors.
package enum RouteCommand {
    /// The call that the user asks about.
    package struct Question {
        package var to: String
        package var from: String
        /// `TRUNK` or `ORGANIZATION/TRUNK`; nil: every trunk that could bring it.
        package var trunk: String?
        package var at: String?

        package init(to: String, from: String?, trunk: String?, at: String?) {
            self.to = to
            self.from = from ?? ""
            self.trunk = trunk
            self.at = at
        }
    }

    /// The explanation as text or JSON.
    package static func explain(
        _ session: Session,
        _ question: Question,
        asJSON: Bool
    ) throws -> (text: String, isAnswered: Bool) {
        let store = try session.store()
        let directory = try DirectorySnapshot(try store.load())
        let time =
            try question.at.map { try PointInTime.parse($0, now: Clock.wall()) } ?? Clock.wall()
        let group = try trunks(question.trunk, directory)
        let explanation = RouteExplanation(question, group, directory, at: time)
        return (asJSON ? explanation.json : explanation.text, explanation.isAnswered)
    }

    private static func trunks(
        _ name: String?,
        _ directory: DirectorySnapshot
    ) throws -> TrunkGroup? {
        guard let name else { return TrunkGroup(directory.allTrunks) }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        let found = directory.allTrunks.filter { trunk in
            trunk.id == parts.last
                && (parts.count == 1
                    || directory.organization(trunk.organization)?.id == parts.first)
        }
        guard let group = TrunkGroup(found) else {
            let names = directory.allTrunks.map(\.id)
            let hint = Wording.suggestion(for: name, among: names).map { "; did you mean \($0)?" }
            throw UsageError("there is no trunk \(name)\(hint ?? "")")
        }
        return group
    }
}

/// Why a call goes where it goes: the number as received and as read, every test and whether it held,
/// each target, and the answer by each door.
struct RouteExplanation {
    private let question: RouteCommand.Question
    private let directory: DirectorySnapshot
    private let group: TrunkGroup?
    private var readings: [(trunk: TrunkEntry, number: DialledNumber)] = []
    private var sip: (decision: Decision, trace: FullTrace)?
    private var twilio: (decision: Decision, trace: FullTrace)?
    private var hints: [String] = []

    init(
        _ question: RouteCommand.Question,
        _ group: TrunkGroup?,
        _ directory: DirectorySnapshot,
        at time: WallTime
    ) {
        self.question = question
        self.group = group
        self.directory = directory
        let dialled = Array(question.to.utf8)
        let caller = CompiledNumberPlan.international.readCaller(Array(question.from.utf8).span)
        var called = CompiledNumberPlan.international.read(dialled.span)
        if let group {
            readings = group.readings.map { ($0, $0.numberPlan.read(dialled.span)) }
            called = best(readings.map(\.number))
            sip = decide(.sip, .trunks(group), called, caller, time)
        }
        if case .number(let number) = CompiledNumberPlan.international.read(dialled.span),
            let credential = credential(for: number)
        {
            twilio = decide(
                .twilio,
                .credential(index: credential),
                .number(number),
                caller,
                time
            )
        }
        hints = hints(called)
    }

    private func best(_ numbers: [DialledNumber]) -> DialledNumber {
        numbers.first { number in
            if case .number(let number) = number { return directory.entry(number) != nil }
            return false
        } ?? numbers.first { if case .number = $0 { true } else { false } } ?? numbers.first
            ?? .notANumber
    }

    private func decide(
        _ door: IncomingCall.Door,
        _ carrier: IncomingCall.Carrier,
        _ called: DialledNumber,
        _ caller: Caller,
        _ time: WallTime
    ) -> (Decision, FullTrace) {
        var trace = FullTrace()
        let call = IncomingCall(
            door: door,
            carrier: carrier,
            called: called,
            caller: caller,
            id: 0,
            time: time
        )
        return (directory.decide(call, trace: &trace), trace)
    }

    /// The Twilio credential that brings this number's calls.
    private func credential(for number: PhoneNumber) -> UInt32? {
        guard let entry = directory.entry(number) else { return nil }
        if directory.credential(entry.credential)?.provider == .twilio { return entry.credential }
        return directory.allCredentials.first {
            $0.organization == entry.organization && $0.provider == .twilio
        }?.index
    }

    private func hints(_ called: DialledNumber) -> [String] {
        var hints: [String] = []
        if group == nil { hints.append("no trunk is configured: a SIP call would be a stranger's") }
        guard sip?.decision.refusal != nil || sip == nil else { return hints }
        let dialled = Array(question.to.utf8)
        for trunk in group?.trunks ?? [] {
            let misses = directory.nearMisses(
                dialled: dialled.span,
                trunk: trunk,
                organization: trunk.organization
            )
            for miss in misses {
                let hint = miss.sentence(dialled: question.to)
                if !hints.contains(hint) { hints.append(hint) }
            }
        }
        return hints
    }
}

extension RouteExplanation {
    /// Whether an agent gets the call by one door at least.
    var isAnswered: Bool {
        [sip?.decision, twilio?.decision].contains { $0 != nil && $0?.refusal == nil }
    }

    /// For people.
    var text: String {
        var lines = ["dialled     \(question.to)"]
        for (trunk, number) in readings {
            lines.append("read as     \(name(number))  (trunk \(trunk.id), \(plan(trunk)))")
        }
        append(sip, door: "SIP", to: &lines)
        append(twilio, door: "Twilio", to: &lines)
        for hint in hints { lines.append("hint        \(hint)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func append(
        _ outcome: (decision: Decision, trace: FullTrace)?,
        door: String,
        to lines: inout [String]
    ) {
        lines.append("")
        guard let (decision, trace) = outcome else {
            lines.append(
                "by \(door): no \(door == "SIP" ? "trunk" : "credential") brings this number"
            )
            return
        }
        lines.append("by \(door):")
        for note in trace.notes {
            lines.append("  \(note.held ? "yes" : "no ")       \(note.test.name)")
        }
        lines.append("  rule      \(decision.rule.name)")
        if let organization = directory.organization(decision.organization) {
            lines.append("  of        \(organization.id)")
        }
        if let trunk = directory.trunk(decision.trunk) { lines.append("  trunk     \(trunk.id)") }
        if let agent = directory.agent(decision.agent) {
            lines.append("  agent     \(agent.id), version \(decision.version)")
        }
        if let reason = decision.refusal {
            let status =
                directory.trunk(decision.trunk)?.status(for: reason) ?? reason.defaultStatus
            lines.append("  refused   \(reason.rawValue)")
            lines.append("  answer    \(door == "SIP" ? "\(status)" : "<Reject>")")
            return
        }
        for (position, target) in targets(decision).enumerated() {
            let q = TargetOrder.qThousandths(at: position)
            lines.append("  target    \(target)\(door == "SIP" ? "  q=\(Double(q) / 1_000)" : "")")
        }
        lines.append(
            "  answer    \(door == "SIP" ? "302 Moved Temporarily" : "TwiML, first target first")"
        )
    }

    private func targets(_ decision: Decision) -> [String] {
        guard
            let version = directory.agent(decision.agent)?.version(
                UInt32(clamping: decision.version)
            )
        else { return [] }
        return (0..<decision.targets.count).filter { !decision.targets.isLeftOut($0) }.map {
            String(decoding: version.targets[decision.targets[$0]].uri, as: UTF8.self)
        }
    }

    private func name(_ number: DialledNumber) -> String {
        switch number {
        case .number(let number): number.e164
        case .incomplete: "too few digits, or a national form without a country"
        case .notANumber: "no telephone number"
        }
    }

    private func plan(_ trunk: TrunkEntry) -> String {
        "number_source \(trunk.numberSource.text), default_country \(trunk.defaultCountry ?? "none")"
    }
}

extension RouteExplanation {
    /// For programs.
    var json: String {
        var out = ByteBuffer()
        out.append("{\"dialled\":")
        out.appendJSONString(question.to)
        out.append(",\"readings\":[")
        for (index, reading) in readings.enumerated() {
            out.append(index > 0 ? ",{\"trunk\":" : "{\"trunk\":")
            out.appendJSONString(reading.trunk.id)
            out.append(",\"number\":")
            appendNumber(reading.number, to: &out)
            out.append("}")
        }
        out.append("],\"doors\":{")
        var isFirst = true
        append(sip, "sip", &isFirst, to: &out)
        append(twilio, "twilio", &isFirst, to: &out)
        out.append("},\"hints\":[")
        for (index, hint) in hints.enumerated() {
            if index > 0 { out.append(",") }
            out.appendJSONString(hint)
        }
        out.append("]}\n")
        return out.text
    }

    private func appendNumber(_ number: DialledNumber, to out: inout ByteBuffer) {
        guard case .number(let number) = number else {
            out.append("null")
            return
        }
        out.appendJSONString(number.e164)
    }

    private func append(
        _ outcome: (decision: Decision, trace: FullTrace)?,
        _ door: StaticString,
        _ isFirst: inout Bool,
        to out: inout ByteBuffer
    ) {
        guard let (decision, trace) = outcome else { return }
        if !isFirst { out.append(",") }
        isFirst = false
        out.append("\"")
        out.append(door)
        out.append("\":{\"outcome\":")
        out.append(decision.refusal == nil ? "\"answered\"" : "\"refused\"")
        if let reason = decision.refusal {
            out.append(",\"reason\":")
            out.appendJSONString(reason.rawValue)
            out.append(",\"status\":")
            out.appendDecimal(
                directory.trunk(decision.trunk)?.status(for: reason) ?? reason.defaultStatus
            )
        }
        out.append(",\"rule\":\"")
        out.append(decision.rule.name)
        out.append("\"")
        append("organization", directory.organization(decision.organization)?.id, to: &out)
        append("trunk", directory.trunk(decision.trunk)?.id, to: &out)
        append("credential", directory.credential(decision.credential)?.id, to: &out)
        append("agent", directory.agent(decision.agent)?.id, to: &out)
        out.append(",\"targets\":[")
        if decision.refusal == nil {
            for (index, target) in targets(decision).enumerated() {
                if index > 0 { out.append(",") }
                out.appendJSONString(target)
            }
        }
        out.append("],\"tests\":[")
        for (index, note) in trace.notes.enumerated() {
            out.append(index > 0 ? ",{\"test\":" : "{\"test\":")
            out.appendJSONString(note.test.name)
            out.append(",\"held\":")
            out.append(note.held ? "true}" : "false}")
        }
        out.append("]}")
    }

    private func append(_ key: StaticString, _ value: String?, to out: inout ByteBuffer) {
        guard let value else { return }
        out.append(",\"")
        out.append(key)
        out.append("\":")
        out.appendJSONString(value)
    }
}
