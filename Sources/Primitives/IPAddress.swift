/// An IPv4 or IPv6 address; IPv4 is kept as its IPv6-mapped form `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
///
/// One form means that an IPv4 peer on a dual-stack socket equals the same peer on an IPv4 socket.
package struct IPAddress: Hashable, Sendable, BitwiseCopyable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The IPv4 address whose four octets are `word`, most significant first.
    package init(ipv4 word: UInt32) {
        high = 0
        low = 0xFFFF_0000_0000 | UInt64(word)
    }

    package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool {
        isIPv4 ? (low >> 24) & 0xFF == 127 : high == 0 && low == 1
    }

    /// 0.0.0.0 and ::.
    package var isUnspecified: Bool { high == 0 && (low == 0 || low == 0xFFFF_0000_0000) }

    /// 224.0.0.0/4, 255.255.255.255 and ff00::/8: never answered.
    package var isMulticastOrBroadcast: Bool {
        isIPv4
            ? (low >> 28) & 0xF == 0xE || low & 0xFFFF_FFFF == 0xFFFF_FFFF
            : high >> 56 == 0xFF
    }

    /// Addresses that carriers on the Internet cannot reach: RFC 1918, RFC 6598, link-local, unique
    /// local (RFC 4193), loopback and the unspecified address.
    package var isPrivate: Bool {
        if isLoopback || isUnspecified { return true }
        guard isIPv4 else { return high >> 57 == 0x7E || high >> 54 == 0x3FA }
        let word = UInt32(truncatingIfNeeded: low)
        return word >> 24 == 10 || word >> 20 == 0xAC1 || word >> 16 == 0xC0A8
            || word >> 22 == 0x191 || word >> 16 == 0xA9FE || word >> 24 == 0
    }
}

/// An address and a port: where a message came from, where its answer goes.
package struct IPEndpoint: Hashable, Sendable, BitwiseCopyable {
    package var address: IPAddress
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}
