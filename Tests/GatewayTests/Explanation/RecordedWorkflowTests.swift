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
