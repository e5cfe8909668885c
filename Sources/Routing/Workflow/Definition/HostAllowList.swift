import Primitives

/// The hosts that the operator lets HTTP steps ask.
///
/// The configuration, a definition that is saved and a request that is sent are all checked by it.
package struct HostAllowList: Sendable {
    private let entries: [AllowedHost]

    /// Reads entries in the forms of `AllowedHost`.
    ///
    /// One that is none allows nothing; the configuration's reader has reported it.
    package init(_ texts: [String]) {
        entries = texts.compactMap { text in try? AllowedHost(parsing: text) }
    }

    package func allows(host: String, port: Int) -> Bool {
        reach(of: host, port: port) != nil
    }

    /// To which addresses a request to `host` may go; nil: the host is not allowed at all.
    ///
    /// A host is written as in `HTTPOrigin`: an IPv6 address stands in brackets.
    package func reach(of host: String, port: Int) -> AllowedHost.Reach? {
        let host = host.lowercased()
        let reaches = entries.compactMap { $0.matches(host: host, port: port) ? $0.reach : nil }
        // Of a name that is listed twice the wider entry counts.
        return reaches.first { $0 == .publicAndOwn } ?? reaches.first
    }
}

/// One entry of the operator's list of hosts.
///
///     crm.example.com            ports 443 and 80, public addresses
///     crm.example.com:8443       that port
///     *.example.com              every name below it, but not example.com
///     private:crm.internal:8443  the name may stand for a private or loopback address
///     10.0.0.7:8080, [fd00::7]   that very address
///     localhost:3000             loopback
package struct AllowedHost: Sendable, Hashable {
    private var name: Name
    /// Nil: 443 and 80.
    private var port: Int?
    package let reach: Reach

    private enum Name: Sendable, Hashable {
        case exactly(String)
        /// Names that end in this, which begins with a dot.
        case below(String)
        case address(IPAddress)
    }

    /// The addresses to which requests may go.
    package enum Reach: Sendable, Hashable {
        case publicOnly
        /// Those of the operator's own networks as well, but never link-local ones.
        case publicAndOwn
        /// The host is an address, and it was listed.
        case address(IPAddress)

        /// Whether a connection may go to that address.
        package func admits(_ address: IPAddress) -> Bool {
            switch self {
            case .publicOnly: address.isPublic
            case .publicAndOwn: address.isPublic || address.isOfOwnNetwork
            case .address(let listed): address == listed
            }
        }
    }

    package init(parsing text: String) throws(AllowedHostError) {
        var rest = text.lowercased()
        guard rest.utf8.count <= Self.byteCountMax else { throw .tooLong }
        if rest.contains("://") || rest.contains("/") { throw .url }
        let isPrivate = rest.hasPrefix(Self.privatePrefix)
        if isPrivate { rest.removeFirst(Self.privatePrefix.count) }
        let (host, port) = try Self.split(rest)
        self.port = port
        if let address = try Self.address(host) {
            guard !isPrivate else { throw .privateAddress }
            guard !address.isUnspecified, !address.isMulticastOrBroadcast else {
                throw .unusableAddress
            }
            name = .address(address)
            reach = .address(address)
            return
        }
        let isWildcard = host.hasPrefix("*.")
        let plain = isWildcard ? String(host.dropFirst(2)) : host
        guard Self.isName(plain) else { throw host == "*" ? .everything : .name }
        name = isWildcard ? .below("." + plain) : .exactly(plain)
        reach = isPrivate || host == "localhost" ? .publicAndOwn : .publicOnly
    }

    func matches(host: String, port: Int) -> Bool {
        guard self.port.map({ $0 == port }) ?? (port == 443 || port == 80) else { return false }
        switch name {
        case .exactly(let name): return host == name
        case .below(let suffix):
            return host.utf8.count > suffix.utf8.count && host.hasSuffix(suffix)
                && Self.isName(host)
        case .address(let address): return HTTPOrigin.address(host) == address
        }
    }

    /// Takes the port off; an IPv6 address stands in brackets.
    private static func split(
        _ text: String
    ) throws(AllowedHostError) -> (host: String, port: Int?) {
        let bytes = Array(text.utf8)
        let searchStart: Int
        if bytes.first == 0x5B {
            guard let end = bytes.firstIndex(of: 0x5D) else { throw .address }
            searchStart = end + 1
        } else {
            searchStart = 0
        }
        let colons = bytes[searchStart...].indices.filter { bytes[$0] == ASCII.colon }
        guard let colon = colons.first else {
            guard searchStart == 0 || searchStart == bytes.count else { throw .address }
            return (text, nil)
        }
        guard colons.count == 1 else { throw .brackets }
        guard searchStart == 0 || searchStart == colon else { throw .address }
        let digits = bytes.span.extracting((colon + 1)..<bytes.count)
        guard let port = digits.decimal(limit: 65_535), port > 0 else { throw .port }
        return (String(decoding: bytes[..<colon], as: UTF8.self), port)
    }

    /// The address that the text is, or nil if it is a name.
    private static func address(_ host: String) throws(AllowedHostError) -> IPAddress? {
        if let address = HTTPOrigin.address(host) { return address }
        if host.hasPrefix("[") { throw .address }
        // What ends in a number is an IPv4 address to a URL parser, however it is spelt (WHATWG URL
        // §3.5); 2130706433, 0x7f.1 and 017700000001 are all 127.0.0.1 to some resolver.
        guard !endsInNumber(host) else { throw .address }
        return nil
    }

    private static func endsInNumber(_ host: String) -> Bool {
        let bytes = Array(host.utf8)
        let start = bytes.lastIndex(of: 0x2E).map { $0 + 1 } ?? 0
        let label = bytes[start...]
        guard let first = label.first else { return false }
        if label.allSatisfy(ASCII.isDigit) { return true }
        guard first == 0x30, label.count >= 2, label[start + 1] == 0x78 else { return false }
        return label.dropFirst(2).allSatisfy { ASCII.hexValue($0) != nil }
    }

    /// RFC 1123 §2.1: labels of letters, digits and hyphens, and not a number at the end.
    private static func isName(_ host: String) -> Bool {
        let bytes = Array(host.utf8)
        guard !bytes.isEmpty, bytes.count <= 253, !endsInNumber(host) else { return false }
        return bytes.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { label in
            1...63 ~= label.count && label.first != 0x2D && label.last != 0x2D
                && label.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x2D }
        }
    }

    private static let privatePrefix = "private:"
    /// A name of 253 octets, the prefix, a wildcard and a port.
    private static let byteCountMax = 270
}

/// Why an entry of the list of hosts is none, in words that say what to write.
package enum AllowedHostError: Error, CustomStringConvertible, CaseIterable {
    case tooLong, url, everything, name, port, brackets, address, unusableAddress, privateAddress

    package var description: String {
        switch self {
        case .tooLong: "is longer than any host name"
        case .url: "is not a host; write it without scheme and path, such as \"crm.example.com\""
        case .everything:
            "would allow every host; write one entry for each, or \"*.example.com\""
        case .name:
            "is not a host name; write \"crm.example.com\", \"crm.example.com:8443\" or"
                + " \"*.example.com\""
        case .port: "has no port behind its colon; write 1 to 65535, or leave the colon out"
        case .brackets: "is an IPv6 address without brackets; write \"[2001:db8::1]:8443\""
        case .address:
            "is a number that resolvers read in different ways; write \"192.0.2.1\" or"
                + " \"[2001:db8::1]\""
        case .unusableAddress: "is not the address of one host; leave it out"
        case .privateAddress: "is an address, which stands for itself; leave \"private:\" out"
        }
    }
}

extension HTTPOrigin {
    /// The address that a host is: IPv4 in its usual form, IPv6 in brackets; nil for a name.
    package static func address(_ host: String) -> IPAddress? {
        guard host.hasPrefix("["), host.hasSuffix("]") else {
            return host.contains(":") ? nil : IPAddress(host)
        }
        let text = String(host.dropFirst().dropLast())
        return text.contains(":") ? IPAddress(text) : nil
    }
}
