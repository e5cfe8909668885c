import Primitives
import SIP

/// Where and how a target is probed, read from its URI.
package struct ProbeDestination: Hashable, Sendable {
    package var means: Means
    package var host: Host
    package var port: UInt16
    /// Whether calls may go elsewhere: RFC 3263 §4.2 has a SIP name without a port looked up as a service
    /// (SRV), which only the carrier does.
    package var isAssumed = false

    package enum Means: Hashable, Sendable {
        /// An OPTIONS, and any answer that does not say that nobody is there.
        case optionsOverUDP, optionsOverTCP
        /// A TLS handshake: what is spoken over it is not looked into.
        case handshake
    }

    package enum Host: Hashable, Sendable {
        case address(IPAddress)
        case name(String)
    }

    /// Nil for a target that cannot be probed: a number, or a SIP transport that we do not have.
    package init?(uri: [UInt8]) {
        let text = uri.span
        guard let colon = text.firstIndex(of: ASCII.colon) else { return nil }
        let scheme = text.extracting(0..<colon)
        if scheme.isEqualIgnoringCase(to: "wss") || scheme.isEqualIgnoringCase(to: "https") {
            self.init(web: text.extracting((colon + 1)..<uri.count))
        } else {
            self.init(sip: text)
        }
    }

    private init?(sip text: Span<UInt8>) {
        guard let uri = SIPURI(ByteSlice(0..<text.count), in: text) else { return nil }
        switch uri.scheme {
        case .sips: means = .handshake
        case .sip:
            guard let parameter = uri.parameter("transport", in: text) else {
                means = .optionsOverUDP
                break
            }
            let transport = text.bytes(parameter.value)
            if transport.isEqualIgnoringCase(to: "udp") {
                means = .optionsOverUDP
            } else if transport.isEqualIgnoringCase(to: "tcp") {
                means = .optionsOverTCP
            } else if transport.isEqualIgnoringCase(to: "tls") {
                means = .handshake
            } else {
                return nil
            }
        case .tel, .other: return nil
        }
        guard let host = Host(text.bytes(uri.host)) else { return nil }
        self.host = host
        if case .name = host { isAssumed = uri.port == nil }
        // RFC 3261 §19.1.2: the port that the transport implies.
        port = uri.port ?? (means == .handshake ? 5_061 : 5_060)
    }

    /// `//host[:port]…` of a `wss:` or `https:` URI.
    private init?(web text: Span<UInt8>) {
        guard text.count > 2, text[0] == 0x2F, text[1] == 0x2F else { return nil }
        var end = 2
        while end < text.count, text[end] != 0x2F, text[end] != ASCII.question { end += 1 }
        var hostEnd = 2
        if text[2] == 0x5B {
            guard let bracket = text.firstIndex(of: 0x5D), bracket < end else { return nil }
            hostEnd = bracket + 1
        } else {
            hostEnd = min(text.firstIndex(of: ASCII.colon, from: 2) ?? end, end)
        }
        guard let host = Host(text.extracting(2..<hostEnd)) else { return nil }
        var port = 443
        if hostEnd < end {
            let digits = text.extracting((hostEnd + 1)..<end)
            guard text[hostEnd] == ASCII.colon, let number = digits.decimal(limit: 65_535),
                number > 0
            else { return nil }
            port = number
        }
        means = .handshake
        self.host = host
        self.port = UInt16(truncatingIfNeeded: port)
    }
}

extension ProbeDestination.Host {
    /// A host as it stands in a URI; an IPv6 address in its brackets.
    fileprivate init?(_ text: Span<UInt8>) {
        guard text.count > 0 else { return nil }
        if text[0] == 0x5B {
            guard text.count > 2,
                let address = IPAddress(parsing: text.extracting(1..<(text.count - 1)))
            else { return nil }
            self = .address(address)
        } else if let address = IPAddress(parsing: text) {
            self = .address(address)
        } else {
            // Names in any case are one; a dot at the end only says that the name is whole.
            self = .name(text.text.lowercased())
        }
    }
}
