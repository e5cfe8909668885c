import Gateway
import JSONata
import Primitives
import Routing
import Store
import Testing

@Suite("The replay of recorded calls")
struct ReplayTests {
    private let folder: ScratchFolder
    private let session: Session
    private let writer: CallLogWriter

    init() throws {
        folder = try ScratchFolder()
        session = folder.session(ExplainedWorkflow.configuration)
        let store = try session.store()
        let wanted = try ExplainedWorkflow.contents()
        let plan = DirectoryPlan(from: DirectoryContents(), to: wanted, prune: false) {
            left,
            right,
            _ in left == right
        }
        _ = try store.apply(plan.changes, expecting: try store.version(), at: Self.now)
        writer = try CallLogWriter(directory: folder.path + "/calls", at: Self.now)
    }

    private static let now = WallTime(seconds: 1_795_244_709)

    /// A record as the gateway writes it, of a call by day.
    private func append(_ id: Int, _ outcome: String, _ more: String = "") {
        let line =
            #"{"id":"000000000000000\#(id)","time":"2026-11-23T15:00:0\#(id).000000Z","door":"sip","#
            + #""organization":"acme","number":"+14155550100","trunk":"carrier-a","#
            + #""rule":"workflow","from":"+12125550123",\#(outcome)\#(more)}"# + "\n"
        let bytes = Array(line.utf8)
        writer.append(lines: bytes.span, at: Self.now)
    }

    private func replay(_ definition: String, last: Int = 100) throws -> ReplayCommand.Findings {
        let question = ReplayCommand.Question(
            definition: try folder.file("draft.json5", definition),
            last: last,
            organization: nil
        )
        return try ReplayCommand.run(session, question) { _, _ in }
    }

    private static let bySales = #""agent":"sales","version":1,"outcome":"answered""#
    private static let byNight = #""agent":"night","version":1,"outcome":"answered""#

    @Test("a call that would go elsewhere is told with where it went, and the others are counted")
    func differences() throws {
        append(1, Self.bySales)
        append(2, Self.byNight)
        append(3, #""outcome":"refused","reason":"rejected""#)
        let findings = try replay(ExplainedWorkflow.draft)
        #expect(findings.replayedCount == 3)
        #expect(findings.differences.map(\.before) == ["sales", "refused (rejected)"])
        #expect(findings.differences.map(\.after) == ["night", "night"])
        #expect(findings.differences[0].path == ["trigger", "out"])
        let text = findings.text
        #expect(text.contains("2026-11-23T15:00:01"))
        #expect(text.contains("sales → night  [trigger out]  0000000000000001"))
        #expect(text.contains("3 calls of acme replayed: 2 would go elsewhere, 1 would not"))
        let json = try JSONValue.parse(Array(findings.json.utf8).span)
        #expect(json["differences"]?[0]?["would_be"] == "night" && json["different"] == 2)
    }

    @Test("only the last records are replayed, at the time that each has")
    func last() throws {
        append(1, Self.byNight)
        append(2, Self.bySales)
        let findings = try replay(ExplainedWorkflow.definition, last: 1)
        #expect(findings.replayedCount == 1 && findings.differences.isEmpty)
        #expect(findings.unansweredCount == 1 && findings.withoutInputCount == 1)
        #expect(findings.text.contains("as if the hosts did not answer"))
    }

    @Test("what no workflow had a say in is left out")
    func leftOut() throws {
        append(1, Self.bySales, #","step":1"#)
        append(2, #""outcome":"refused","reason":"draining""#)
        let findings = try replay(ExplainedWorkflow.draft)
        #expect(findings.replayedCount == 0 && findings.skippedCount == 2)
    }

    @Test("a record with its explanation gives headers, the caller's name and what hosts answered")
    func explainedRecords() throws {
        var question = try ExplainedWorkflow.question(headers: [("X-Seen", "yes")])
        question.callerName = "Ann"
        question.doors = [.sip]
        let body = Array(#"{"agent":"night"}"#.utf8)
        let explanation = try ExplainedWorkflow.explain(
            question,
            answers: ["crm": .response(status: 200, headers: [], body: body)]
        )
        let workflow = try #require(explanation.doors[0].decision.workflow)
        var kept = ByteBuffer()
        kept.appendRecord(of: workflow, explain: .always)
        append(1, Self.byNight, kept.text)
        let same = try replay(ExplainedWorkflow.definition)
        #expect(same.differences.isEmpty && same.replayedCount == 1)
        #expect(same.unansweredCount == 0 && same.withoutInputCount == 0)
        let draft = ExplainedWorkflow.definition.replacing(
            "X-Tier` = 'gold'",
            with: "X-Seen` = 'yes'"
        )
        let findings = try replay(draft)
        #expect(findings.differences.map(\.after) == ["sales"])
        #expect(
            findings.differences.first?.path == ["trigger", "hours:open", "vip:gold", "by_day"]
        )
    }

    @Test("a draft with mistakes is refused with all of them, each with its line")
    func badDraft() throws {
        append(1, Self.bySales)
        #expect {
            try replay(ExplainedWorkflow.draft.replacing("\"night\"", with: "\"nigt\""))
        } throws: { error in
            "\(error)".contains("draft.json5:4:") && "\(error)".contains("nigt")
        }
    }
}
