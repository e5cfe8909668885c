/// Which networks an address belongs to, for requests that a definition of a customer causes.
extension IPAddress {
    /// Whether the address is one of the public Internet.
    ///
    /// The blocks of IANA's special-purpose registries (RFC 6890) are not: private, shared, loopback,
    /// link-local, documentation, benchmarking, multicast, reserved. Of IPv6 only 2000::/3 is, without
    /// the forms that carry an IPv4 address (6to4, Teredo; NAT64 and IPv4-compatible ones are outside).
    package var isPublic: Bool {
        guard isIPv4 else { return isPublicIPv6 }
        let word = UInt32(truncatingIfNeeded: low)
        switch word >> 24 {
        case 0, 10, 127, 224...255: return false
        case 100: return word >> 22 != 0x191
        case 169: return word >> 16 != 0xA9FE
        case 172: return word >> 20 != 0xAC1
        case 192:
            // 192.168/16, 192.0.0/24 (protocols), 192.0.2/24 (documentation), 192.88.99/24 (6to4).
            return word >> 16 != 0xC0A8 && word >> 8 != 0xC00000 && word >> 8 != 0xC00002
                && word >> 8 != 0xC05863
        case 198: return word >> 17 != 0x6309 && word >> 8 != 0xC63364
        case 203: return word >> 8 != 0xCB0071
        default: return true
        }
    }

    private var isPublicIPv6: Bool {
        guard high >> 61 == 1 else { return false }
        switch high >> 48 {
        // 2001::/23 has Teredo and other protocol assignments, 2001:db8::/32 is documentation.
        case 0x2001: return high >> 41 != 0x10_0080 && high >> 32 != 0x2001_0DB8
        case 0x2002: return false
        // 3fff::/20 is documentation (RFC 9637).
        case 0x3FFF: return high >> 44 != 0x3_FFF0
        default: return true
        }
    }

    /// Whether the address is of the kind that operators give to machines of their own: RFC 1918,
    /// RFC 6598, unique local (RFC 4193) and loopback, but not where clouds serve secrets.
    ///
    /// Link-local addresses are left out whole, because 169.254.169.254 is one.
    package var isOfOwnNetwork: Bool {
        guard isIPv4 else {
            return isLoopback || (high >> 57 == 0x7E && !isOfMetadataNetwork)
        }
        let word = UInt32(truncatingIfNeeded: low)
        // 100.100.100.200 is the metadata service of another.
        if word == 0x6464_64C8 { return false }
        return word >> 24 == 10 || word >> 24 == 127 || word >> 20 == 0xAC1 || word >> 16 == 0xC0A8
            || word >> 22 == 0x191
    }

    /// The networks fd00:ec2::/64 (AWS), fd20:ce::/64 (Google) and fd00:c1::/64 (Oracle), where clouds
    /// serve their metadata at ::254 and ::a9fe:a9fe.
    private var isOfMetadataNetwork: Bool {
        switch high {
        case 0xFD00_0EC2_0000_0000, 0xFD20_00CE_0000_0000, 0xFD00_00C1_0000_0000: true
        default: false
        }
    }
}
