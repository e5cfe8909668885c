import Gateway
import Primitives
import Routing
import Synchronization
import Testing
import Transport

@Suite("Where requests of workflow steps may go")
struct HTTPStepAddressTests {
    /// Addresses of names, and how often each was asked for.
    private final class Names: Sendable {
        private let asked = Mutex<[String: Int]>([:])
        private let answer: @Sendable (_ name: String, _ count: Int) -> [String]

        init(_ answer: @escaping @Sendable (_ name: String, _ count: Int) -> [String]) {
            self.answer = answer
        }

        var resolver: NameResolver { NameResolver { self.lookUp($0) } }

        private func lookUp(_ name: String) -> HostNames.Answer {
            let count = asked.withLock { asked in
                asked[name, default: 0] += 1
                return asked[name] ?? 0
            }
            return .addresses(answer(name, count).compactMap { IPAddress($0) })
        }

        func count(_ name: String) -> Int { asked.withLock { $0[name] ?? 0 } }
    }

    private static let hosts = ["crm.test", "private:in.test", "*.wild.test", "localhost", "[::1]"]

    @Test(
        "a URL whose host is not on the list, however it is spelt, is never resolved",
        arguments: [
            "http://other.test/", "http://crm.test:8080/", "http://crm.test./", "http://xcrm.test/",
            "http://wild.test/", "http://crm.test.other.test/", "http://127.0.0.1/",
            "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/",
            "http://0177.0.0.1/", "http://017700000001/", "http://127.0.0.1.wild.test.1/",
            "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://100.64.0.1/",
            "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/", "http://0/",
            "http://224.0.0.1/", "http://255.255.255.255/", "http://[::]/", "http://[::2]/",
            "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::169.254.169.254]/",
            "http://[fe80::1]/", "http://[fd00::1]/", "http://[fd00:ec2::254]/",
            "http://[ff02::1]/", "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/",
            "http://localhost:22/", "http://localhost.wild.test.evil.test/",
            "https://metadata.google.internal/", "https://8.8.8.8/",
        ]
    )
    func unlistedHosts(url: String) throws {
        let names = Names { _, _ in ["127.0.0.1"] }
        let client = try HTTPStepClient(allowedHosts: Self.hosts, resolver: names.resolver)
        #expect(try client.answer(url).reason == .hostNotAllowed)
        let host = try #require(HTTPOrigin.read(url)).origin.host
        #expect(names.count(host) == 0)
    }

    @Test(
        "a listed name that stands for an address of no public network is refused",
        arguments: [
            "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1",
            "100.64.0.1", "100.127.255.254", "169.254.169.254", "0.0.0.0", "0.1.2.3", "192.0.0.1",
            "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
            "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
            "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "fe80::1",
            "fec0::1", "fc00::1", "fd00::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
            "3fff::1",
        ]
    )
    func privateAddresses(address: String) throws {
        // The first address is in order: one that is not is enough.
        let names = Names { _, _ in ["93.184.216.34", address] }
        let client = try HTTPStepClient(allowedHosts: Self.hosts, resolver: names.resolver)
        #expect(try client.answer("http://crm.test/").reason == .hostNotAllowed)
        #expect(try client.answer("http://a.wild.test/").reason == .hostNotAllowed)
    }

    @Test("private: opens a name to the operator's networks, never to metadata services")
    func privateNames() throws {
        let server = try LoopbackServer(answering: "HTTP/1.1 204 No Content\r\n\r\n")
        for (address, reason) in [
            ("127.0.0.1", nil), ("169.254.169.254", HTTPStepFailure.hostNotAllowed),
            ("fd00:ec2::254", .hostNotAllowed), ("100.100.100.200", .hostNotAllowed),
            ("0.0.0.0", .hostNotAllowed), ("ff02::1", .hostNotAllowed),
        ] {
            let names = Names { _, _ in [address] }
            let client = try HTTPStepClient(
                allowedHosts: ["private:in.test:\(server.port)"],
                resolver: names.resolver
            )
            #expect(try client.answer("http://in.test:\(server.port)/").reason == reason)
        }
        #expect(server.connectionCount == 1)
    }

    @Test("a listed address and a listed localhost are asked, over IPv6 as well")
    func listedAddresses() throws {
        let server = try LoopbackServer("::1", answering: "HTTP/1.1 204 No Content\r\n\r\n")
        let client = try HTTPStepClient(
            allowedHosts: ["[::1]:\(server.port)", "localhost:\(server.port)"],
            resolver: NameResolver { _ in .addresses([IPAddress(high: 0, low: 1)]) }
        )
        #expect(try client.answer("http://[::1]:\(server.port)/").status == 204)
        #expect(try client.answer("http://localhost:\(server.port)/").status == 204)
        #expect(server.requests[0].contains("\r\nHost: [::1]:\(server.port)\r\n"))
        #expect(server.requests[1].contains("\r\nHost: localhost:\(server.port)\r\n"))
    }

    @Test("a name is resolved once, and the address that was checked is asked (mlflow 24179)")
    func rebinding() throws {
        let checked = try LoopbackServer(
            answering: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"
        )
        let names = Names { _, count in count == 1 ? ["127.0.0.1"] : ["169.254.169.254"] }
        let client = try HTTPStepClient(
            allowedHosts: ["private:in.test:\(checked.port)"],
            resolver: names.resolver
        )
        for _ in 0..<3 {
            #expect(try client.answer("http://in.test:\(checked.port)/").body == "x")
        }
        #expect(names.count("in.test") == 1)
        #expect(checked.connectionCount == 3)
    }

    @Test("a name without addresses is unreachable, and asked for again the next time")
    func unknownName() throws {
        let server = try LoopbackServer(answering: "HTTP/1.1 204 No Content\r\n\r\n")
        let names = Names { _, count in count == 1 ? [] : ["127.0.0.1"] }
        let client = try HTTPStepClient(
            allowedHosts: ["private:in.test:\(server.port)"],
            resolver: names.resolver
        )
        #expect(try client.answer("http://in.test:\(server.port)/").reason == .unreachable)
        #expect(try client.answer("http://in.test:\(server.port)/").status == 204)
    }

    @Test("of several addresses the next is tried where one takes no connection")
    func severalAddresses() throws {
        let server = try LoopbackServer(answering: "HTTP/1.1 204 No Content\r\n\r\n")
        let client = try HTTPStepClient(
            allowedHosts: ["private:in.test:\(server.port)"],
            resolver: NameResolver { _ in
                .addresses([0x7F00_0002, 0x7F00_0003, 0x7F00_0001].map { IPAddress(ipv4: $0) })
            }
        )
        #expect(try client.answer("http://in.test:\(server.port)/", method: .post).status == 204)
    }

    @Test("the machine's own resolver knows localhost")
    func systemResolver() throws {
        let server = try LoopbackServer(answering: "HTTP/1.1 204 No Content\r\n\r\n")
        let client = try HTTPStepClient(allowedHosts: ["localhost:\(server.port)"])
        #expect(try client.answer("http://localhost:\(server.port)/").status == 204)
    }
}
