import Doors
import Primitives
import Routing
import Testing

@Suite("What goes along with a call by Twilio")
struct TwilioEnclosureTests {
    private func output(
        _ context: String,
        _ metadata: String = "",
        label: String? = nil,
        targets: [String] = []
    ) throws -> WorkflowOutput {
        try #require(
            .naming(context: context, metadata: metadata, label: label, targets: targets)
        )
    }

    private func sip(_ written: TwilioCall.Written) throws -> String {
        try #require(written.document.first("Sip")).text
    }

    @Test("a SIP target gets headers behind its URI")
    func headers() throws {
        let written = try TwilioCall(targets: ["sip:a@example.com"]).written(
            output: output("VIP & co", #"{"a":1}"#)
        )
        #expect(
            try sip(written) == "sip:a@example.com?X-Trunkline-Call=000000000000abcd"
                + "&X-Trunkline-Agent=sales%20%26%20co&X-Trunkline-Metadata=%7B%22a%22%3A1%7D"
                + "&X-Trunkline-Context=VIP%20%26%20co"
        )
        #expect(written.leftOut == .none)
    }

    @Test("Twilio takes 1,023 characters of headers: one more, and the context is left out")
    func headerBound() throws {
        let ids = "X-Trunkline-Call=000000000000abcd&X-Trunkline-Agent=sales%20%26%20co"
        for own in ["", "X-Own=1&X-Other=2&"] {
            let target = "sip:a@example.com" + (own.isEmpty ? "" : "?" + own.dropLast())
            let room = 1_023 - (own + ids + "&X-Trunkline-Context=").utf8.count
            for (count, fits) in [(room - 1, true), (room, true), (room + 1, false)] {
                let written = try TwilioCall(targets: [target]).written(
                    output: output(String(repeating: "x", count: count))
                )
                #expect(written.leftOut == (fits ? .none : .context))
                let headers = try sip(written).drop { $0 != "?" }.dropFirst()
                #expect(headers.hasPrefix(own + ids))
                #expect(
                    headers.utf8.count == (fits ? 1_023 - room + count : (own + ids).utf8.count)
                )
            }
        }
    }

    @Test("a stream gets parameters, each of at most 499 characters with its name")
    func parameters() throws {
        let target = "wss://a.example.com/s"
        let text = "a \"quoted\" <VIP> & more\nthan one line"
        let written = try TwilioCall(targets: [target]).written(output: output(text, #"{"a":1}"#))
        #expect(
            written.document.first("Stream")?.children.map(\.attributes) == [
                ["name": "call", "value": "000000000000abcd"],
                ["name": "agent", "value": "sales & co"],
                ["name": "metadata", "value": #"{"a":1}"#], ["name": "context", "value": text],
            ]
        )
        for (count, fits) in [(491, true), (492, true), (493, false)] {
            let written = try TwilioCall(targets: [target]).written(
                output: output(String(repeating: "x", count: count))
            )
            #expect(written.leftOut == (fits ? .none : .context))
            #expect(written.document.first("Stream")?.children.count == (fits ? 3 : 2))
        }
    }

    @Test("a number and a URL of others take nothing along, and that is noted")
    func othersTakeNothing() throws {
        for target in ["+14155550123", "tel:+14155550123", "https://a.example.com/voice?x=1"] {
            let written = try TwilioCall(targets: [target]).written(output: output("hi"))
            #expect(written.leftOut == .context)
            if let redirect = written.document.first("Redirect") {
                #expect(redirect.text == target)
            }
            #expect(try TwilioCall(targets: [target]).written().leftOut == .none)
        }
    }

    @Test("what a workflow said comes back with the call, and goes along to the next target")
    func comesBack() throws {
        var call = try TwilioCall()
        let first = try call.written(
            output: output("speak\r\nslowly 100%", #"{"a":"é"}"#, label: "vip & co")
        )
        try call.follow(first.document)
        let continuation = try #require(try call.read()?.continuation)
        #expect(continuation.nextTarget == 1)
        #expect(continuation.step == 1)
        #expect(continuation.version == 3)
        let returned = try #require(continuation.workflow?.output)
        #expect(returned.initialContext == "speak\r\nslowly 100%")
        #expect(returned.label == "vip & co")
        #expect(String(decoding: returned.metadataText, as: UTF8.self) == #"{"a":"é"}"#)
        let second = try call.written()
        #expect(second.decision.rule == .continuation)
        #expect(
            try sip(second).hasPrefix("sip:b@example.com?X-Trunkline-Call=000000000000abcd")
        )
        #expect(try sip(second).hasSuffix("&X-Trunkline-Context=speak%250D%250Aslowly%20100%25"))
    }

    @Test("targets that a workflow named are tried one after the other, without an agent too")
    func targets() throws {
        for agent in [nil, "sales & co"] {
            var call = try TwilioCall()
            let uris = [
                "sip:x@example.com?X-A=1&X-B=%20", "+14155550123", "wss://c.example.com/?d",
            ]
            let output = try #require(WorkflowOutput.naming(agent, context: "hi", targets: uris))
            var written = try call.written(output: output)
            #expect(try sip(written).hasPrefix(uris[0] + "&X-Trunkline-Call="))
            try call.follow(written.document)
            written = try call.written()
            #expect(written.document.first("Number")?.text == uris[1])
            #expect(written.leftOut == .context)
            try call.follow(written.document)
            written = try call.written()
            #expect(written.document.first("Stream")?.attributes["url"] == uris[2])
            #expect(written.decision.step(of: try #require(try call.read())) == 2)
            try call.follow(written.document)
            #expect(try call.answer().first("Reject")?.attributes == ["reason": "busy"])
        }
    }

    @Test(
        "a private target that comes back is not called: the URL may say nothing that a save may not"
    )
    func privateTargets() throws {
        var call = try TwilioCall()
        call.target += "?agent=&version=0&next=0&target=sip%3Aa%4010.0.0.1"
        let incoming = try #require(try call.read())
        #expect(incoming.continuation?.workflow?.targets.count == 1)
        #expect(try call.answer().first("Reject") != nil)
    }

    @Test(
        "a state that no workflow could have left is no state",
        arguments: [
            "agent=night&next=1&target=javascript%3Aalert", "agent=night&next=1&target=",
            "agent=night&next=1&metadata=%5B1%5D", "agent=night&next=1&metadata=%7B",
            "agent=night&next=1&metadata=null", "agent=nobody&next=1&context=x",
            "agent=&next=1&context=x", "agent=&next=1", "agent=night&next=1&step=100",
            "agent=night&next=1&step=x", "agent=night&next=1&step=",
            "agent=night&next=1&target=sip%3Aa%40b.com%0D%0AX",
            "agent=night&next=1&target=sip%3Aa%40twilio.com",
            "agent=night&next=1" + String(repeating: "&target=%2B14155550123", count: 11),
            "agent=night&next=1&label=" + String(repeating: "x", count: 257),
        ]
    )
    func badState(query: String) throws {
        var webhook = TwilioWebhook()
        try webhook.take("To=%2B14155550100&" + query)
        let directory = try SampleDirectory().snapshot()
        let acme = try #require(directory.organization(named: "acme")).index
        let credential = try #require(directory.credential(named: "twilio", organization: acme))
        let name: [UInt8] = []
        let call = TwilioDoor.read(
            webhook,
            path: .inbound,
            agentName: name.span,
            credential: credential.index,
            directory: directory,
            id: 1,
            at: WallTime(seconds: 0)
        )
        #expect(try #require(call).continuation == nil)
    }

    @Test("the URL that comes back has at most 2,400 octets; what does not fit is left out of it")
    func urlBound() throws {
        var longest = 0
        for count in 2_250...2_266 {
            let written = try TwilioCall(targets: ["+14155550123"]).written(
                output: output("", #"{"a":"\#(String(repeating: "x", count: count))"}"#)
            )
            let url = try #require(written.document.first("Dial")?.attributes["action"])
            #expect(url.utf8.count <= 2_400)
            #expect(url.hasPrefix(TwilioCall.publicURL + "/telephony/inbound/twilio?agent=sales"))
            if url.contains("&metadata=") { longest = url.utf8.count }
        }
        #expect(2_350...2_400 ~= longest)
    }

    @Test("targets come before all else in that URL, and none follows one that did not fit")
    func longTargets() throws {
        let uris = (0..<10).map { "sip:\(String(repeating: "a", count: 230))\($0)@example.com" }
        var call = try TwilioCall()
        let written = try call.written(output: output("hi", targets: uris))
        #expect(written.leftOut.contains(.targets))
        try call.follow(written.document)
        let returned = try #require(try call.read()?.continuation?.workflow?.output)
        let targets = try #require(returned.targets)
        #expect(targets == Array(uris.prefix(targets.count)))
        #expect(targets.count >= 8)
        #expect(returned.agentID == "sales & co")
    }

    @Test("the same webhook gets the same URL, and each step a higher number, over two agents")
    func steps() throws {
        var call = try TwilioCall()
        call.directory.contents.routings = [
            InboundRouting(organizationID: "acme", isEnabled: true, fallbackAgentID: "night")
        ]
        var steps: [Int] = []
        var written = try call.written(output: output("hi"))
        for _ in 0..<2 {
            try call.follow(written.document)
            #expect(try call.written().document == call.written().document)
            written = try call.written()
            steps.append(written.decision.step(of: try #require(try call.read())))
        }
        #expect(written.decision.rule == .fallbackAgent)
        #expect(try sip(written).hasPrefix("sip:n@example.com"))
        #expect(!(try sip(written)).contains("Context"))
        try call.follow(written.document)
        written = try call.written()
        steps.append(written.decision.step(of: try #require(try call.read())))
        #expect(written.decision.refusal == .targetsExhausted)
        #expect(steps == [1, 2, 3])
    }

    @Test("a failed URL of ours brings back what a workflow said, too")
    func fallbackURL() throws {
        var call = try TwilioCall(targets: ["sip:a@x.com", "sip:b@x.com", "sip:c@x.com"])
        let written = try call.written(output: output("hi", label: "l"))
        call.path = .fallback
        let url = try #require(written.document.first("Dial")?.attributes["action"])
        call.parameters.append(("ErrorUrl", url))
        let continuation = try #require(try call.read()?.continuation)
        #expect(continuation.nextTarget == 2)
        #expect(continuation.step == 2)
        #expect(continuation.workflow?.output?.label == "l")
        #expect(try sip(call.written()).hasSuffix("&X-Trunkline-Context=hi"))
    }

    @Test("a failed URL of others is handed on as the target to go on behind")
    func failedTarget() throws {
        var call = try TwilioCall()
        call.path = .fallback
        call.parameters.append(("ErrorUrl", "https://a.example.com/voice?x=1"))
        let incoming = try #require(try call.read())
        #expect(incoming.continuation == nil)
        #expect(incoming.failedTarget == Array("https://a.example.com/voice?x=1".utf8))
        call.parameters[call.parameters.count - 1].1 = String(repeating: "x", count: 1_000)
        #expect(try #require(try call.read()).failedTarget?.count == 255)
    }

    @Test("whatever a workflow says, the document is well formed, and all of it comes back")
    func hostileTexts() throws {
        var random = SeededRandom(seed: 688)
        let kinds = ["sip:a@example.com", "wss://a.example.com/s", "+14155550123"]
        for round in 0..<400 {
            var call = try TwilioCall(targets: [kinds[round % 3], "sip:b@example.com"])
            let context = random.hostileText(upTo: 12)
            let label = random.hostileText(upTo: 4)
            let output = WorkflowOutput.naming(
                context: context,
                metadata:
                    #"{"k":"\#(random.hostileText(upTo: 4).filter { !"\\\"".contains($0) })"}"#,
                label: label
            )
            guard let output else { continue }
            let written = try call.written(output: output)
            #expect(written.document.name == "Response")
            #expect(written.document.children.count == 1)
            guard !written.leftOut.contains(.context) || kinds[round % 3].hasPrefix("+") else {
                continue
            }
            try call.follow(written.document)
            let returned = try #require(try call.read()?.continuation?.workflow?.output)
            #expect(returned.initialContext == context)
            #expect(returned.label ?? "" == label)
            #expect(returned.metadataText == output.metadataText)
        }
    }

    @Test("a document with everything at its longest stays about 4 KiB")
    func longestDocument() throws {
        let target = "sip:\(String(repeating: "a", count: 230))@example.com"
        let context = String(repeating: "x", count: 1_000)
        let written = try TwilioCall(targets: [target]).written(
            output: output(context, #"{"a":"\#(context)"}"#, label: "l", targets: [target, target])
        )
        #expect(written.byteCount < 4_200)
    }

    @Test(
        "the reason of a workflow chooses the Reject",
        arguments: zip(
            [.busy, .declined, .unavailable, nil] as [WorkflowOutput.RejectReason?],
            ["busy", "rejected", "busy", "rejected"]
        )
    )
    func rejections(reason: WorkflowOutput.RejectReason?, word: String) throws {
        let document = try TwilioCall().answer(output: .rejecting(reason))
        #expect(document.children.map(\.name) == ["Reject"])
        #expect(document.first("Reject")?.attributes == ["reason": word])
    }
}
