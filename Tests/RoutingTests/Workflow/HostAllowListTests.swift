import Primitives
import Routing
import Testing

@Suite("The operator's list of hosts")
struct HostAllowListTests {
    @Test("an allowed host is its name and usual port, a given port, or below a wildcard")
    func names() {
        let list = HostAllowList(["crm.example.com", "*.in.example", "other.example:8443"])
        #expect(list.allows(host: "CRM.example.com", port: 443))
        #expect(list.allows(host: "crm.example.com", port: 80))
        #expect(!list.allows(host: "crm.example.com", port: 8443))
        #expect(list.allows(host: "a.b.in.example", port: 443))
        #expect(!list.allows(host: "in.example", port: 443))
        #expect(!list.allows(host: "evilin.example", port: 443))
        #expect(!list.allows(host: ".in.example", port: 443))
        #expect(list.allows(host: "other.example", port: 8443))
        #expect(!list.allows(host: "other.example", port: 443))
        #expect(!list.allows(host: "crm.example.com.", port: 443))
    }

    @Test("an address is itself, however it is spelt, and no other")
    func addresses() {
        let list = HostAllowList(["10.0.0.7:8080", "[fd00::7]"])
        #expect(list.allows(host: "10.0.0.7", port: 8_080))
        #expect(list.allows(host: "[::ffff:10.0.0.7]", port: 8_080))
        #expect(list.allows(host: "[FD00:0:0::7]", port: 443))
        #expect(!list.allows(host: "10.0.0.8", port: 8_080))
        #expect(!list.allows(host: "010.0.0.7", port: 8_080))
        #expect(!list.allows(host: "167772167", port: 8_080))
        #expect(!list.allows(host: "fd00::7", port: 443))
    }

    @Test("a name reaches public addresses, and with private: those of the operator's networks")
    func reach() throws {
        let list = HostAllowList([
            "crm.example.com", "private:crm.internal:8443", "localhost:3000", "192.0.2.1",
            "twice.example", "private:twice.example",
        ])
        let crm = try #require(list.reach(of: "crm.example.com", port: 443))
        let inside = try #require(list.reach(of: "crm.internal", port: 8_443))
        let here = try #require(list.reach(of: "localhost", port: 3_000))
        let listed = try #require(list.reach(of: "192.0.2.1", port: 80))
        for (text, isPublic, isOwn) in [
            ("93.184.216.34", true, false), ("2606:2800:220:1::1", true, false),
            ("10.1.2.3", false, true), ("172.31.0.1", false, true), ("192.168.0.1", false, true),
            ("100.64.0.1", false, true), ("127.0.0.1", false, true), ("::1", false, true),
            ("fd12::1", false, true), ("169.254.169.254", false, false),
            ("fe80::1", false, false), ("fd00:ec2::254", false, false),
            ("100.100.100.200", false, false), ("0.0.0.0", false, false), ("::", false, false),
            ("224.0.0.1", false, false), ("ff02::1", false, false),
        ] {
            let address = try #require(IPAddress(text))
            #expect(crm.admits(address) == isPublic, "\(text)")
            #expect(inside.admits(address) == (isPublic || isOwn), "\(text)")
            #expect(here.admits(address) == (isPublic || isOwn), "\(text)")
            #expect(!listed.admits(address), "\(text)")
        }
        #expect(listed.admits(try #require(IPAddress("192.0.2.1"))))
        #expect(list.reach(of: "twice.example", port: 443) == .publicAndOwn)
    }

    @Test(
        "an entry that is no host is an error of its own",
        arguments: [
            ("https://crm.example.com", AllowedHostError.url), ("crm.example.com/route", .url),
            ("*", .everything), ("", .name), ("crm..example", .name), ("-crm.example", .name),
            ("crm.example.com.", .name), ("crm_1.example", .name), ("a@b", .name), ("*.*.a", .name),
            ("*crm.example", .name), ("crm.example:0", .port), ("crm.example:65536", .port),
            ("crm.example:", .port), ("crm.example:x", .port), ("2001:db8::1", .brackets),
            ("[::1", .address), ("[::1]x", .address), ("[127.0.0.1]", .address),
            ("2130706433", .address), ("0x7f000001", .address), ("127.1", .address),
            ("0177.0.0.1", .address), ("1.2.3.256", .address), ("*.1", .address),
            ("0.0.0.0", .unusableAddress), ("[::]", .unusableAddress),
            ("224.0.0.1", .unusableAddress), ("[ff02::1]", .unusableAddress),
            ("private:10.0.0.1", .privateAddress), ("private:", .name),
            (String(repeating: "a.", count: 200) + "b", .tooLong),
        ]
    )
    func errors(text: String, error: AllowedHostError) {
        #expect(throws: error) { try AllowedHost(parsing: text) }
        #expect(!HostAllowList([text]).allows(host: text, port: 443))
        #expect(!error.description.isEmpty)
    }
}
