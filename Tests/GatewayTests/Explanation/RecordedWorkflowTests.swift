import Gateway
import JSONata
import Primitives
import Routing
import Store
import Testing

@Suite("What a record keeps of a workflow")
struct RecordedWorkflowTests {
    private func result(_ question: CallQuestion? = nil) throws -> WorkflowResult {
        let explanation = try ExplainedWorkflow.explain(
            try question ?? ExplainedWorkflow.question()
        )
        return try #require(explanation.doors.first?.decision.workflow)
    }

    private func record(
        _ result: WorkflowResult,
        _ explain: Configuration.Records.Explain
    ) throws -> JSONValue {
        var out = ByteBuffer()
        out.append("{\"id\":1")
        out.appendRecord(of: result, explain: explain)
        out.append("}")
        return try JSONValue.parse(out.bytes.span)
    }

    @Test("the steps are always there, with the branch out of each")
    func path() throws {
        let record = try record(try result(), .never)
        #expect(
            record["steps"]
                == ["trigger", "hours:open", "vip:default", "crm:on_error", "by_day"]
        )
        #expect(record["explain"] == nil)
    }

    @Test("the label of the output is there, also where the call was refused")
    func label() throws {
        let label = "5 \"calls\"\n"
        for rejects in [false, true] {
            var output = WorkflowOutput()
            output.rejects = rejects
            output.label = label
            let record = try record(WorkflowResult(.decided(output)), .never)
            #expect(record["label"] == .string(label))
        }
        #expect(try record(try result(), .never)["label"] == nil)
    }

    @Test("the explanation is there only where the operator wants it")
    func explanation() throws {
        #expect(try record(try result(), .failures)["explain"] == nil)
        let full = try record(try result(), .always)["explain"]
        #expect(full?["steps"]?[3]?["error"]?["code"] == "http_unreachable")
        let fault = WorkflowFailure(step: "crm", fault: .timedOut)
        let definition = try #require(
            WorkflowDefinition.compile(ExplainedWorkflow.draft).definition
        )
        let failed = WorkflowResult(
            .failed(fault),
            explanation: WorkflowExplanation(of: definition)
        )
        #expect(try record(failed, .failures)["explain"] != nil)
        #expect(try record(failed, .never)["explain"] == nil)
    }

    @Test("a caller who asked for privacy is not named in any value of the record")
    func privacy() throws {
        var question = try ExplainedWorkflow.question(
            headers: [("X-Caller", "tel:2125550123"), ("X-Tier", "tin")]
        )
        question.callerName = "Ann Example"
        question.doors = [.sip]
        let answer = Array(#"{"phone":12125550123,"agent":"night","12125550123":1}"#.utf8)
        let explanation = try ExplainedWorkflow.explain(
            question,
            answers: ["crm": .response(status: 200, headers: [], body: answer)]
        )
        let traced = try #require(explanation.doors[0].decision.workflow)
        var output = try #require(traced.output)
        output.label = "+1 for +12125550123"
        let result = WorkflowResult(
            .decided(output),
            explanation: traced.explanation,
            path: traced.path,
            messageInput: ["caller_name": "Ann Example", "headers": ["X-Caller": "2125550123"]]
        )
        let mask = CallerMask(number: PhoneNumber("+12125550123"), texts: ["Ann Example"])
        var out = ByteBuffer()
        out.append("{\"id\":1")
        out.appendRecord(of: result, explain: .always, hiding: mask)
        out.append("}")
        #expect(!out.text.contains("5550123") && !out.text.contains("Ann"))
        let record = try JSONValue.parse(out.bytes.span)
        #expect(record["label"] == "+1 for +•••")
        #expect(record["input"] == ["headers": ["X-Caller": "•••"]])
        let steps = record["explain"]?["steps"]
        #expect(steps?[0]?["result"]?["caller_number"] == "+•••")
        #expect(steps?[0]?["result"]?["headers"]?["X-Tier"] == "tin")
        #expect(steps?[3]?["request"]?["body"] == #"{"name":"•••"}"#)
        #expect(steps?[3]?["result"]?["body"] == ["phone": "•••", "agent": "night", "•••": 1])
    }

    @Test(
        "a caller's number is masked in every form, and what only resembles it stays",
        arguments: [
            ("+442079460123", "+•••"), ("https://x/?n=%2B442079460123", "https://x/?n=%2B•••"),
            ("02079460123", "•••"), ("9460123 twice 9460123", "••• twice •••"),
            ("946012", "946012"), ("bob", "•••"), ("bobby", "bobby"), ("Anonymous", "Anonymous"),
            ("from Alice A.!", "from •••!"), ("", ""),
        ]
    )
    func masks(text: String, masked: String) {
        let texts = ["bob", "Alice A.", "Anonymous", ""]
        let mask = CallerMask(number: PhoneNumber("+442079460123"), texts: texts)
        #expect(mask.masked(text) == masked)
    }

    @Test("an explanation is at most 16 KiB, and what is cut says so", arguments: [1, 8, 24])
    func bound(headerCount: Int) throws {
        let value = String(repeating: "ü\"", count: 600)
        let headers = (0..<headerCount).map { ("X-\($0)", value) }
        var question = try ExplainedWorkflow.question(headers: headers)
        question.doors = [.sip]
        let explanation = try #require(
            try result(question).explanation
        )
        let text = explanation.recordText()
        #expect(text.utf8.count <= 16_384)
        #expect(text.contains(#""cut""#) == (explanation.value.jsonText.utf8.count > 16_384))
        let parsed = try JSONValue.parse(Array(text.utf8).span)
        #expect(parsed["output"]?["agent_id"] == "sales")
        let least = explanation.recordText(limit: 300)
        #expect(least.utf8.count <= 300)
        #expect(try JSONValue.parse(Array(least.utf8).span)["cut_steps"] != nil)
    }
}
