import Doors
import Primitives
import Routing
import Testing

@Suite("Answering webhooks")
struct TwilioAnsweringTests {
    private let action =
        "https://gw.example.com/telephony/inbound/twilio?agent=sales%20%26%20co&version=3&next=1&step=1"

    @Test("a SIP target is dialled, and the action brings the call back for the next one")
    func sip() throws {
        for uri in ["sip:a@example.com", "sips:a@example.com"] {
            let dial = try #require(try TwilioCall(targets: [uri]).answer().first("Dial"))
            #expect(
                dial.attributes == [
                    "answerOnBridge": "true", "timeout": "20", "action": action,
                ]
            )
            #expect(
                dial.first("Sip")?.text
                    == uri + "?X-Trunkline-Call=000000000000abcd"
                    + "&X-Trunkline-Agent=sales%20%26%20co"
            )
        }
    }

    @Test("headers that a SIP target has already are kept")
    func sipWithHeaders() throws {
        let call = try TwilioCall(targets: ["sip:a@example.com?X-A=1"])
        let text = try #require(try call.answer().first("Sip")).text
        #expect(text.hasPrefix("sip:a@example.com?X-A=1&X-Trunkline-Call="))
    }

    @Test(
        "a number is dialled in its E.164 form",
        arguments: ["tel:+1-415-555-0123", "+14155550123"]
    )
    func number(uri: String) throws {
        let dial = try #require(try TwilioCall(targets: [uri]).answer().first("Dial"))
        #expect(dial.first("Number")?.text == "+14155550123")
        #expect(dial.attributes["action"] == action)
    }

    @Test("a wss target gets the call as a stream, with its id and its agent")
    func stream() throws {
        let call = try TwilioCall(targets: ["wss://a.example.com/s?a=1&b=2"])
        let connect = try #require(try call.answer().first("Connect"))
        #expect(connect.attributes["action"] == action + "&stream=1795244709")
        let stream = try #require(connect.first("Stream"))
        #expect(stream.attributes["url"] == "wss://a.example.com/s?a=1&b=2")
        #expect(
            stream.children.map(\.attributes) == [
                ["name": "call", "value": "000000000000abcd"],
                ["name": "agent", "value": "sales & co"],
            ]
        )
    }

    @Test("an https target takes the call over")
    func redirect() throws {
        let call = try TwilioCall(targets: ["https://a.example.com/voice?x=1&y=2"])
        let redirect = try #require(try call.answer().first("Redirect"))
        #expect(redirect.text == "https://a.example.com/voice?x=1&y=2")
    }

    @Test(
        "a target that is down is passed over, and the action names the place behind the one dialled"
    )
    func down() throws {
        var call = try TwilioCall(
            targets: ["sip:a@example.com", "sip:b@example.com", "sip:c@example.com"]
        )
        call.directory.down = ["sip:a@example.com", "sip:b@example.com"]
        let dial = try #require(try call.answer().first("Dial"))
        #expect(dial.first("Sip")?.text.hasPrefix("sip:c@example.com") == true)
        #expect(dial.attributes["action"]?.contains("&next=3&") == true)
        call.directory.down.append("sip:c@example.com")
        let first = try #require(try call.answer().first("Dial"))
        #expect(first.first("Sip")?.text.hasPrefix("sip:a@example.com") == true)
    }

    @Test("the action of the last target comes back to hear that there is none left")
    func exhausted() throws {
        var call = try TwilioCall()
        call.target += "?agent=sales%20%26%20co&version=3&next=2"
        #expect(try call.answer().first("Reject")?.attributes == ["reason": "busy"])
    }

    @Test(
        "every refusal is a Reject, busy where trying again helps",
        arguments: RefusalReason.allCases
    )
    func refusals(reason: RefusalReason) throws {
        let isBusy = [.overloaded, .draining, .targetsExhausted, .cancelled, .tooManyWaiting]
            .contains(reason)
        let reject = try #require(try TwilioCall().answer(refusal: reason).first("Reject"))
        #expect(reject.attributes == ["reason": isBusy ? "busy" : "rejected"])
    }

    @Test("a call that is over is hung up")
    func end() throws {
        var body = ByteBuffer()
        TwilioDoor.writeEnd(into: &body)
        #expect(try StrictXML.read(body.bytes).children.map(\.name) == ["Hangup"])
    }
}
