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

    @Test("the shipped configuration takes SIP over TCP wherever over UDP (RFC 3261 §18.2.1)")
    func streamsBesideDatagrams() {
        let listeners = Configuration().listeners
        let datagrams = listeners.filter { $0.transport == .sipUDP }.map(\.address)
        let streams = listeners.filter { $0.transport == .sipTCP }.map(\.address)
        #expect(!datagrams.isEmpty)
        #expect(Set(datagrams).isSubset(of: streams))
    }

    @Test(
        "SIP over UDP without TCP at the same address is pointed out, and taken (RFC 3261 §18.2.1)"
    )
    func datagramsAlone() throws {
        let udp = #"{ protocol: "sip", transport: "udp", address: "192.0.2.1:5060" }"#
        let tcp = #"{ protocol: "sip", transport: "tcp", address: "192.0.2.1:5060" }"#
        let elsewhere = #"{ protocol: "sip", transport: "tcp", address: "192.0.2.2:5060" }"#
        for (listeners, count) in [
            ([udp], 1), ([udp, elsewhere], 1), ([tcp, udp], 0), ([tcp], 0),
        ] {
            let problems = Problems(file: "trunkline.json5")
            let text = "{ listeners: [\n\(listeners.joined(separator: ",\n"))\n] }"
            #expect(Configuration.read(Array(text.utf8), problems: problems) != nil)
            #expect(problems.warningLines.count == count)
            let start = "warning: trunkline.json5:2:1: listeners[0]: "
            #expect(problems.warningLines.allSatisfy { $0.hasPrefix(start) && $0.contains(tcp) })
        }
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
            ("retry_after: 5", "retry_after: 6"), ("enabled: true", "enabled: false"),
            ("interval: \"4s\"", "interval: \"9s\""),
            ("timeout: \"1500ms\"", "timeout: \"2s\""), ("down_after: 3", "down_after: 1"),
            ("up_after: 2", "up_after: 1"), ("per_second: 500", "per_second: 20"),
            ("verify_certificates: false", "verify_certificates: true"),
            ("allowed_hosts: []", "allowed_hosts: [\"crm.example.com\"]"),
            ("waiting_calls: 10000", "waiting_calls: 20000"),
            ("waiting_calls_per_organization: 1000", "waiting_calls_per_organization: 10"),
            ("connections_per_host: 1000", "connections_per_host: 8"),
            ("failures: 5", "failures: 6"), ("pause: \"10s\"", "pause: \"11s\""),
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
            "{ listeners: {} }", "{ listeners: [] }", "{ sip: { t1: \"5ms\" } }",
            "{ sip: { t1: 500 } }",
            "{ sip: { open_transactions: 1 } }", "{ http: { trusted_proxies: [\"10.0.0.0/33\"] } }",
            "{ twilio: { dial_timeout: 0 } }", "{ records: { sync: \"2s\" } }",
            "{ store: { url: \"mysql:x\" } }", "{ log: { level: \"loud\" } }",
            "{ probes: { interval: \"99ms\" } }", "{ probes: { timeout: \"31s\" } }",
            "{ probes: { down_after: 0 } }", "{ probes: { up_after: 101 } }",
            "{ probes: { per_second: 0 } }",
            "{ workflow: { allowed_hosts: \"crm.example.com\" } }",
            "{ workflow: { waiting_calls: 0 } }", "{ workflow: { connections_per_host: 0 } }",
            "{ workflow: { waiting_calls: 5, waiting_calls_per_organization: 6 } }",
            "{ workflow: { circuit_breaker: { failures: 0 } } }",
            "{ workflow: { circuit_breaker: { pause: \"1ms\" } } }",
            "{ drain: { retry_after: 0 } }", "{ loops: 1, loops: 2 }", "[]", "",
        ]
    )
    func badValue(text: String) throws {
        let (configuration, problems) = read(text)
        #expect(configuration == nil)
        #expect(try #require(problems.first).hasPrefix("trunkline.json5:1:"))
    }

    @Test(
        "an address is listened on once: a second listener there is named with the first",
        arguments: [
            ("sip\", transport: \"udp", "sip\", transport: \"udp", true),
            ("sip\", transport: \"tcp", "http", true), ("http", "http", true),
            ("sip\", transport: \"udp", "sip\", transport: \"tcp", false),
            ("sip\", transport: \"udp", "http", false),
        ]
    )
    func twins(one: String, other: String, collides: Bool) {
        for (port, isProblem) in [(5_060, collides), (0, false)] {
            let text = """
                { listeners: [
                  { protocol: "\(one)", address: "127.0.0.1:\(port)" },
                  { protocol: "\(other)", address: "127.0.0.1:\(port)" },
                ] }
                """
            let (configuration, problems) = read(text)
            #expect((configuration == nil) == isProblem)
            let expected =
                "trunkline.json5:3:3: listeners[1]: 127.0.0.1:5060 is taken by listeners[0]; write "
                + "another port, or remove one of the two"
            #expect(problems == (isProblem ? [expected] : []))
        }
    }

    @Test("a host that cannot be asked is named with its place and what to write instead")
    func badHosts() throws {
        let (configuration, problems) = read(
            """
            { workflow: { allowed_hosts: [
              "crm.example.com",
              "https://crm.example.com/route",
              "0x7f.1",
            ] } }
            """
        )
        #expect(configuration == nil)
        #expect(
            problems == [
                "trunkline.json5:3:3: workflow.allowed_hosts[1]: \"https://crm.example.com/route\""
                    + " is not a host; write it without scheme and path, such as"
                    + " \"crm.example.com\"",
                "trunkline.json5:4:3: workflow.allowed_hosts[2]: \"0x7f.1\" is a number that"
                    + " resolvers read in different ways; write \"192.0.2.1\" or \"[2001:db8::1]\"",
            ]
        )
    }

    @Test("fewer waiting calls in all are fewer of one organization, unless it says otherwise")
    func waitingCalls() throws {
        let workflow = try #require(read("{ workflow: { waiting_calls: 50 } }").configuration)
            .workflow
        #expect(workflow.waitingCalls == 50)
        #expect(workflow.waitingCallsPerOrganization == 50)
    }

    @Test(
        "each number is taken at its least and greatest and refused beyond both (CVE-2016-2316)",
        arguments: [
            ("loops: #", "0", "64", "-1", "65"),
            ("sip: { t1: # }", "\"10ms\"", "\"5s\"", "\"9ms\"", "\"5001ms\""),
            ("sip: { t2: # }", "\"10ms\"", "\"60s\"", "\"9ms\"", "\"60001ms\""),
            ("sip: { t4: # }", "\"10ms\"", "\"60s\"", "\"9ms\"", "\"60001ms\""),
            ("sip: { stream_idle: # }", "\"1s\"", "\"86400s\"", "\"999ms\"", "\"86401s\""),
            ("sip: { connections_per_address: # }", "1", "1000000", "0", "1000001"),
            ("sip: { open_transactions: # }", "64", "1000000", "63", "1000001"),
            ("http: { connections_per_address: # }", "1", "1000000", "0", "1000001"),
            ("http: { head_timeout: # }", "\"100ms\"", "\"3600s\"", "\"99ms\"", "\"3601s\""),
            ("http: { body_timeout: # }", "\"100ms\"", "\"3600s\"", "\"99ms\"", "\"3601s\""),
            ("http: { idle_timeout: # }", "\"100ms\"", "\"3600s\"", "\"99ms\"", "\"3601s\""),
            ("twilio: { dial_timeout: # }", "1", "600", "0", "601"),
            ("records: { sync: # }", "\"10ms\"", "\"1s\"", "\"9ms\"", "\"1001ms\""),
            ("records: { rotate_bytes: # }", "4096", "1099511627776", "4095", "1099511627777"),
            ("records: { keep_files: # }", "1", "100000", "0", "100001"),
            ("workflow: { waiting_calls: # }", "1", "1000000", "0", "1000001"),
            (
                "workflow: { waiting_calls: 1000000, waiting_calls_per_organization: # }",
                "1", "1000000", "0", "1000001"
            ),
            ("workflow: { connections_per_host: # }", "1", "10000", "0", "10001"),
            ("workflow: { circuit_breaker: { failures: # } }", "1", "1000", "0", "1001"),
            (
                "workflow: { circuit_breaker: { pause: # } }",
                "\"100ms\"", "\"3600s\"", "\"99ms\"", "\"3601s\""
            ),
            ("probes: { interval: # }", "\"100ms\"", "\"3600s\"", "\"99ms\"", "\"3601s\""),
            ("probes: { timeout: # }", "\"50ms\"", "\"30s\"", "\"49ms\"", "\"31s\""),
            ("probes: { down_after: # }", "1", "100", "0", "101"),
            ("probes: { up_after: # }", "1", "100", "0", "101"),
            ("probes: { per_second: # }", "1", "100000", "0", "100001"),
            ("drain: { timeout: # }", "\"100ms\"", "\"600s\"", "\"99ms\"", "\"601s\""),
            ("drain: { retry_after: # }", "1", "3600", "0", "3601"),
        ]
    )
    func ranges(key: String, least: String, greatest: String, below: String, above: String) {
        for value in [least, greatest] {
            #expect(read("{ \(key.replacing("#", with: value)) }").configuration != nil, "\(value)")
        }
        let endless = String(repeating: "9", count: 40)
        for value in [below, above, endless, "-\(endless)", "1e400", "\"\(endless)s\""] {
            let (configuration, problems) = read("{ \(key.replacing("#", with: value)) }")
            #expect(configuration == nil, "\(value)")
            #expect(problems.count == 1)
        }
    }

    @Test("paths are relative to the state directory unless they start with a slash")
    func paths() {
        let configuration = Configuration()
        #expect(configuration.path("key") == "/var/lib/trunkline/key")
        #expect(configuration.path("/etc/key") == "/etc/key")
    }
}
