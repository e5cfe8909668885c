import Primitives
import Routing
import Testing

@Suite("What a directory knows of the health of its targets")
struct TargetHealthTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("targets that can be probed share one index for one URI; numbers have none")
    func indices() throws {
        var contents = try SampleCall().contents
        contents.agents.append(
            SampleCall.agent("twin", ["sip:a@example.com", "sip:c@example.com"])
        )
        let directory = try DirectorySnapshot(contents)
        #expect(
            directory.probes.uris.map { String(decoding: $0, as: UTF8.self) } == [
                "sip:a@example.com", "sip:b@example.com", "sip:night@example.com",
                "wss://a.example.com/s", "https://a.example.com/t", "sip:c@example.com",
            ]
        )
        for agent in directory.allAgents {
            for target in agent.versions.flatMap(\.targets) {
                let uri =
                    target.probe == TargetEntry.noProbe
                    ? nil : directory.probes.uris[Int(target.probe)]
                #expect(uri == (target.kind == .tel ? nil : target.uri))
            }
        }
    }

    @Test("each target is listed once, with the first agent that has it")
    func probedTargets() throws {
        var contents = try SampleCall().contents
        contents.agents.append(SampleCall.agent("twin", ["sip:a@example.com"]))
        contents.agents.append(SampleCall.agent("off", ["sip:off@example.com"], isActive: false))
        let targets = try DirectorySnapshot(contents).probedTargets
        #expect(
            targets.map { String(decoding: $0.uri, as: UTF8.self) } == [
                "sip:a@example.com", "sip:b@example.com", "sip:night@example.com",
                "wss://a.example.com/s", "https://a.example.com/t",
            ]
        )
        #expect(targets.map(\.agent) == ["sales", "sales", "night", "web", "web"])
        #expect(Set(targets.map(\.organization)) == ["acme"])
    }

    @Test("targets that only the text of an enabled workflow names are probed and left out as well")
    func targetsOfWorkflows() throws {
        let workflow = try WorkflowBench(
            """
            { "steps": [ {"id": "trigger", "type": "trigger", "next": "one"},
              {"id": "one", "type": "output", "on_error": "two", "config": {"fields": [
                {"name": "targets", "value": ["sip:duty@example.com", "+12125550199", "sip:a@example.com"]}]}},
              {"id": "two", "type": "output", "config": {"fields": [
                {"name": "targets", "value": ["wss://duty.example.com/s", "{{ input.headers.x }}"]}]}} ] }
            """
        ).definition
        func directory(isEnabled: Bool) throws -> DirectorySnapshot {
            var contents = try SampleCall().contents
            contents.routings = [
                InboundRouting(
                    organizationID: "acme",
                    isEnabled: isEnabled,
                    workflowDefinition: "{}"
                )
            ]
            return try DirectorySnapshot(contents) { _ in workflow }
        }
        func uris(_ directory: DirectorySnapshot) -> Set<String> {
            Set(directory.probedTargets.map { String(decoding: $0.uri, as: UTF8.self) })
        }
        let named: Set = ["sip:duty@example.com", "wss://duty.example.com/s"]
        let enabled = try directory(isEnabled: true)
        #expect(uris(enabled).isSuperset(of: named) && uris(enabled).count == 7)
        #expect(uris(try directory(isEnabled: false)).isDisjoint(with: named))
        let target = try #require(enabled.probedTargets.first { $0.agent.isEmpty })
        #expect(target.organization == "acme" && target.uri == bytes("sip:duty@example.com"))
        let entry = try #require(TargetEntry(AgentTarget(uri: "sip:duty@example.com")))
        #expect(!enabled.isDown(entry))
        #expect(enabled.with(down: [bytes("sip:duty@example.com")]).isDown(entry))
    }

    @Test("indices and health live on from snapshot to snapshot, also when a target comes and goes")
    func changes() throws {
        let sample = try SampleCall()
        let before = try DirectorySnapshot(sample.contents)
            .with(down: [bytes("sip:b@example.com"), bytes("wss://a.example.com/s")])
        var builder = DirectoryBuilder(changing: before)
        try builder.put(SampleCall.agent("sales", ["sip:new@example.com", "sip:b@example.com"]))
        builder.removeAgent("web", organizationID: "acme")
        let after = builder.build()
        for uri in before.probes.uris {
            #expect(after.probes.index(of: uri) == before.probes.index(of: uri))
        }
        #expect(after.health == before.health)
        #expect(after.health.downCount == 2)
        #expect(!after.probedTargets.contains { $0.agent == "web" })
        let new = try #require(after.probes.index(of: bytes("sip:new@example.com")))
        #expect(!after.health.isDown(new))
    }

    @Test("a row at fault leaves the table of URIs as it was")
    func faults() throws {
        var builder = DirectoryBuilder(changing: try DirectorySnapshot(SampleCall().contents))
        #expect(throws: DirectoryFault.self) {
            try builder.put(SampleCall.agent("bad", ["sip:first@example.com", "mailto:x"]))
        }
        #expect(builder.build().probes.index(of: bytes("sip:first@example.com")) == nil)
    }

    @Test("of 200 targets those are down that are named, and no other")
    func bits() throws {
        var contents = try SampleCall().contents
        let uris = (0..<200).map { "sip:t\($0)@example.com" }
        contents.agents = (0..<4).map { block in
            SampleCall.agent("a\(block)", Array(uris[(block * 50)..<(block * 50 + 50)]))
        }
        contents.numbers[0].inboundAgentID = "a0"
        let directory = try DirectorySnapshot(contents)
        let down = Set([0, 1, 63, 64, 127, 128, 199].map { bytes(uris[$0]) })
        let health = TargetHealth(
            down: Array(down) + Array(down) + [bytes("sip:stranger@example.com")],
            in: directory.probes
        )
        #expect(health.downCount == 7)
        for (index, uri) in directory.probes.uris.enumerated() {
            #expect(health.isDown(UInt32(index)) == down.contains(uri))
        }
        #expect(!health.isDown(200) && !health.isDown(TargetEntry.noProbe))
        #expect(!TargetHealth().isDown(0))
        #expect(directory.with(health: health).health == health)
        #expect(directory.health.downCount == 0, "the snapshot that others hold is as it was")
    }

    @Test("a target from elsewhere is down if the directory's target with its URI is")
    func elsewhere() throws {
        let directory = try DirectorySnapshot(SampleCall().contents)
        let known = try #require(TargetEntry(AgentTarget(uri: "sip:b@example.com")))
        let stranger = try #require(TargetEntry(AgentTarget(uri: "sip:x@example.com")))
        let number = try #require(TargetEntry(AgentTarget(uri: "+14155550123")))
        #expect(known.probe == TargetEntry.noProbe)
        #expect(!directory.isDown(known))
        let later = directory.with(down: [known.uri, stranger.uri, number.uri])
        #expect(later.isDown(known))
        #expect(!later.isDown(stranger) && !later.isDown(number))
        for target in later.allAgents.flatMap(\.versions).flatMap(\.targets) {
            #expect(later.isDown(target) == (target.uri == known.uri))
        }
    }
}
