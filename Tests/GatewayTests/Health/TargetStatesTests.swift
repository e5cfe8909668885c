import Foundation
import Gateway
import Primitives
import Testing

@Suite("The file of what is known of targets")
struct TargetStatesTests {
    private func states() -> TargetStates {
        var states = TargetStates(written: WallTime(microseconds: 1_795_244_709_250_000))
        states.append(
            TargetStates.Row(
                uri: "sip:a@example.com",
                state: .down,
                since: WallTime(seconds: 1_795_244_000),
                lastAnswer: "503 \"zu\"\n\u{202E}",
                lastAnswerAt: WallTime(seconds: 1_795_244_700),
                organization: "acme",
                agent: "sales & co"
            )
        )
        states.append(
            TargetStates.Row(
                uri: "wss://b.example.com/s",
                state: .unknown,
                since: WallTime(seconds: 1_795_244_000),
                lastAnswer: "",
                lastAnswerAt: nil,
                organization: "acme",
                agent: "voice"
            )
        )
        return states
    }

    private func file(_ bytes: [UInt8]) throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
        try Data(bytes).write(to: url)
        return url.path
    }

    @Test("who explains a call is told the last state of a target and what was found")
    func words() {
        let known = KnownTargets()
        #expect(known.words(of: "wss://b.example.com/s") == nil)
        known.note(states())
        #expect(known.words(of: "wss://b.example.com/s") == "unknown")
        #expect(known.words(of: "sip:a@example.com") == "down, 503 \"zu\"\n\u{202E}")
        #expect(known.words(of: "sip:b@example.com") == nil)
    }

    @Test("what is written is read again, and is JSON with a target on each line")
    func roundTrip() throws {
        let text = states().text
        let path = try file(text.bytes)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let read = try #require(TargetStates.read(path))
        #expect(read.written == states().written)
        #expect(read.rows == states().rows)
        #expect(read.down == [Array("sip:a@example.com".utf8)])
        #expect(read[Array("wss://b.example.com/s".utf8)]?.agent == "voice")
        #expect(read[Array("sip:stranger@example.com".utf8)] == nil)
        #expect(text.text.split(separator: "\n").count == 4)
        _ = try JSONSerialization.jsonObject(with: Data(text.bytes))
    }

    @Test("no targets are a file too")
    func empty() throws {
        let path = try file(TargetStates(written: WallTime(seconds: 0)).text.bytes)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try #require(TargetStates.read(path)).rows.isEmpty)
    }

    @Test("a file that is none, or half of one, is as if there were none")
    func damaged() throws {
        #expect(TargetStates.read("/nonexistent/targets.json") == nil)
        let whole = states().text.bytes
        for bytes in [[], Array("{}".utf8), Array("[]".utf8), Array(whole.prefix(100))] {
            let path = try file(bytes)
            defer { try? FileManager.default.removeItem(atPath: path) }
            #expect(TargetStates.read(path) == nil)
        }
    }
}
