import Doors
import Primitives
import Routing
import Testing

@Suite("Answering INVITEs")
struct SIPAnsweringTests {
    @Test("a call that has an agent gets 302 with the targets in order, q falling")
    func redirect() throws {
        let answer = try SIPCall().answer()
        let text = answer.text
        #expect(answer.status == 302)
        #expect(text.hasPrefix("SIP/2.0 302 Moved Temporarily\r\n"))
        #expect(
            text.fields("Contact") == [
                "<sip:a@example.com>;q=1.0", "<sip:b@example.com>;q=0.9",
            ]
        )
        #expect(text.fields("X-Trunkline-Call") == ["000000000000abcd"])
        #expect(text.fields("Call-ID") == ["4711@203.0.113.9"])
        #expect(text.hasSuffix("Content-Length: 0\r\n\r\n"))
    }

    @Test(
        "targets that are down are no Contacts, and q falls from 1.0 over those that are left",
        arguments: zip(
            [
                ["sip:a@example.com"], ["sip:b@example.com"],
                ["sip:a@example.com", "sip:b@example.com"],
            ],
            [["b", "c"], ["a", "c"], ["c"]]
        )
    )
    func down(down: [String], left: [String]) throws {
        var call = try SIPCall(targets: [
            "sip:a@example.com", "sip:b@example.com", "sip:c@example.com",
        ])
        call.directory.down = down
        let contacts = left.enumerated().map {
            "<sip:\($0.element)@example.com>;q=\($0.offset == 0 ? "1.0" : "0.9")"
        }
        #expect(try call.answer().text.fields("Contact") == contacts)
    }

    @Test(
        "a number is redirected to the carrier that the call came from",
        arguments: zip(
            ["203.0.113.9:5060", "[2001:db8::9]:5060"],
            [
                "<sip:+14155550123@203.0.113.9;user=phone>;q=1.0",
                "<sip:+14155550123@[2001:db8::9];user=phone>;q=1.0",
            ]
        )
    )
    func telephoneTarget(source: String, contact: String) throws {
        for target in ["tel:+1-415-555-0123", "+14155550123"] {
            var call = try SIPCall(targets: [target])
            call.source = source
            #expect(try call.answer().text.fields("Contact") == [contact])
        }
    }

    @Test(
        "every refusal has the status of its reason and says the reason",
        arguments: RefusalReason.allCases
    )
    func refusals(reason: RefusalReason) throws {
        let answer = try SIPCall().answer(refusal: reason)
        let (status, text) = (answer.status, answer.text)
        #expect(status == reason.defaultStatus)
        #expect(text.hasPrefix("SIP/2.0 \(status) "))
        let field = try #require(text.fields("Reason").first)
        #expect(field.contains("cause=\(status)"))
        #expect(field.contains("text=\"\(reason.rawValue)\""))
        #expect(text.fields("Contact").isEmpty)
    }

    @Test("a trunk may have a status of its own for a reason")
    func trunkStatus() throws {
        var call = try SIPCall()
        call.directory.contents.trunks[0].inbound.refusalStatus = [.suspended: 486]
        let answer = try call.answer(refusal: .suspended)
        #expect(answer.status == 486)
        #expect(answer.text.fields("Reason").first?.contains("cause=486") == true)
    }

    @Test(
        "only what is true of the whole server sends the carrier away for a while (RFC 3261 §21.5.4)"
    )
    func retryAfter() throws {
        for reason in RefusalReason.allCases {
            let field = try SIPCall().answer(refusal: reason).text.fields("Retry-After")
            #expect(field == ([.draining, .overloaded].contains(reason) ? ["5"] : []))
        }
    }

    @Test("a trunk that only counts calls refuses them with its code")
    func answerMode() throws {
        var call = try SIPCall()
        call.directory.contents.trunks[0].inbound.answerMode = .reject(status: 404)
        let answer = try call.answer()
        #expect(answer.status == 404)
        #expect(answer.text.fields("Reason").first?.contains("answer_mode") == true)
    }

    @Test("over UDP targets are left out before the datagram would be cut; over TCP none is")
    func datagramSize() throws {
        let targets = (0..<10).map { number in
            "sip:\(String(repeating: "a", count: 200))@host\(number).example.com"
        }
        var call = try SIPCall(targets: targets)
        let datagram = try call.answer().text
        #expect(datagram.utf8.count <= 1_300)
        #expect(1..<10 ~= datagram.fields("Contact").count)
        call.isReliable = true
        #expect(try call.answer().text.fields("Contact").count == 10)
    }

    @Test("the first target is offered even when it does not fit")
    func firstTarget() throws {
        var call = try SIPCall()
        call.from = "\"\(String(repeating: "x", count: 2_000))\" <sip:1@example.com>;tag=1"
        #expect(try call.answer().text.fields("Contact").count == 1)
    }

    @Test("no octet of a request or a target can add a line to the answer")
    func noLineCanBeAdded() throws {
        let plain = try SIPCall().answer().text.split(separator: "\r\n").count
        for octet in UInt8.min...UInt8.max where octet != 0x0A && octet != 0x0D {
            let character = String(decoding: [octet], as: UTF8.self)
            var call = try SIPCall()
            call.from = "\"a\(character)b\" <sip:1@example.com>;tag=1"
            call.to = "\"a\(character)Contact: <sip:evil@example.com>\" <sip:+14155550100@gw>"
            let text = try call.answer().text
            #expect(text.split(separator: "\r\n").count == plain)
            #expect(!text.replacing("\r\n", with: "").contains { $0 == "\r" || $0 == "\n" })
            #expect(text.fields("Contact").count == 2)
        }
    }

    @Test("a folded header is written on one line again, and adds none (RFC 3261 §7.3.1)")
    func folding() throws {
        var call = try SIPCall()
        call.to = "<sip:+14155550100@gw.example.com>\r\n ;x=Contact: <sip:evil@example.com>"
        let text = try call.answer().text
        #expect(text.fields("Contact").count == 2)
    }

    @Test(
        "no call is redirected to its own Request-URI (RFC 3261 §8.3)",
        arguments: [
            ("sip:desk@gw.example.com", "sip:desk@gw.example.com", true),
            ("sip:desk@gw.example.com", "SIP:desk@GW.Example.com", true),
            ("sip:desk@gw.example.com", "sip:DESK@gw.example.com", false),
            ("sip:desk@gw.example.com", "sip:desk@gw.example.com;transport=tcp", false),
            ("sip:desk@gw.example.com", "sip:desk@gw.example.net", false),
        ]
    )
    func ownURI(target: String, requestURI: String, isOwn: Bool) throws {
        var call = try SIPCall(targets: [target, "sip:b@example.com"])
        call.directory.contents.trunks[0].inbound.numberSource = .to
        call.requestURI = requestURI
        let contacts = try call.answer().text.fields("Contact")
        #expect(contacts.contains { $0.hasPrefix("<\(target)>") } == !isOwn)
        #expect(contacts.contains { $0.hasPrefix("<sip:b@example.com>") })
    }

    @Test("a call whose every target is its own Request-URI is refused, and so says its record")
    func ownURIOnly() throws {
        var call = try SIPCall(targets: ["sip:desk@gw.example.com"])
        call.directory.contents.trunks[0].inbound.numberSource = .to
        call.requestURI = "sip:desk@gw.example.com"
        let answer = try call.answer()
        let text = answer.text
        #expect(answer.status == RefusalReason.noTarget.defaultStatus)
        #expect(text.hasPrefix("SIP/2.0 480 "))
        #expect(text.split(separator: "\r\n").count { $0.hasPrefix("SIP/2.0 ") } == 1)
        #expect(text.fields("Reason") == ["SIP;cause=480;text=\"no_target\""])
        #expect(text.fields("Contact").isEmpty)
    }

    @Test("a target with an octet that could end its header is never in a directory")
    func targets() throws {
        for octet: UInt8 in Array(0x00...0x20) + [0x22, 0x3C, 0x3E, 0x7F, 0x80, 0xFF] {
            let uri = "sip:a" + String(UnicodeScalar(octet)) + "b@example.com"
            #expect(TargetEntry(AgentTarget(uri: uri)) == nil)
        }
    }

    @Test(
        "who understands History-Info gets it back, with the Request-URI at its end (RFC 7044 §9.4)",
        arguments: [
            ("", []),
            ("History-Info: <sip:+12@h>;index=1\r\n", []),
            ("Supported: timer\r\n", []),
            (
                "Supported: timer, histinfo\r\n",
                ["<sip:+14155550100@gw.example.com>;index=1"]
            ),
            (
                "k: HISTINFO\r\nHistory-Info: <sip:+12@h?Reason=SIP%3Bcause%3D302>;index=1,\r\n "
                    + "<sip:+14155550100@gw.example.com;cause=302>;index=1.1\r\n",
                [
                    "<sip:+12@h?Reason=SIP%3Bcause%3D302>;index=1, "
                        + "<sip:+14155550100@gw.example.com;cause=302>;index=1.1"
                ]
            ),
            (
                "Supported: histinfo\r\nHistory-Info: <sip:+12@h>;index=1.3\r\n",
                ["<sip:+12@h>;index=1.3", "<sip:+14155550100@gw.example.com>;index=1.3.1"]
            ),
            (
                "Require: histinfo\r\nHistory-Info: <sip:+12@h>;index=x\r\n",
                ["<sip:+12@h>;index=x", "<sip:+14155550100@gw.example.com>;index=1"]
            ),
        ] as [(String, [String])]
    )
    func history(_ fields: String, _ expected: [String]) throws {
        var call = try SIPCall()
        call.fields = fields
        #expect(try call.answer().text.fields("History-Info") == expected)
        #expect(try call.answer(refusal: .noAgent).text.fields("History-Info") == [])
    }

    @Test("a history that does not fit a datagram is left out as a whole, and goes by TCP")
    func longHistory() throws {
        var call = try SIPCall()
        let entry = "<sip:" + String(repeating: "x", count: 500) + "@example.com>;index=1"
        call.fields =
            "Supported: histinfo\r\n"
            + String(repeating: "History-Info: \(entry)\r\n", count: 3)
        #expect(try call.answer().text.fields("History-Info") == [])
        #expect(try call.answer().text.fields("Contact").count == 2)
        call.isReliable = true
        #expect(try call.answer().text.fields("History-Info").count == 4)
    }
}
