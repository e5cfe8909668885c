import Gateway
import JSONata
import Primitives
import Routing
import Testing

@Suite("The explanation of a call")
struct CallExplanationTests {
    private func door(
        _ door: IncomingCall.Door,
        of explanation: CallExplanation
    ) throws -> ExplainedDoor {
        try #require(explanation.doors.first { $0.door == door })
    }

    @Test("by SIP it ends with the 302 that would go out")
    func sipAnswer() throws {
        let question = try ExplainedWorkflow.question(headers: [("X-Tier", "gold")])
        let sip = try door(.sip, of: try ExplainedWorkflow.explain(question))
        #expect(sip.status == 302)
        #expect(sip.answer.hasPrefix("SIP/2.0 302 Moved Temporarily\r\n"))
        #expect(sip.answer.contains("\r\nContact: <sip:sales@agents.example.com"))
        #expect(sip.agent == "sales" && sip.trunk == "carrier-a" && sip.organization == "acme")
        #expect(sip.carrierReason?.contains("203.0.113.0/24") == true)
        #expect(sip.targets.map(\.position) == [0, nil])
        #expect(sip.targets[1].omission == "the SIP door cannot offer wss:")
        #expect(sip.offered == ["sip:sales@agents.example.com"])
    }

    @Test("by Twilio it ends with the TwiML that would go out")
    func twilioAnswer() throws {
        let question = try ExplainedWorkflow.question(headers: [("X-Tier", "gold")])
        let twilio = try door(.twilio, of: try ExplainedWorkflow.explain(question))
        #expect(twilio.status == 200 && twilio.credential == "twilio-main")
        #expect(twilio.answer.contains("<Sip>sip:sales@agents.example.com"))
        #expect(twilio.answer.contains("https://gw.example.com/telephony/inbound/twilio?"))
        #expect(twilio.offered.count == 2)
    }

    @Test("each step of the workflow tells what it looked at and where it led")
    func steps() throws {
        let explanation = try ExplainedWorkflow.explain(try ExplainedWorkflow.question())
        let workflow = explanation.value["doors"]?["sip"]?["workflow"]
        #expect(workflow?["steps"]?[1]?["branch"] == "open")
        #expect(workflow?["steps"]?[1]?["result"]?["local_time"] == "2026-11-23T10:00:00-05:00")
        #expect(workflow?["steps"]?[2]?["input"] == ["gold": false, "spam": false])
        #expect(workflow?["steps"]?[2]?["branch"] == "default")
        #expect(workflow?["output"] == ["agent_id": "sales"])
    }

    @Test("a host that nobody asks counts as one that does not answer, and that is said")
    func unsentRequest() throws {
        let explanation = try ExplainedWorkflow.explain(try ExplainedWorkflow.question())
        #expect(explanation.text.contains("asked POST https://crm.example.com/route"))
        #expect(explanation.text.contains("not sent: it goes on here as if crm.example.com"))
        #expect(explanation.hints.contains { $0.contains("step crm asked nobody") })
        #expect(try door(.sip, of: explanation).agent == "sales")
    }

    @Test("the likeliest numbers are named once for each country, however many trunks there are")
    func nearMisses() throws {
        var contents = DirectoryContents()
        for digit in 0..<10 {
            let id = "org\(digit)"
            contents.organizations.append(Organization(id: id, name: ""))
            for country in ["US", "GB"] {
                contents.trunks.append(
                    Trunk(
                        organizationID: id,
                        id: country,
                        name: "",
                        inbound: InboundTrunk(defaultCountry: country)
                    )
                )
            }
            contents.numbers.append(
                NumberAssignment(
                    number: try #require(PhoneNumber("+1415555010\(digit)")),
                    organizationID: id
                )
            )
        }
        let explainer = CallExplainer(
            directory: try DirectorySnapshot(contents),
            configuration: ExplainedWorkflow.configuration
        )
        let all = try explainer.explain(ExplainedWorkflow.question(to: "+1415555010")).hints
        #expect(all.filter { $0.contains("one digit too few") }.count == 3)
        var question = try ExplainedWorkflow.question(to: "+1415555010")
        question.trunk = "org7/GB"
        let own = try explainer.explain(question).hints.filter { $0.contains("is configured") }
        #expect(own.count == 1 && own.first?.hasPrefix("+14155550107") == true)
    }

    @Test("what a header of a request says is not shown: it may be the key of another service")
    func requestHeaders() throws {
        let explanation = try ExplainedWorkflow.explain(try ExplainedWorkflow.question())
        #expect(!explanation.json.contains("hush") && !explanation.text.contains("hush"))
    }

    @Test(
        "answers of hosts can be given with the question",
        arguments: [
            (StepAnswers.Answer.response(status: 200, headers: [], body: [0x7B, 0x7D]), "sales"),
            (.response(status: 503, headers: [], body: []), "sales"),
            (.response(status: 200, headers: [], body: Array(#"{"agent":"night"}"#.utf8)), "night"),
            (.failure(.timedOut), "sales"),
        ]
    )
    func givenAnswers(answer: StepAnswers.Answer, agent: String) throws {
        let explanation = try ExplainedWorkflow.explain(
            try ExplainedWorkflow.question(),
            answers: ["crm": answer]
        )
        #expect(try door(.sip, of: explanation).agent == agent)
        #expect(!explanation.hints.contains { $0.contains("asked nobody") })
    }

    @Test("a request can be sent for real, and the answer of its host counts")
    func sentRequest() throws {
        let explainer = CallExplainer(
            directory: try ExplainedWorkflow.directory(),
            configuration: ExplainedWorkflow.configuration,
            answers: StepAnswers(send: { request, _, deliver in
                let name = String(decoding: request.body ?? [], as: UTF8.self)
                let agent = name.contains("Ann") ? "night" : "sales"
                let body = Array(#"{"agent":"\#(agent)"}"#.utf8)
                deliver(.response(id: request.id, status: 200, headers: [], body: body))
            })
        )
        var question = try ExplainedWorkflow.question()
        question.callerName = "Ann \"A\" \\ Other"
        let explanation = try explainer.explain(question)
        #expect(explanation.doors.map(\.agent) == ["night", "night"])
        #expect(explanation.doors.allSatisfy { $0.answer.contains("night@agents.example.com") })
    }

    @Test("time, attestation and headers reach the workflow by either door")
    func inputs() throws {
        var question = try ExplainedWorkflow.question()
        question.attestation = .failed
        let refused = try ExplainedWorkflow.explain(question)
        #expect(refused.doors.map(\.decision.refusal) == [.rejected, .rejected])
        #expect(!refused.isAnswered)
        let night = try ExplainedWorkflow.question(at: ExplainedWorkflow.night)
        #expect(try ExplainedWorkflow.explain(night).doors.map(\.agent) == ["night", "night"])
    }

    @Test("the number is shown as received and as each trunk reads it")
    func readings() throws {
        let explanation = try ExplainedWorkflow.explain(
            try ExplainedWorkflow.question(to: "(415) 555-0100", headers: [("X-Tier", "gold")])
        )
        #expect(explanation.text.hasPrefix("dialled     (415) 555-0100\nread as     +14155550100"))
        #expect(explanation.value["readings"]?[0]?["number"] == "+14155550100")
        #expect(explanation.value["readings"]?[1]?["number"] == "+4155550100")
        #expect(explanation.text.contains("(Twilio, E.164 alone)"))
    }

    @Test("Twilio's door alone is shown with its own reading, and answers for a number of nobody")
    func unknownNumberOfTwilio() throws {
        var question = try ExplainedWorkflow.question(to: "+14155559999")
        question.doors = [.twilio]
        let explanation = try ExplainedWorkflow.explain(question)
        #expect(
            explanation.text.hasPrefix(
                "dialled     +14155559999\nread as     +14155559999  (Twilio, E.164 alone)\n\nby Twilio:"
            )
        )
        #expect(explanation.value["readings"]?[0]?["trunk"] == nil)
        let door = try #require(explanation.doors.first)
        #expect(door.decision.refusal == .unknownNumber && !door.tests.isEmpty)
        #expect(door.answer.contains(#"<Reject reason="rejected"/>"#))
        #expect(door.carrierReason == "the first credential of all, account AC1")
    }

    @Test("a number whose organization has no credential comes by no webhook")
    func noCredential() throws {
        var contents = try ExplainedWorkflow.contents()
        contents.credentials = []
        let explainer = CallExplainer(
            directory: try DirectorySnapshot(contents) {
                WorkflowDefinition.compile($0).definition
            },
            configuration: ExplainedWorkflow.configuration
        )
        let explanation = try explainer.explain(try ExplainedWorkflow.question())
        #expect(explanation.closedDoors == [.twilio])
        #expect(explanation.text.contains("by Twilio: no credential brings this number"))
    }

    @Test("a number that nearly exists comes with a hint, and the refusal as it would go out")
    func nearMiss() throws {
        var question = try ExplainedWorkflow.question(to: "+14155550010")
        question.doors = [.sip]
        let explanation = try ExplainedWorkflow.explain(question)
        #expect(explanation.doors[0].answer.hasPrefix("SIP/2.0 404 "))
        #expect(explanation.hints.contains { $0.contains(ExplainedWorkflow.number) })
    }

    @Test("the state of a target is shown where it is known")
    func targetStates() throws {
        let explanation = try CallExplainer(
            directory: try ExplainedWorkflow.directory(),
            configuration: ExplainedWorkflow.configuration,
            targetState: { $0.hasPrefix("sip:") ? "up, 200 OK" : nil }
        ).explain(try ExplainedWorkflow.question())
        #expect(explanation.text.contains("sip:sales@agents.example.com  q=1.0  up, 200 OK"))
        let states = explanation.value["doors"]?["sip"]?["target_states"]
        #expect(states?[0]?["state"] == "up, 200 OK" && states?[1]?["state"] == nil)
    }

    @Test(
        "a header that would end its line or write the message itself is refused",
        arguments: [
            "X-A: b\r\nVia: c", "Via: SIP/2.0/UDP x", "f: <sip:a@b>", "X A: b", "X-A", ": b",
        ]
    )
    func refusedHeaders(text: String) {
        #expect(throws: QuestionFault.self) { try CallQuestion.Header(text) }
    }

    @Test("a trunk that is not there is named with the likely one")
    func unknownTrunk() throws {
        var question = try ExplainedWorkflow.question()
        question.trunk = "carrier-b"
        #expect(throws: QuestionFault.self) { try ExplainedWorkflow.explain(question) }
        question.trunk = "acme/carrier-a"
        #expect(try ExplainedWorkflow.explain(question).doors.first?.trunk == "carrier-a")
    }
}
