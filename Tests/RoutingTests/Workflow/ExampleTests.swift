import Foundation
import JSONata
import Primitives
import Routing
import Testing

@Suite("Example workflows of config/workflows")
struct ExampleTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "config/workflows").path

    /// The file without its comment lines, which is JSON.
    static func bench(_ name: String) throws -> WorkflowBench {
        let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(name).json5"))
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        let json = lines.filter { !$0.drop(while: { $0 == " " }).hasPrefix("//") }
            .joined(separator: "\n")
        let compilation = try WorkflowBench.compile(json)
        #expect(compilation.problems.map(\.description) == [])
        var bench = try WorkflowBench(json)
        bench.services.agents = [
            "front-desk", "night", "concierge", "new-agent", "stable", "sydney", "london",
            "new-york",
        ]
        return bench
    }

    @Test("every example is tested here")
    func allExamples() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        #expect(
            files.sorted() == [
                "canary-with-crm.json5", "follow-the-sun.json5", "office-hours.json5",
                "vip-and-spam.json5",
            ]
        )
    }

    @Test(
        "office hours with holidays",
        arguments: [
            ("2026-11-23T15:00:00Z", "front-desk"), ("2026-11-23T03:00:00Z", "night"),
            ("2026-12-25T15:00:00Z", "night"), ("2026-12-31T15:00:00Z", "front-desk"),
            ("2026-12-31T18:00:00Z", "night"), ("2026-11-27T17:30:00Z", "night"),
        ]
    )
    func officeHours(time: String, agent: String) throws {
        var bench = try Self.bench("office-hours")
        let output = bench.start(WorkflowBench.call(at: time)).output
        #expect(output?.agentID == agent)
        #expect(output?.initialContext.isEmpty == (agent == "front-desk"))
    }

    @Test("VIP and spam")
    func vipAndSpam() throws {
        var bench = try Self.bench("vip-and-spam")
        let vip = bench.start(WorkflowBench.call(from: "+12125550123")).output
        #expect(vip?.agentID == "concierge")
        #expect(vip.map { JSONValue.object($0.customMetadata) } == ["tier": "vip"])
        #expect(
            bench.start(WorkflowBench.call(from: "+19005550000")).output?.rejectReason == .declined
        )
        var forged = WorkflowBench.call(from: "+3")
        forged.attestation = .failed
        #expect(bench.start(forged).output?.rejects == true)
        for _ in 0..<5 {
            #expect(bench.start(WorkflowBench.call(from: "+4")).output?.agentID == "front-desk")
        }
        let sixth = bench.start(WorkflowBench.call(from: "+4")).output
        #expect(sixth?.rejectReason == .busy)
        #expect(sixth?.label == "6 calls in ten minutes")
        for _ in 0..<9 {
            #expect(bench.start(WorkflowBench.call(from: "")).output?.agentID == "front-desk")
        }
    }

    @Test("canary with a question to the CRM")
    func canary() throws {
        var bench = try Self.bench("canary-with-crm")
        var canaries = 0
        for caller in 0..<400 {
            var call = bench.start(WorkflowBench.call(from: "+1415\(5_550_000 + caller)"))
            if call.output?.agentID == "new-agent" {
                canaries += 1
                continue
            }
            let body = [
                #"{"agent":"concierge","tier":"gold"}"#, "oops", #"{"agent":"gone"}"#, "{}",
            ]
            bench.handle(
                .response(
                    id: 1,
                    status: 200,
                    headers: [.init(name: "Content-Type", value: "application/json")],
                    body: Array(body[caller % 4].utf8)
                ),
                &call
            )
            #expect(call.output?.agentID == (caller % 4 == 0 ? "concierge" : "stable"))
        }
        #expect((5...40).contains(canaries))
        let anonymous = (0..<400).count { call in
            bench.start(WorkflowBench.call(from: "", id: "\(call)")).output?.agentID == "new-agent"
        }
        #expect((5...40).contains(anonymous))
    }

    @Test(
        "follow the sun",
        arguments: [
            ("2026-11-23T00:00:00Z", "sydney"), ("2026-11-23T10:00:00Z", "london"),
            ("2026-11-23T20:00:00Z", "new-york"), ("2026-11-28T06:30:00Z", "new-york"),
            ("2026-11-28T12:00:00Z", nil),
        ]
    )
    func followTheSun(time: String, agent: String?) throws {
        var bench = try Self.bench("follow-the-sun")
        let output = bench.start(WorkflowBench.call(at: time)).output
        #expect(output?.agentID == agent)
        if agent == nil { #expect(output?.targets == ["tel:+12125550199", "+442079460199"]) }
        guard let agent else { return }
        // A minute later, and wherever it is day: the same agent again.
        #expect(
            bench.start(WorkflowBench.call(at: "2026-11-28T12:00:00Z")).output?.agentID == agent
        )
    }
}
