import Doors
import Primitives
import Routing
import SIP
import Testing

@Suite("What goes along with a redirected call")
struct SIPEnclosureTests {
    private let call = "000000000000abcd"

    private func embedding(_ targets: [String] = ["sip:a@example.com"]) throws -> SIPCall {
        var call = try SIPCall(targets: targets)
        call.directory.contents.trunks[0].inbound.followsEmbeddedHeaders = true
        return call
    }

    private func output(_ context: String, _ metadata: String = "") throws -> WorkflowOutput {
        try #require(.naming(context: context, metadata: metadata))
    }

    @Test("what a workflow said stands in URI parameters, with the ids of call and agent")
    func parameters() throws {
        let answer = try SIPCall(targets: ["sip:a@example.com"]).answer(
            output: output("VIP, speak slowly", #"{"tier":"gold"}"#)
        )
        #expect(
            answer.text.fields("Contact") == [
                "<sip:a@example.com;x-trunkline-call=\(call);x-trunkline-agent=sales%20%26%20co"
                    + ";x-trunkline-metadata=%7B%22tier%22%3A%22gold%22%7D"
                    + ";x-trunkline-context=VIP%2C%20speak%20slowly>;q=1.0"
            ]
        )
        #expect(answer.leftOut == .none)
    }

    @Test("a trunk that follows embedded headers gets headers instead (RFC 3261 §19.1.5)")
    func headers() throws {
        let answer = try embedding().answer(output: output("VIP", #"{"a":1}"#))
        #expect(
            answer.text.fields("Contact") == [
                "<sip:a@example.com?X-Trunkline-Call=\(call)&X-Trunkline-Agent=sales%20%26%20co"
                    + "&X-Trunkline-Metadata=%7B%22a%22%3A1%7D&X-Trunkline-Context=VIP>;q=1.0"
            ]
        )
    }

    @Test("without a workflow only such a trunk gets the ids: the others' Contacts stay plain")
    func idsAlone() throws {
        #expect(
            try embedding().answer().text.fields("Contact") == [
                "<sip:a@example.com?X-Trunkline-Call=\(call)&X-Trunkline-Agent=sales%20%26%20co>;q=1.0"
            ]
        )
        let plain = try SIPCall(targets: ["sip:a@example.com"])
        #expect(try plain.answer().text.fields("Contact") == ["<sip:a@example.com>;q=1.0"])
        let silent = try #require(WorkflowOutput.naming())
        let contact = try plain.answer(output: silent).text.fields("Contact")
        #expect(contact == ["<sip:a@example.com>;q=1.0"])
    }

    @Test("parameters and headers that a target has already stay where they belong")
    func richTargets() throws {
        let target = "sip:a;ext=1@[2001:db8::1]:5070;transport=tcp;lr?X-A=1&X-B=?"
        let parameters = try SIPCall(targets: [target]).answer(output: output("hi"))
        let ids = "x-trunkline-call=\(call);x-trunkline-agent=sales%20%26%20co"
        #expect(
            parameters.text.fields("Contact") == [
                "<sip:a;ext=1@[2001:db8::1]:5070;transport=tcp;lr;\(ids);x-trunkline-context=hi"
                    + "?X-A=1&X-B=?>;q=1.0"
            ]
        )
        let headers = try embedding([target]).answer(output: output("hi"))
        #expect(
            headers.text.fields("Contact") == [
                "<\(target)&X-Trunkline-Call=\(call)&X-Trunkline-Agent=sales%20%26%20co"
                    + "&X-Trunkline-Context=hi>;q=1.0"
            ]
        )
    }

    @Test("a name that a target has already is not written again (RFC 3261 §19.1.1)")
    func noDuplicates() throws {
        let parameter = try SIPCall(targets: ["sip:a@example.com;X-Trunkline-Context=mine;b"])
            .answer(output: output("hi"))
        #expect(
            parameter.text.fields("Contact") == [
                "<sip:a@example.com;X-Trunkline-Context=mine;b;x-trunkline-call=\(call)"
                    + ";x-trunkline-agent=sales%20%26%20co>;q=1.0"
            ]
        )
        #expect(parameter.leftOut == .context)
        let header = try embedding(["sip:a@example.com?x-trunkline-call=1"]).answer()
        #expect(
            header.text.fields("Contact") == [
                "<sip:a@example.com?x-trunkline-call=1&X-Trunkline-Agent=sales%20%26%20co>;q=1.0"
            ]
        )
    }

    @Test("a number takes nothing along, and what was said is noted as left out")
    func numbers() throws {
        for target in ["tel:+14155550123", "+14155550123"] {
            let plain = "<sip:+14155550123@203.0.113.9;user=phone>;q=1.0"
            let answer = try embedding([target]).answer(output: output("hi"))
            #expect(answer.text.fields("Contact") == [plain])
            #expect(answer.leftOut == .context)
            let silent = try embedding([target]).answer()
            #expect(silent.text.fields("Contact") == [plain])
            #expect(silent.leftOut == .none)
        }
    }

    @Test("targets that a workflow names replace the agent's, and need no agent")
    func workflowTargets() throws {
        let output = try #require(
            WorkflowOutput.naming(
                nil,
                context: "x",
                targets: ["sip:w@example.com", "+14155550123"]
            )
        )
        let answer = try SIPCall().answer(output: output)
        #expect(
            answer.text.fields("Contact") == [
                "<sip:w@example.com;x-trunkline-call=\(call);x-trunkline-context=x>;q=1.0",
                "<sip:+14155550123@203.0.113.9;user=phone>;q=0.9",
            ]
        )
    }

    @Test(
        "whatever a context holds, it adds no line, every Contact reads as a URI, and it comes back"
    )
    func hostileTexts() throws {
        var random = SeededRandom(seed: 19_1_5)
        let targets = ["sip:a@example.com;lr", "sips:b@example.com?X-A=1"]
        for round in 0..<400 {
            var call = round % 2 == 0 ? try embedding(targets) : try SIPCall(targets: targets)
            call.isReliable = round % 4 < 2
            let context = random.hostileText(upTo: 12)
            let metadata =
                #"{"k":"\#(random.hostileText(upTo: 6).filter { !"\\\"\0".contains($0) })"}"#
            guard let output = WorkflowOutput.naming(context: context, metadata: metadata) else {
                continue
            }
            let answer = try call.answer(output: output)
            let lines = answer.text.split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.count { $0.hasPrefix("Contact:") } == 2)
            #expect(answer.text.utf8.allSatisfy { $0 == 0x0D || $0 == 0x0A || 0x20..<0x7F ~= $0 })
            #expect(!lines.contains { $0.contains("\r") || $0.contains("\n") })
            #expect(lines.count == 12)
            for line in lines where line.hasPrefix("Contact:") {
                try check(String(line), carries: answer.leftOut.contains(.context) ? nil : context)
            }
        }
    }

    /// Reads a Contact, and the context in it as a follower and then the agent would.
    private func check(_ line: String, carries context: String?) throws {
        let open = try #require(line.firstIndex(of: "<"))
        let close = try #require(line.firstIndex(of: ">"))
        #expect(line[close...].hasPrefix(">;q="))
        let uri = Array(line[line.index(after: open)..<close].utf8)
        let parsed = SIPURI(ByteSlice(start: 0, count: uri.count), in: uri.span)
        let parts = try #require(parsed)
        #expect(parts.scheme != .other)
        guard let context, !context.isEmpty else { return }
        let lists =
            uri.span.text(parts.parameters).split(separator: ";")
            + uri.span.text(parts.headers).split(separator: "&")
        let pair = try #require(lists.first { $0.lowercased().hasPrefix("x-trunkline-context=") })
        let value = String(pair.drop { $0 != "=" }.dropFirst())
        let header = value.unescapedBytes
        #expect(!header.contains(where: ASCII.isControl))
        #expect(value.unescaped.unescaped == context)
    }

    @Test("over UDP the context goes along to the last octet that the datagram has room for")
    func datagramBound() throws {
        let targets = ["sip:a@example.com", "sip:b@example.com"]
        func answer(_ count: Int) throws -> SIPCall.Answer {
            try embedding(targets).answer(output: output(String(repeating: "x", count: count)))
        }
        var (longest, next) = (0, 1_100)
        while next - longest > 1 {
            let middle = (longest + next) / 2
            if try answer(middle).leftOut == .none { longest = middle } else { next = middle }
        }
        for (count, fits) in [(longest - 1, true), (longest, true), (next, false)] {
            let answer = try answer(count)
            #expect(answer.leftOut == (fits ? .none : .context))
            #expect(answer.text.fields("Contact").count == 2)
            #expect(answer.text.utf8.count <= 1_300)
        }
        let end = "X-Trunkline-Call: \(call)\r\nContent-Length: 0\r\n\r\n".utf8.count
        #expect(try 1_239...1_240 ~= answer(longest).text.utf8.count - end)
    }

    @Test("over TCP a header has 1,024 octets, and a URI with parameters as many")
    func streamBounds() throws {
        for (count, fits) in [(1_023, true), (1_024, true), (1_025, false)] {
            var call = try embedding()
            call.isReliable = true
            let answer = try call.answer(output: output(String(repeating: "x", count: count)))
            #expect(answer.leftOut == (fits ? .none : .context))
        }
        let others = "sip:a@example.com;x-trunkline-call=\(call);x-trunkline-agent=sales%20%26%20co"
        let room = 1_024 - others.utf8.count - ";x-trunkline-context=".utf8.count
        for (count, fits) in [(room - 1, true), (room, true), (room + 1, false)] {
            var call = try SIPCall(targets: ["sip:a@example.com"])
            call.isReliable = true
            let answer = try call.answer(output: output(String(repeating: "x", count: count)))
            #expect(answer.leftOut == (fits ? .none : .context))
        }
    }

    @Test("ten targets keep their places, and the first of them get what there is room for")
    func targetsComeFirst() throws {
        let targets = (0..<10).map { "sip:agent\($0)@example.com" }
        let answer = try embedding(targets).answer(
            output: output(String(repeating: "x", count: 200), #"{"a":1}"#)
        )
        let contacts = answer.text.fields("Contact")
        #expect(contacts.count == 10)
        #expect(contacts.allSatisfy { $0.contains("?X-Trunkline-Call=") })
        #expect(!contacts.allSatisfy { $0.contains("X-Trunkline-Agent=") })
        #expect(answer.leftOut == Enclosure.Parts.agent.union(.metadata).union(.context))
        #expect(answer.text.utf8.count <= 1_300)
        var stream = try embedding(targets)
        stream.isReliable = true
        let long = String(repeating: "x", count: 1_000)
        let large = try stream.answer(output: output(long))
        #expect(large.text.utf8.count <= 8_100)
        #expect(large.leftOut == .context)
        let carrying = large.text.fields("Contact").map { $0.contains(long) }
        #expect(carrying == carrying.sorted { $0 && !$1 })
        #expect(carrying[0])
    }

    @Test("a context as long as a workflow may write is left out, and the call goes on")
    func longest() throws {
        let answer = try SIPCall().answer(output: output(String(repeating: "\n", count: 16_384)))
        #expect(answer.status == 302)
        #expect(answer.leftOut == .context)
        #expect(answer.text.fields("Contact").count == 2)
    }
}

@Suite("Refusals that a workflow asks for")
struct SIPRejectionTests {
    @Test(
        "the reason of a workflow chooses the status, unless the trunk has one of its own",
        arguments: zip(
            [.busy, .declined, .unavailable, nil] as [WorkflowOutput.RejectReason?],
            [486, 603, 480, 603]
        )
    )
    func status(reason: WorkflowOutput.RejectReason?, status: Int) throws {
        var call = try SIPCall()
        let answer = try call.answer(output: .rejecting(reason))
        #expect(answer.status == status)
        #expect(answer.text.hasPrefix("SIP/2.0 \(status) "))
        #expect(answer.text.fields("Reason") == [#"SIP;cause=\#(status);text="rejected""#])
        call.directory.contents.trunks[0].inbound.refusalStatus = [.rejected: 404]
        #expect(try call.answer(output: .rejecting(reason)).status == 404)
        call.directory.contents.trunks[0].inbound.refusalStatus = [.suspended: 404]
        #expect(try call.answer(output: .rejecting(reason)).status == status)
    }
}
