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
        let store = try session.store(creating: true)
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
    private func append(
        _ id: Int,
        _ outcome: String,
        _ more: String = "",
        from caller: String = "+12125550123"
    ) {
        let line =
            #"{"id":"000000000000000\#(id)","time":"2026-11-23T15:00:0\#(id).000000Z","door":"sip","#
            + #""organization":"acme","number":"+14155550100","trunk":"carrier-a","#
            + #""rule":"workflow","from":"\#(caller)",\#(outcome)\#(more)}"# + "\n"
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

    @Test(
        "a target that was down when the call came is no difference, and another one is",
        arguments: [
            (#"["sip:a@x.example.com","sip:b@x.example.com"]"#, 0, 0),
            (#"["sip:b@x.example.com"]"#, 0, 1),
            (#"["sip:b@x.example.com","sip:a@x.example.com"]"#, 1, 0),
            (#"["sip:c@x.example.com"]"#, 1, 0),
            ("[]", 1, 0),
        ]
    )
    func targetsThatWereDown(recorded: String, different: Int, fewer: Int) throws {
        append(1, #""outcome":"answered","targets":\#(recorded)"#)
        let findings = try replay(
            """
            { "version": 1, "steps": [
              { "id": "trigger", "type": "trigger", "next": "out" },
              { "id": "out", "type": "output", "config": { "fields": [
                { "name": "targets", "type": "array",
                  "value": ["sip:a@x.example.com", "sip:b@x.example.com"] } ] } }
            ] }
            """
        )
        #expect(findings.replayedCount == 1)
        #expect(findings.differences.count == different)
        #expect(findings.fewerTargetsCount == fewer)
        #expect(findings.text.contains("targets that were down") == (fewer > 0))
    }

    @Test("a caller whom the record does not name is anonymous, and that is said")
    func unnamed() throws {
        append(1, Self.bySales, from: "anonymous")
        append(2, Self.byNight)
        let findings = try replay(Self.deciding("input.caller_number = ''"))
        #expect(findings.replayedCount == 2 && findings.differences.isEmpty)
        #expect(findings.unnamedCount == 1)
        #expect(findings.text.contains("1 callers are not named in their records"))
    }

    @Test("what no workflow had a say in is left out")
    func leftOut() throws {
        append(1, Self.bySales, #","step":1,"door":"twilio""#)
        append(2, #""outcome":"refused","reason":"draining""#)
        // A further visit by SIP is asked anew.
        append(3, Self.bySales, #","step":1"#)
        let findings = try replay(ExplainedWorkflow.draft)
        #expect(findings.replayedCount == 1 && findings.skippedCount == 2)
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
        append(1, Self.byNight, "," + kept.text)
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

    /// A draft that asks nobody: `when` leads to sales, else the night agent answers.
    private static func deciding(_ when: String) -> String {
        """
        { "version": 1, "steps": [
          { "id": "trigger", "type": "trigger", "next": "test" },
          { "id": "test", "type": "condition",
            "config": { "branches": [ { "label": "yes", "when": "{{ \(when) }}" } ] },
            "branches": { "yes": "sales", "default": "night" } },
          { "id": "sales", "type": "output", "config": { "fields": [
            { "name": "agent_id", "type": "string", "value": "sales" } ] } },
          { "id": "night", "type": "output", "config": { "fields": [
            { "name": "agent_id", "type": "string", "value": "night" } ] } }
        ] }
        """
    }

    @Test(
        "every record gives what its own workflow looked at of the message",
        arguments: [
            ("input.attestation = 'B'", #","attestation":"B""#),
            ("input.caller_name = 'Ann'", #","input":{"caller_name":"Ann"}"#),
            ("'+15550001' in input.diversion", #","input":{"diversion":["+15550001"]}"#),
            ("input.headers.`X-Tier` = 'gold'", #","input":{"headers":{"X-Tier":"gold"}}"#),
        ]
    )
    func keptInput(when: String, kept: String) throws {
        append(1, Self.bySales, kept)
        let findings = try replay(Self.deciding(when))
        #expect(findings.replayedCount == 1 && findings.differences.isEmpty)
        #expect(findings.withoutInputCount == 0)
    }

    @Test("what the draft looks at and the record does not have is counted, and only that")
    func missingInput() throws {
        append(1, Self.byNight, #","input":{"headers":{"X-Tier":null}}"#)
        append(2, Self.byNight, #","input":{"headers":{},"all_headers":true}"#)
        append(3, Self.byNight)
        let tier = try replay(Self.deciding("input.headers.`X-Tier` = 'gold'"))
        #expect(tier.withoutInputCount == 1 && tier.differences.isEmpty)
        #expect(tier.text.contains("missing from 1 of 3 records"))
        #expect(try replay(Self.deciding("input.headers.`X-Seen` = 'gold'")).withoutInputCount == 2)
        #expect(try replay(Self.deciding("input.caller_name = 'x'")).withoutInputCount == 3)
        #expect(try replay(Self.deciding("input.door = 'twilio'")).withoutInputCount == 0)
    }

    @Test(
        "limit and sticky steps know the calls that were replayed before, each at its time",
        arguments: [
            // Three calls a second apart: within a minute, within a second, up, and over after a second.
            (#""max": 2, "window_seconds": 60"#, "", ["2 refused (rejected)"]),
            (#""max": 1, "window_seconds": 2"#, "", ["1 refused (rejected)"]),
            (#""max": 1, "window_seconds": 1"#, "", []),
            (
                #""max": 1, "lease_seconds": 60"#, "",
                ["1 refused (rejected)", "2 refused (rejected)"]
            ),
            (#""max": 1, "lease_seconds": 60"#, "ends", []),
        ]
    )
    func limits(config: String, ending: String, expected: [String]) throws {
        for id in 1...3 {
            append(id, Self.bySales)
            guard !ending.isEmpty else { continue }
            let event =
                #"{"id":"000000000000000\#(id)","time":"2026-11-23T15:00:0\#(id).900000Z","#
                + #""event":"status","status":"completed","duration":1}"# + "\n"
            let bytes = Array(event.utf8)
            writer.append(lines: bytes.span, at: Self.now)
        }
        let findings = try replay(
            """
            { "version": 1, "steps": [
              { "id": "trigger", "type": "trigger", "next": "often" },
              { "id": "often", "type": "limit", "config": { "key": "all", \(config) },
                "branches": { "within": "sales", "over": "no" } },
              { "id": "sales", "type": "output", "config": { "fields": [
                { "name": "agent_id", "type": "string", "value": "sales" } ] } },
              { "id": "no", "type": "output", "config": { "fields": [
                { "name": "reject", "type": "boolean", "value": true } ] } }
            ] }
            """
        )
        #expect(findings.replayedCount == 3)
        let ids = findings.differences.map { (Int(String($0.id.last ?? "0")) ?? 0) - 1 }
        #expect(zip(ids, findings.differences).map { "\($0) \($1.after)" } == expected)
        #expect(findings.text.contains("know nothing of the calls before the first of these"))
    }

    @Test("a call that the draft turns away holds no place of those that are up")
    func turnedAway() throws {
        append(1, Self.bySales, from: "+12125550666")
        append(2, Self.bySales)
        append(3, Self.bySales)
        let findings = try replay(
            """
            { "version": 1, "steps": [
              { "id": "trigger", "type": "trigger", "next": "lines" },
              { "id": "lines", "type": "limit", "config": { "key": "all", "max": 1 },
                "branches": { "within": "who", "over": "no" } },
              { "id": "who", "type": "condition",
                "config": { "branches": [
                  { "label": "spam", "when": "{{ input.caller_number = '+12125550666' }}" } ] },
                "branches": { "spam": "no", "default": "sales" } },
              { "id": "sales", "type": "output", "config": { "fields": [
                { "name": "agent_id", "type": "string", "value": "sales" } ] } },
              { "id": "no", "type": "output", "config": { "fields": [
                { "name": "reject", "type": "boolean", "value": true } ] } }
            ] }
            """
        )
        #expect(findings.differences.map { $0.id.suffix(1) } == ["1", "3"])
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
