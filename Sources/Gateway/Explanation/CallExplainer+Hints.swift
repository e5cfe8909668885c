import Primitives
import Routing

/// What a person would say who knows the directory.
extension CallExplainer {
    func reason(ofTrunk decision: Decision, _ question: CallQuestion) -> String? {
        guard let trunk = directory.trunk(decision.trunk) else { return nil }
        let addresses = trunk.allowedAddresses.prefix(3).joined(separator: ", ")
        let more = trunk.allowedAddresses.count > 3 ? ", …" : ""
        let sends =
            addresses.isEmpty ? "no address may send by it" : "it sends from \(addresses)\(more)"
        let entry = decision.number.flatMap { directory.entry($0) }
        if let entry, entry.trunk == trunk.index { return "the number is bound to it; \(sends)" }
        if question.trunk != nil { return "the question names it; \(sends)" }
        if let entry, entry.organization == trunk.organization {
            return "the first trunk of the number's organization; \(sends)"
        }
        return "the first trunk of all; \(sends)"
    }

    func hints(
        _ question: CallQuestion,
        _ group: TrunkGroup?,
        _ explanation: CallExplanation
    ) -> [String] {
        var hints: [String] = []
        if group == nil { hints.append("no trunk is configured: a SIP call would be a stranger's") }
        let sip = explanation.doors.first { $0.door == .sip }
        if sip == nil || sip?.decision.refusal != nil {
            hints += nearMisses(question, group)
        }
        for door in explanation.doors {
            for hint in self.hints(onWorkflowOf: door) where !hints.contains(hint) {
                hints.append(hint)
            }
        }
        return hints
    }

    private func nearMisses(_ question: CallQuestion, _ group: TrunkGroup?) -> [String] {
        var hints: [String] = []
        let dialled = Array(question.to.utf8)
        // Trunks of one country read a number alike: it is looked for once for each country.
        let trunks = Dictionary(grouping: group?.trunks ?? [], by: \.defaultCountry)
        for (_, alike) in trunks.sorted(by: { ($0.key ?? "") < ($1.key ?? "") }) {
            let misses = directory.nearMisses(
                dialled: dialled.span,
                trunk: alike.first,
                organizations: Set(alike.map(\.organization))
            )
            for miss in misses {
                let hint = miss.sentence(dialled: question.to)
                if !hints.contains(hint) { hints.append(hint) }
            }
            guard hints.count < Self.nearMissCountMax else { break }
        }
        return hints
    }

    /// More help nobody: whoever asks about one trunk gets three.
    private static let nearMissCountMax = 10

    private func hints(onWorkflowOf door: ExplainedDoor) -> [String] {
        guard let organization = directory.organization(door.decision.organization),
            let routing = organization.routing, routing.isEnabled
        else { return [] }
        guard routing.workflow != nil else {
            return [
                "the workflow of \(organization.id) cannot be run: trunkline check says what is wrong "
                    + "with it"
            ]
        }
        let steps = door.decision.workflow?.explanation?.steps ?? []
        var hints: [String] = []
        if steps.contains(where: { $0.type == .limit || $0.type == .sticky }) {
            hints.append(
                "limit and sticky steps begin anew here: no call was counted or remembered before"
            )
        }
        if !door.leftOut.isEmpty {
            hints.append(
                "there is no room by \(door.door.title) for all that should go along; left out: "
                    + door.leftOut.joined(separator: ", ")
            )
        }
        for step in steps where step.request != nil && !step.remarks.isEmpty {
            guard answers.given[step.id] == nil, answers.send == nil else { continue }
            hints.append(
                "step \(step.id) asked nobody: give its answer with the question (--http-answer "
                    + "\(step.id)=200:FILE, http_answers in the API), or let it be sent (--http)"
            )
        }
        return hints
    }
}

/// A workflow belongs to whoever owns the number.
extension CallExplainer {
    /// Why an answer cannot be given for a step, in words; nil for an `http` step of the workflow, and
    /// where there is no organization whose workflow decides.
    package func objection(toAnswerOf step: String, _ question: CallQuestion) -> String? {
        guard let owner = try? owner(of: question) else { return nil }
        let steps = owner.routing?.workflow?.steps ?? []
        if let known = steps.first(where: { $0.id == step }) {
            guard known.type != .http else { return nil }
            return "step \(step) asks no host: it is of type \(known.type.rawValue)"
        }
        let asking = steps.filter { $0.type == .http }.map(\.id)
        let hint = Wording.suggestion(for: step, among: asking).map { "did you mean \($0)?" }
        let list =
            asking.isEmpty
            ? "no step of the workflow asks a host"
            : "hosts are asked by \(asking.prefix(12).joined(separator: ", "))"
        return "no step has the id \(step); \(hint ?? list)"
    }

    package func owner(of question: CallQuestion) throws(QuestionFault) -> OrganizationEntry {
        let dialled = Array(question.to.utf8)
        let plans =
            (try question.trunks(directory)?.readings.map(\.numberPlan) ?? []) + [.international]
        for plan in plans {
            guard case .number(let number) = plan.read(dialled.span),
                let entry = directory.entry(number),
                let organization = directory.organization(entry.organization)
            else { continue }
            return organization
        }
        throw QuestionFault(
            "no organization has the number \(Wording.quoted(question.to)), so that no workflow decides "
                + "about it"
        )
    }
}
