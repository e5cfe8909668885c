import Foundation
import Gateway
import Primitives
import Testing

@Suite("The configuration file")
struct ConfigurationTests {
    /// The file that is shipped.
    static func shipped() throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appending(path: "config/trunkline.json5")))
    }

    private func read(_ text: String) -> (configuration: Configuration?, problems: [String]) {
        let problems = Problems(file: "trunkline.json5")
        let configuration = Configuration.read(Array(text.utf8), problems: problems)
        return (configuration, problems.lines)
    }

    @Test("the shipped file says the defaults, and nothing else")
    func shippedFile() throws {
        let problems = Problems(file: "trunkline.json5")
        let configuration = Configuration.read(try Self.shipped(), problems: problems)
        #expect(problems.lines.isEmpty)
        #expect(configuration == Configuration())
        #expect(read("{}").configuration == Configuration())
    }

    @Test("every key of the shipped file is read: another value makes another configuration")
    func everyKey() throws {
        let text = String(decoding: try Self.shipped(), as: UTF8.self)
        for (old, new) in [
            ("state_directory: \"/var/lib/trunkline\"", "state_directory: \"/tmp/t\""),
            ("// public_url:", "public_url:"), ("loops: 0", "loops: 3"),
            ("127.0.0.1:5060", "127.0.0.1:5070"), ("key_file: \"key\"", "key_file: \"k\""),
            ("\"operations\"] },", "] },"),
            ("unknown_source: \"drop\"", "unknown_source: \"reject\""),
            ("t1: \"500ms\"", "t1: \"400ms\""), ("t2: \"4s\"", "t2: \"5s\""),
            ("t4: \"5s\"", "t4: \"6s\""), ("stream_idle: \"3m\"", "stream_idle: \"4m\""),
            ("connections_per_address: 1000", "connections_per_address: 7"),
            ("open_transactions: 32768", "open_transactions: 64"),
            ("trusted_proxies: []", "trusted_proxies: [\"10.0.0.0/8\"]"),
            ("head_timeout: \"10s\"", "head_timeout: \"9s\""),
            ("body_timeout: \"10s\"", "body_timeout: \"9s\""),
            ("idle_timeout: \"75s\"", "idle_timeout: \"60s\""),
            ("dial_timeout: 20", "dial_timeout: 30"), ("directory: \"calls\"", "directory: \"c\""),
            ("sync: \"1s\"", "sync: \"500ms\""),
            ("rotate_bytes: 268435456", "rotate_bytes: 4096"), ("keep_files: 16", "keep_files: 2"),
            ("explain: \"never\"", "explain: \"failures\""),
            ("url: \"sqlite:directory.sqlite\"", "url: \"sqlite:d.sqlite\""),
            ("level: \"info\"", "level: \"debug\""), ("format: \"auto\"", "format: \"json\""),
            ("calls: false", "calls: true"), ("    timeout: \"5s\"", "    timeout: \"6s\""),
            ("retry_after: 5", "retry_after: 6"),
        ] {
            let changed = text.replacing(old, with: new)
            #expect(changed != text, "the file has no \(old)")
            let (configuration, problems) = read(changed)
            #expect(problems.isEmpty)
            #expect(configuration != nil && configuration != Configuration(), "\(old)")
        }
    }

    @Test(
        "a key that is not known is named with its line and what was probably meant",
        arguments: zip(
            ["{ loop: 1 }", "{\n  sip: { t_1: \"1s\" } }", "{ records: {\n\n sinc: \"1s\" } }"],
            ["loops", "t1", "sync"]
        )
    )
    func unknownKey(text: String, meant: String) throws {
        let (configuration, problems) = read(text)
        #expect(configuration == nil)
        let problem = try #require(problems.first)
        #expect(problem.contains("did you mean \"\(meant)\"?"))
        let line =
            text.prefix { $0 != Character(meant == "loops" ? "l" : "}") }
            .count { $0 == "\n" } + 1
        #expect(problem.hasPrefix("trunkline.json5:\(line):"))
    }

    @Test(
        "a value that cannot be is a problem with its place",
        arguments: [
            "{ loops: 65 }", "{ loops: -1 }", "{ loops: \"2\" }", "{ loops: 1.5 }",
            "{ public_url: \"gw.example.com\" }", "{ public_url: \"https://gw.example.com/?a\" }",
            "{ listeners: [{ protocol: \"sip\", address: \"127.0.0.1:5060\" }] }",
            "{ listeners: [{ protocol: \"http\", transport: \"udp\", address: \"127.0.0.1:80\" }] }",
            "{ listeners: [{ protocol: \"http\", address: \"localhost:80\" }] }",
            "{ listeners: [{ protocol: \"http\", address: \"0.0.0.0:80\" }] }",
            "{ listeners: {} }", "{ sip: { t1: \"5ms\" } }", "{ sip: { t1: 500 } }",
            "{ sip: { open_transactions: 1 } }", "{ http: { trusted_proxies: [\"10.0.0.0/33\"] } }",
            "{ twilio: { dial_timeout: 0 } }", "{ records: { sync: \"2s\" } }",
            "{ store: { url: \"mysql:x\" } }", "{ log: { level: \"loud\" } }",
            "{ drain: { retry_after: 0 } }", "{ loops: 1, loops: 2 }", "[]", "",
        ]
    )
    func badValue(text: String) throws {
        let (configuration, problems) = read(text)
        #expect(configuration == nil)
        #expect(try #require(problems.first).hasPrefix("trunkline.json5:1:"))
    }

    @Test("paths are relative to the state directory unless they start with a slash")
    func paths() {
        let configuration = Configuration()
        #expect(configuration.path("key") == "/var/lib/trunkline/key")
        #expect(configuration.path("/etc/key") == "/etc/key")
    }
}
