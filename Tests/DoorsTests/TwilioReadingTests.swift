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
    func dialOutcome(status: String, isServed: Bool) throws {
        var webhook = TwilioWebhook()
        try webhook.take("DialCallStatus=\(status)")
        #expect(webhook.saysTargetServed(at: WallTime(seconds: 0)) == isServed)
    }

    @Test(
        "a stream that comes back at once has failed; one that lasted, or whose caller is gone, served",
        arguments: zip(
            [("in-progress", 0), ("in-progress", 9), ("in-progress", 10), ("completed", 3)],
            [false, false, true, true]
        )
    )
    func streamOutcome(end: (status: String, seconds: Int64), isServed: Bool) throws {
        var call = try TwilioCall(targets: ["wss://a.example.com/s", "sip:b@example.com"])
        try call.follow(try call.answer())
        call.parameters.append(("CallStatus", end.status))
        let time = TwilioCall.time.seconds + end.seconds
        #expect(try call.saysTargetServed(at: WallTime(seconds: time)) == isServed)
        #expect(try call.answer().first("Sip") != nil)
    }

    @Test(
        "a call by a SIP domain is read from its URI",
        arguments: [
            "sip:+14155550100@acme.sip.twilio.com", "sips:+1-415-555-0100@a;user=phone",
            "tel:+14155550100", "sip:%2B14155550100@acme.sip.twilio.com:5060;transport=tls",
        ]
    )
    func uri(text: String) throws {
        var call = try TwilioCall()
        call.parameters = [
            ("AccountSid", "AC1"), ("CallSid", "CA1"), ("From", "sip:+12125550123@a"), ("To", text),
        ]
        let read = try #require(try call.read())
        #expect(read.called == .number(try #require(PhoneNumber("+14155550100"))))
        #expect(read.caller == .number(try #require(PhoneNumber("+12125550123"))))
    }

    @Test("an agent that is pinned and not there answers nothing, and the call is refused by name")
    func missingAgent() throws {
        var call = try TwilioCall()
        call.path = .agent
        call.agentName = "nobody"
        let written = try call.written()
        #expect(written.decision.refusal == .agentUnavailable)
        #expect(written.document.first("Reject")?.attributes["reason"] == "rejected")
    }

    @Test("a first request comes back from no target")
    func noDialOutcome() throws {
        var webhook = TwilioWebhook()
        try webhook.take("CallSid=CA1")
        #expect(!webhook.saysTargetServed(at: WallTime(seconds: 1_795_244_709)))
    }
}
