import Gateway
import JSONata
import Primitives
import Routing
import Testing

@Suite("POST /trunkline/v1/routing/explain")
struct ExplainRequestTests {
    private func answer(_ body: String) throws -> (status: Int, json: JSONValue) {
        let (status, json) = ExplainRequest.answer(
            Array(body.utf8),
            directory: try ExplainedWorkflow.directory(),
            configuration: ExplainedWorkflow.configuration,
            at: try #require(WallTime(rfc3339: ExplainedWorkflow.night))
        )
        return (status, try JSONValue.parse(json.span))
    }

    @Test("a question is answered with the explanation that route prints")
    func explains() throws {
        let (status, json) = try answer(
            """
            {"to": "+14155550100", "from": "+12125550123", "at": "2026-11-23T15:00:00Z",
             "door": "sip", "headers": {"X-Tier": "gold"}}
            """
        )
        #expect(status == 200)
        var question = try ExplainedWorkflow.question(headers: [("X-Tier", "gold")])
        question.doors = [.sip]
        let printed = try ExplainedWorkflow.explain(question).value
        #expect(json["doors"]?["sip"]?["answer"] == printed["doors"]?["sip"]?["answer"])
        #expect(json["doors"]?["sip"]?["workflow"] == printed["doors"]?["sip"]?["workflow"])
        #expect(json["doors"]?["twilio"] == nil)
    }

    @Test("without a time the call comes now, and without a caller it is anonymous")
    func defaults() throws {
        let (status, json) = try answer(#"{"to": "+14155550100"}"#)
        #expect(status == 200)
        #expect(json["doors"]?["sip"]?["agent"] == "night")
        let trigger = json["doors"]?["sip"]?["workflow"]?["steps"]?[0]
        #expect(trigger?["result"]?["caller_number"] == "")
    }

    @Test("a draft in the body decides instead of the organization's workflow")
    func draft() throws {
        let (status, json) = try answer(
            """
            {"to": "+14155550100", "at": "2026-11-23T15:00:00Z",
             "definition": \(ExplainedWorkflow.draft)}
            """
        )
        #expect(status == 200)
        #expect(json["doors"]?["twilio"]?["agent"] == "night")
    }

    @Test("answers of hosts can come with the question")
    func httpAnswers() throws {
        let (status, json) = try answer(
            """
            {"to": "+14155550100", "at": "2026-11-23T15:00:00Z", "door": "sip",
             "http_answers": {"crm": {"status": 200, "body": {"agent": "night"}}}}
            """
        )
        #expect(status == 200)
        #expect(json["doors"]?["sip"]?["agent"] == "night")
    }

    @Test(
        "a target that is down is left out as a live call would leave it out, with what the probe found",
        arguments: ["", #", "definition": \#(ExplainedWorkflow.draft)"#]
    )
    func targetsDown(draft: String) throws {
        let agent = draft.isEmpty ? "sales" : "night"
        let uri = "sip:\(agent)@agents.example.com"
        let body = #"{"to": "+14155550100", "at": "2026-11-23T15:00:00Z"\#(draft)}"#
        let (status, answer) = ExplainRequest.answer(
            Array(body.utf8),
            directory: try ExplainedWorkflow.directory().with(down: [Array(uri.utf8)]),
            configuration: ExplainedWorkflow.configuration,
            at: try #require(WallTime(rfc3339: ExplainedWorkflow.night)),
            targetState: { $0 == uri ? "down, no answer" : nil }
        )
        #expect(status == 200)
        let door = try JSONValue.parse(answer.span)["doors"]?["twilio"]
        let target = door?["target_states"]?[0]
        #expect(target?["uri"] == .string(uri) && target?["state"] == "down, no answer")
        // Sales has another target; the only one of the night agent is tried all the same.
        #expect(target?["offered"] == .bool(agent == "night"))
        #expect(target?["omission"] == (agent == "night" ? nil : "it does not answer"))
    }

    @Test("all problems of a draft are told at once, each with its place in the body")
    func draftProblems() throws {
        let (status, json) = try answer(
            """
            {"to": "+14155550100", "definition": {"version": 1, "steps": [
              {"id": "trigger", "type": "trigger", "next": "nowhere"},
              {"id": "out", "type": "output", "config": {"fields": [
                {"name": "agent_id", "type": "string", "value": "nobody"}]}}]}}
            """
        )
        #expect(status == 422)
        #expect(json["error"]?["code"] == "validation_error")
        let problems = try #require(json["error"]?["problems"]?.arrayValue)
        let paths = problems.compactMap { $0["path"]?.stringValue }
        #expect(paths.contains("definition.steps[0].next"))
        #expect(paths.contains { $0.hasPrefix("definition.steps[1].config.fields[0]") })
        #expect(problems.first?["line"] == 2)
    }

    @Test("a draft with an error behind hundreds of warnings is refused, and never run")
    func warnedDraft() throws {
        let unknown = (0..<250).map { #""unknown\#($0)": 1,"# }.joined()
        let (status, json) = try answer(
            """
            {"to": "+14155550100", "definition": {\(unknown) "steps": [
              {"id": "trigger", "type": "trigger", "next": "share"},
              {"id": "share", "type": "split", "config": {"key": "k"}, "branches": {}}]}}
            """
        )
        #expect(status == 422)
        let problems = json["error"]?["problems"]?.arrayValue ?? JSONArray()
        #expect(problems.map { $0["path"] } == ["definition.steps[1].config.weights"])
    }

    @Test("an answer for a step of a draft is taken, and one for a step that it lacks is not")
    func answersOfDraft() throws {
        let (status, json) = try answer(
            """
            {"to": "+14155550100", "definition": \(ExplainedWorkflow.draft),
             "http_answers": {"crm": {"status": 200}}}
            """
        )
        #expect(status == 422)
        let problem = json["error"]?["problems"]?[0]
        #expect(problem?["path"] == "http_answers.crm")
        #expect(
            problem?["message"]
                == "no step has the id crm; no step of the workflow asks a host"
        )
    }

    @Test(
        "a question that makes no sense is refused with what to write",
        arguments: [
            (#"{}"#, 422, "to"), (#"{"to": 4155550100}"#, 422, "text in quotes"),
            (#"{"to": "1", "at": "yesterday"}"#, 422, "2026-11-21T07:05:09Z"),
            (#"{"to": "1", "door": "siip"}"#, 422, "sip"),
            (#"{"to": "1", "form": "2"}"#, 422, "from"),
            (#"{"to": "1", "headers": {"Via": "x"}}"#, 422, "Via"),
            (#"{"to": "1", "headers": ["x"]}"#, 422, "an object"),
            (#"{"to": "1", "trunk": "carrier-x"}"#, 422, "carrier-a"),
            (#"{"to": "1", "definition": {}}"#, 422, "no organization has the number"),
            (#"{"to": "1", "definition": "x"}"#, 422, "no organization has the number"),
            (#"{"to": "+14155550100", "definition": "x"}"#, 422, "an object"),
            (#"{"to": "1", "http_answers": {"crm": "gone"}}"#, 422, "unreachable"),
            (
                #"{"to": "+14155550100", "http_answers": {"crn": "tls"}}"#, 422,
                "no step has the id crn; did you mean crm?"
            ),
            (
                #"{"to": "+14155550100", "http_answers": {"hours": "tls"}}"#, 422,
                "step hours asks no host: it is of type schedule"
            ),
            (#"{"to": "#, 400, ""), ("", 400, ""), ("[1, 2]", 422, "an object"),
        ]
    )
    func refusals(body: String, status: Int, hint: String) throws {
        let (answered, json) = try answer(body)
        #expect(answered == status)
        #expect(json["error"]?["message"]?.stringValue?.isEmpty == false)
        #expect(json.jsonText.contains(hint), "\(json.jsonText)")
    }
}
