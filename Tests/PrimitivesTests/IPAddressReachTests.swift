import Primitives
import Testing

@Suite("The networks of addresses")
struct IPAddressReachTests {
    @Test(
        "the blocks that are not of the public Internet, at both ends and just outside",
        arguments: [
            ("0.0.0.0", "0.255.255.255", "1.0.0.0"), ("10.0.0.0", "10.255.255.255", "11.0.0.0"),
            ("100.64.0.0", "100.127.255.255", "100.128.0.0"),
            ("127.0.0.0", "127.255.255.255", "128.0.0.0"),
            ("169.254.0.0", "169.254.255.255", "169.255.0.0"),
            ("172.16.0.0", "172.31.255.255", "172.32.0.0"),
            ("192.0.0.0", "192.0.0.255", "192.0.1.0"), ("192.0.2.0", "192.0.2.255", "192.0.3.0"),
            ("192.88.99.0", "192.88.99.255", "192.88.100.0"),
            ("192.168.0.0", "192.168.255.255", "192.169.0.0"),
            ("198.18.0.0", "198.19.255.255", "198.20.0.0"),
            ("198.51.100.0", "198.51.100.255", "198.51.101.0"),
            ("203.0.113.0", "203.0.113.255", "203.0.114.0"),
            ("224.0.0.0", "255.255.255.255", "223.255.255.255"),
            ("2001::", "2001:1ff:ffff::1", "2001:200::"),
            ("2001:db8::", "2001:db8:ffff::1", "2001:db9::"),
            ("2002::", "2002:ffff::1", "2003::"), ("3fff::", "3fff:fff::1", "3fff:1000::"),
            ("::", "1fff:ffff::1", "2000::"), ("4000::", "ffff::1", "3ffe::"),
            // IPv4 in other clothes: compatible, mapped, NAT64, 6to4 of 127.0.0.1.
            ("::7f00:1", "::ffff:127.0.0.1", "2a00::1"),
            ("64:ff9b::1.1.1.1", "2002:7f00:1::", "2a00::"),
        ]
    )
    func publicAddresses(first: String, last: String, outside: String) throws {
        #expect(try !#require(IPAddress(first)).isPublic)
        #expect(try !#require(IPAddress(last)).isPublic)
        #expect(try #require(IPAddress(outside)).isPublic)
    }

    @Test("an address of one's own network is never public, link-local or a metadata service")
    func ownNetworks() throws {
        for text in [
            "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "::1", "fc00::1",
            "fd00:ec3::254", "fd20:cf::254", "fd00:c2::1",
        ] {
            let address = try #require(IPAddress(text))
            #expect(address.isOfOwnNetwork && !address.isPublic, "\(text)")
        }
        for text in [
            "169.254.169.254", "fe80::1", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254",
            "fd00:c1::a9fe:a9fe", "8.8.8.8", "2a00::1",
        ] {
            #expect(try !#require(IPAddress(text)).isOfOwnNetwork, "\(text)")
        }
    }
}
