import Primitives
import Testing

@Suite("IP addresses as text")
struct IPAddressTests {
    @Test(
        "every spelling of an address is written in the one form of RFC 5952",
        arguments: zip(
            [
                "2001:db8:0:0:0:0:2:1", "2001:0db8::0001", "2001:db8:0:1:1:1:1:1",
                "2001:0:0:1:0:0:0:1", "2001:db8:0:0:1:0:0:1", "2001:DB8::AbCd", "::", "::1", "1::",
                "0:0:0:0:0:0:0:0", "fe80::1:2:3:4", "1:2:3:4:5:6:7:8", "2001:db8::192.0.2.33",
                "::ffff:192.0.2.1", "::192.0.2.1", "1:2:3:4:5:6:0:0", "::3:4:5:6:7:8",
            ],
            [
                "2001:db8::2:1", "2001:db8::1", "2001:db8:0:1:1:1:1:1", "2001:0:0:1::1",
                "2001:db8::1:0:0:1", "2001:db8::abcd", "::", "::1", "1::", "::", "fe80::1:2:3:4",
                "1:2:3:4:5:6:7:8", "2001:db8::c000:221", "192.0.2.1", "::c000:201", "1:2:3:4:5:6::",
                "::3:4:5:6:7:8",
            ]
        )
    )
    func canonical(text: String, expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(expected) == address)
    }

    @Test(
        "what readers could disagree on, or is no address, is refused",
        arguments: [
            "", ".", ":", ":::", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4 ",
            " 1.2.3.4", "1..3.4", "0x1.2.3.4", "1.2.3.", "16909060", "1.2.3.0004", "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "1::2::3", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:",
            "1:2:3:4:5:6:7:",
            "12345::", "g::", "::1%eth0", "[::1]", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4",
            "::1.2.3.4:5", "1.2.3.4::", "1:2:3:4:5:6:7::8", "２::1",
        ]
    )
    func malformed(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("10,000 addresses come back from their own text")
    func roundTrip() {
        var word: UInt64 = 0x1234_5678_9ABC_DEF1
        func next() -> UInt64 {
            word ^= word << 13
            word ^= word >> 7
            word ^= word << 17
            return word
        }
        for _ in 0..<10_000 {
            // Masks make runs of zeros, which is where the text is shortened.
            var address = IPAddress(high: next() & next() & next(), low: next() & next() & next())
            for group in 0..<4 where next() & 1 == 0 {
                address.high &= ~(0xFFFF << UInt64(group * 16))
                address.low &= ~(0xFFFF << UInt64(group * 16))
            }
            if IPAddress(address.description) != address { Issue.record("\(address)") }
        }
    }

    @Test("octets at random are an address or none, and never a trap")
    func noise() {
        let alphabet = Array("0123456789abcdef::::...g[]%".utf8)
        var state: UInt64 = 99
        var readable = 0
        for _ in 0..<50_000 {
            var text: [UInt8] = []
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            for place in 0..<Int(state >> 60) {
                text.append(alphabet[Int(state >> UInt64(place)) % 27])
            }
            if IPAddress(parsing: text.span) != nil { readable += 1 }
        }
        #expect(readable < 50_000)
    }

    @Test(
        "an endpoint comes back from its own text",
        arguments: ["203.0.113.9:5060", "[2001:db8::1]:5060", "[::]:0", "127.0.0.1:65535"]
    )
    func endpoints(text: String) throws {
        let endpoint = try #require(IPEndpoint(text))
        #expect(endpoint.description == text)
    }

    @Test(
        "an endpoint has an address, brackets around IPv6, and a port",
        arguments: [
            "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:5060",
            "[::1]", "[::1]5060", "[::1:5060", "[127.0.0.1", "localhost:5060", "127.0.0.1:+1",
        ]
    )
    func malformedEndpoints(text: String) {
        #expect(IPEndpoint(text) == nil)
    }

    @Test(
        "private addresses are known",
        arguments: zip(
            [
                "10.1.2.3", "172.31.0.1", "172.32.0.1", "192.168.1.1", "100.64.0.1", "100.128.0.1",
                "169.254.1.1", "127.9.9.9", "0.0.0.0", "8.8.8.8", "fd00::1", "fe80::1",
                "2001:db8::1",
                "::1",
            ],
            [
                true, true, false, true, true, false, true, true, true, false, true, true, false,
                true,
            ]
        )
    )
    func privateAddresses(text: String, isPrivate: Bool) throws {
        #expect(try #require(IPAddress(text)).isPrivate == isPrivate)
    }
}
