import Primitives

/// Decides whether the host of a target is one that carriers can reach and calls may be sent to.
enum TargetHost {
    static func fault(in host: Span<UInt8>, allowsPrivate: Bool) -> TargetFault? {
        guard host.count > 0 else { return .noHost }
        if host[0] == 0x5B {
            guard host.count > 2, host[host.count - 1] == 0x5D,
                let address = IPAddress(parsing: host.extracting(1..<(host.count - 1)))
            else { return .badHost }
            return fault(in: address, allowsPrivate: allowsPrivate)
        }
        if host.firstIndex(of: ASCII.colon) == nil, let address = IPAddress(parsing: host) {
            return fault(in: address, allowsPrivate: allowsPrivate)
        }
        return nameFault(in: host, allowsPrivate: allowsPrivate)
    }

    private static func fault(in address: IPAddress, allowsPrivate: Bool) -> TargetFault? {
        if address.isUnspecified || address.isMulticastOrBroadcast { return .unreachableAddress }
        // 64:ff9b::/96 (RFC 6052) and 2002::/16 (RFC 3056) hold an IPv4 address that is what is reached.
        var reached = address
        if address.high == 0x0064_FF9B_0000_0000, address.low >> 32 == 0 {
            reached = IPAddress(ipv4: UInt32(truncatingIfNeeded: address.low))
        } else if address.high >> 48 == 0x2002 {
            reached = IPAddress(ipv4: UInt32(truncatingIfNeeded: address.high >> 16))
        }
        if reached.isUnspecified || reached.isMulticastOrBroadcast { return .unreachableAddress }
        return reached.isPrivate && !allowsPrivate ? .privateAddress : nil
    }

    /// RFC 1123 §2.1: letters, digits and inner hyphens, labels of at most 63 octets.
    ///
    /// The last label has a letter, so that no other spelling of an IPv4 address (`127.1`,
    /// `2130706433`, `0x7f.0.0.1`) passes as a name.
    private static func nameFault(in name: Span<UInt8>, allowsPrivate: Bool) -> TargetFault? {
        var labels = 0
        var start = 0
        var lastHasLetter = false
        while start <= name.count {
            let end = name.firstIndex(of: 0x2E, from: start) ?? name.count
            let label = name.extracting(start..<end)
            guard label.count > 0, label.count <= 63, label[0] != 0x2D,
                label[label.count - 1] != 0x2D
            else { return .badHost }
            lastHasLetter = false
            for index in label.indices {
                let byte = label[index]
                guard ASCII.isAlphanumeric(byte) || byte == 0x2D else { return .badHost }
                if ASCII.isLetter(byte) { lastHasLetter = true }
            }
            if label.count > 2, label[0] == 0x30, label[1] | 0x20 == 0x78, end == name.count {
                return .badHost
            }
            labels += 1
            start = end + 1
        }
        guard lastHasLetter else { return .badHost }
        if isWithin("twilio.com", name) { return .twilioDomain }
        let isPrivate = labels == 1 || privateZones.contains { isWithin($0, name) }
        return isPrivate && !allowsPrivate ? .privateName : nil
    }

    /// Whether `name` is the domain or lies below it.
    private static func isWithin(_ domain: StaticString, _ name: Span<UInt8>) -> Bool {
        let count = domain.utf8CodeUnitCount
        guard name.count >= count else { return false }
        let tail = name.extracting((name.count - count)..<name.count)
        guard tail.isEqualIgnoringCase(to: domain) else { return false }
        return name.count == count || name[name.count - count - 1] == 0x2E
    }

    /// Zones that no public name server answers for (RFC 6761, RFC 6762, RFC 8375, and `internal`,
    /// which ICANN keeps for private use).
    private static let privateZones: [StaticString] = [
        "localhost", "local", "internal", "home.arpa", "lan", "localdomain",
    ]
}
