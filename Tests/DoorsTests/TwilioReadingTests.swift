import Doors
import Primitives
import Routing
import Testing

@Suite("Reading webhooks")
struct TwilioReadingTests {
    @Test("a first request has the number, the caller and nothing to go on with")
    func first() throws {
        let call = try #require(try TwilioCall().read())
        #expect(call.called == .number(try #require(PhoneNumber(SampleDirectory.number))))
        #expect(call.caller == .number(try #require(PhoneNumber("+12125550123"))))
        #expect(call.continuation == nil)
    }

    @Test("the URL that we handed out says which target is next")
    func continuation() throws {
        var call = try TwilioCall()
        call.target += "?agent=sales%20%26%20co&version=3&next=1"
        let incoming = try #require(try call.read())
        let state = try #require(incoming.continuation)
        #expect(state.version == 3)
        #expect(state.nextTarget == 1)
        #expect(try call.answer().first("Sip")?.text.hasPrefix("sip:b@example.com") == true)
    }

    @Test(
        "a state that is not ours is no state",
        arguments: [
            "?agent=nobody&version=3&next=1", "?agent=night&version=1", "?agent=night&next=x",
            "?agent=night&next=-1", "?agent=night&next=65", "?next=1",
            "?agent=night&next=99999999999999999999",
        ]
    )
    func badState(query: String) throws {
        var call = try TwilioCall()
        call.target += query
        #expect(try #require(try call.read()).continuation == nil)
    }

    @Test("a path that pins an agent starts with that agent's first target")
    func pinnedAgent() throws {
        var call = try TwilioCall()
        call.path = .agent
        call.agentName = "night"
        #expect(try #require(try call.read()).continuation?.nextTarget == 0)
        #expect(try call.answer().first("Sip")?.text.hasPrefix("sip:n@example.com") == true)
        call.agentName = "nobody"
        #expect(try call.read() == nil)
    }

    @Test("a failed URL of ours goes on behind the target that it was for")
    func fallbackWithState() throws {
        var call = try TwilioCall(targets: ["sip:a@x.com", "sip:b@x.com", "sip:c@x.com"])
        call.path = .fallback
        let url = TwilioCall.publicURL + "/telephony/inbound/twilio"
        call.parameters.append(("ErrorUrl", url + "?agent=sales%20%26%20co&version=3&next=1"))
        #expect(try #require(try call.read()).continuation?.nextTarget == 2)
    }

    @Test("a failed https target goes on behind it, with a query of its own or without")
    func fallbackOfTarget() throws {
        for url in ["https://a.example.com/voice", "https://a.example.com/v?x=1"] {
            var call = try TwilioCall(targets: [url, "sip:b@example.com"])
            call.path = .fallback
            call.parameters.append(("ErrorUrl", url))
            #expect(try call.answer().first("Sip")?.text.hasPrefix("sip:b@example.com") == true)
            #expect(
                try call.answer().first("Dial")?.attributes["action"]?.hasSuffix("step=2") == true
            )
        }
    }

    @Test("when our own Voice URL failed, nothing was offered yet")
    func fallbackOfVoiceURL() throws {
        var call = try TwilioCall()
        call.path = .fallback
        call.parameters.append(("ErrorUrl", TwilioCall.publicURL + "/telephony/inbound/twilio"))
        #expect(try #require(try call.read()).continuation == nil)
        #expect(try call.answer().first("Sip")?.text.hasPrefix("sip:a@example.com") == true)
    }

    @Test(
        "the outcome of a dial says whether another target is to be tried",
        arguments: zip(
            ["completed", "answered", "canceled", "busy", "no-answer", "failed", "new-word"],
            [true, true, true, false, false, false, false]
        )
    )
    func dialOutcome(status: String, isOver: Bool) throws {
        var webhook = TwilioWebhook()
        try webhook.take("DialCallStatus=\(status)")
        guard let outcome = webhook.dialOutcome else {
            Issue.record("the dial has an outcome")
            return
        }
        if case .over = outcome { #expect(isOver) } else { #expect(!isOver) }
    }

    @Test("a first request has no outcome of a dial")
    func noDialOutcome() throws {
        var webhook = TwilioWebhook()
        try webhook.take("CallSid=CA1")
        #expect(webhook.dialOutcome == nil)
    }
}
