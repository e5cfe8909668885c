import Primitives

/// A network in CIDR notation, `203.0.113.0/24` or `2001:db8::/32`; a single address is one of full length.
///
/// IPv4 and IPv6 are apart: `::/0` holds no IPv4 address. An IPv4-mapped network (`::ffff:0:0/96` and
/// longer) is the IPv4 network that it spells.
package struct AddressPrefix: Hashable, Sendable {
    /// The first address of the network.
    package let address: IPAddress
    /// 0…32 for IPv4, 0…128 for IPv6.
    package let length: Int

    var isIPv4: Bool { address.isIPv4 }

    /// The network of one address.
    package init(_ address: IPAddress) {
        self.address = address
        length = address.isIPv4 ? 32 : 128
    }

    package init(parsing text: Span<UInt8>) throws(AddressPrefixError) {
        let slash = text.firstIndex(of: 0x2F) ?? text.count
        guard let address = IPAddress(parsing: text.extracting(0..<slash)) else {
            throw .malformedAddress
        }
        guard slash < text.count else {
            self.init(address)
            return
        }
        let digits = text.extracting((slash + 1)..<text.count)
        let isMapped =
            address.isIPv4 && text.extracting(0..<slash).firstIndex(of: ASCII.colon) != nil
        let maximum = address.isIPv4 && !isMapped ? 32 : 128
        guard digits.count <= 3, let written = digits.decimal(limit: maximum),
            digits.count == 1 || digits[0] != 0x30
        else { throw .malformedLength(maximum: maximum) }
        let length = isMapped ? written - 96 : written
        guard length >= 0 else { throw .spansFamilies }
        self.init(address, length: length)
        if self.address != address { throw .hostBitsSet(self) }
    }

    package init(_ text: String) throws(AddressPrefixError) {
        let bytes = Array(text.utf8)
        try self.init(parsing: bytes.span)
    }

    /// The network of `length` bits in which `address` lies.
    init(_ address: IPAddress, length: Int) {
        self.address = address.masked(to: length)
        self.length = min(max(length, 0), address.isIPv4 ? 32 : 128)
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.isIPv4 == isIPv4 && other.masked(to: length) == address
    }
}

extension IPAddress {
    /// The first address of the network of `length` bits in which this one lies; of its own family.
    func masked(to length: Int) -> IPAddress {
        let bits = min(max(isIPv4 ? length &+ 96 : length, 0), 128)
        let highMask: UInt64 = bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits))
        let lowMask: UInt64 =
            bits >= 128 ? .max : bits > 64 ? ~(UInt64.max >> UInt64(bits &- 64)) : 0
        return IPAddress(high: high & highMask, low: low & lowMask)
    }
}

extension AddressPrefix: CustomStringConvertible {
    /// The network as it is written; a single address stands without a length.
    package var description: String {
        length == (isIPv4 ? 32 : 128) ? "\(address)" : "\(address)/\(length)"
    }
}

/// Why a text is no network, and what to write instead.
package enum AddressPrefixError: Error, Hashable {
    case malformedAddress
    case malformedLength(maximum: Int)
    /// The address is not the first of its network; the payload is the network it lies in.
    case hostBitsSet(AddressPrefix)
    /// An IPv4-mapped network wider than all of IPv4.
    case spansFamilies
}

extension AddressPrefixError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedAddress:
            "not an IPv4 or IPv6 address; write 203.0.113.0/24 or 2001:db8::/32"
        case .malformedLength(let maximum):
            "the length after '/' is a number from 0 to \(maximum)"
        case .hostBitsSet(let network):
            "the address has bits beyond the length; write \(network)"
        case .spansFamilies:
            "an IPv4-mapped network is ::ffff:0:0/96 or longer; write the IPv4 network itself"
        }
    }
}
