import Authentication
import Primitives
import Testing

@Suite("Networks in CIDR notation")
struct AddressPrefixTests {
    @Test(
        "a network is read, and written in its shortest form",
        arguments: [
            ("203.0.113.0/24", "203.0.113.0/24"), ("203.0.113.9", "203.0.113.9"),
            ("203.0.113.9/32", "203.0.113.9"), ("0.0.0.0/0", "0.0.0.0/0"),
            ("54.172.60.0/30", "54.172.60.0/30"), ("2001:DB8::/32", "2001:db8::/32"),
            ("2001:db8::1", "2001:db8::1"), ("2001:db8::1/128", "2001:db8::1"), ("::/0", "::/0"),
            ("::ffff:203.0.113.0/120", "203.0.113.0/24"), ("::ffff:0:0/96", "0.0.0.0/0"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ]
    )
    func reads(text: String, written: String) throws {
        let prefix = try AddressPrefix(text)
        #expect("\(prefix)" == written)
        #expect(try AddressPrefix(written) == prefix)
    }

    @Test(
        "bits beyond the length are an error that names the right form",
        arguments: [
            ("203.0.113.9/24", "203.0.113.0/24"), ("10.1.2.3/8", "10.0.0.0/8"),
            ("1.2.3.4/0", "0.0.0.0/0"), ("203.0.113.1/31", "203.0.113.0/31"),
            ("2001:db8::1/64", "2001:db8::/64"), ("2001:db8:0:1::/48", "2001:db8::/48"),
            ("::1/0", "::/0"), ("::ffff:10.0.0.1/104", "10.0.0.0/8"),
        ]
    )
    func refusesHostBits(text: String, right: String) throws {
        let network = try AddressPrefix(right)
        let error = try #require(throws: AddressPrefixError.self) { try AddressPrefix(text) }
        #expect(error == .hostBitsSet(network))
        #expect("\(error)".hasSuffix("write \(right)"))
    }

    @Test(
        "what is no network is refused with its reason",
        arguments: [
            ("", AddressPrefixError.malformedAddress), ("/24", .malformedAddress),
            ("203.0.113/24", .malformedAddress), ("203.0.113.0.0/24", .malformedAddress),
            ("203.0.113.00/24", .malformedAddress), ("example.com", .malformedAddress),
            ("[2001:db8::]/32", .malformedAddress), (" 203.0.113.0/24", .malformedAddress),
            ("203.0.113.0/", .malformedLength(maximum: 32)),
            ("203.0.113.0/33", .malformedLength(maximum: 32)),
            ("203.0.113.0/024", .malformedLength(maximum: 32)),
            ("203.0.113.0/-1", .malformedLength(maximum: 32)),
            ("203.0.113.0/24/8", .malformedLength(maximum: 32)),
            ("203.0.113.0/255.255.255.0", .malformedLength(maximum: 32)),
            ("203.0.113.0/99999999999999999999", .malformedLength(maximum: 32)),
            ("2001:db8::/129", .malformedLength(maximum: 128)),
            ("::ffff:0:0/95", .spansFamilies),
        ]
    )
    func refuses(text: String, reason: AddressPrefixError) {
        #expect(throws: reason) { try AddressPrefix(text) }
        #expect(!"\(reason)".isEmpty)
    }

    @Test(
        "a network holds its first and last address and not their neighbours",
        arguments: [
            (
                "203.0.113.0/24", ["203.0.113.0", "203.0.113.255"],
                ["203.0.112.255", "203.0.114.0"]
            ),
            ("203.0.113.9", ["203.0.113.9"], ["203.0.113.8", "203.0.113.10"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1", "2001:db8::1"]),
            ("128.0.0.0/1", ["128.0.0.0", "255.255.255.255"], ["127.255.255.255"]),
            ("::/0", ["::", "2001:db8::1"], ["0.0.0.0", "203.0.113.9"]),
            (
                "2001:db8::/33", ["2001:db8::", "2001:db8:7fff:ffff::1"],
                ["2001:db8:8000::", "2001:db7:ffff::"]
            ),
            ("2001:db8::/64", ["2001:db8::ffff:ffff:ffff:ffff"], ["2001:db8:0:1::"]),
            ("2001:db8::/65", ["2001:db8::7fff:ffff:ffff:ffff"], ["2001:db8::8000:0:0:0"]),
            ("2001:db8::4/127", ["2001:db8::4", "2001:db8::5"], ["2001:db8::3", "2001:db8::6"]),
        ]
    )
    func contains(network: String, inside: [String], outside: [String]) throws {
        let prefix = try AddressPrefix(network)
        for text in inside { #expect(prefix.contains(try #require(IPAddress(text)))) }
        for text in outside { #expect(!prefix.contains(try #require(IPAddress(text)))) }
    }
}
