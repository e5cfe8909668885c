import Primitives

/// One Via value: the last hop of a request when it is the topmost (RFC 3261 §20.42).
package struct Via: Sendable, BitwiseCopyable {
    package enum Transport: UInt8, Sendable, BitwiseCopyable {
        case udp, tcp, tls, sctp, ws, wss, other
    }

    /// What the client said about its port (RFC 3581 §3).
    package enum ResponsePort: Hashable, Sendable, BitwiseCopyable {
        case absent
        /// `;rport`: the client asks for an answer to the port it sends from.
        case requested
        case known(UInt16)
    }

    /// All of it, without the white space around it.
    package var value = ByteSlice.empty
    package var transport = Transport.other
    /// The host of sent-by; an IPv6 reference stands in its brackets.
    package var host = ByteSlice.empty
    package var port: UInt16?
    package var branch = ByteSlice.empty
    package var received = ByteSlice.empty
    package var responsePort = ResponsePort.absent
    /// Parsed and never followed: whoever writes it would choose where our answers go.
    package var maddr = ByteSlice.empty
    package var ttl: UInt8?

    /// `;received=…` and `;rport…` as they stand, without the semicolon, for the answer to replace.
    var receivedParameter = ByteSlice.empty
    var responsePortParameter = ByteSlice.empty

    /// RFC 3261 §8.1.1.7: the branch of a client that makes it unique.
    package func hasMagicCookie(in bytes: Span<UInt8>) -> Bool {
        let branch = bytes.bytes(self.branch)
        return branch.count > 7 && branch.extracting(0..<7).isEqualIgnoringCase(to: "z9hG4bK")
    }

    /// The port of sent-by, or the one that its transport implies (RFC 3261 §18.2.2).
    package var effectivePort: UInt16 {
        port ?? (transport == .tls || transport == .wss ? 5_061 : 5_060)
    }

    /// Reads one value, as `values(of: .via)` yields it.
    package init(_ slice: ByteSlice, in bytes: Span<UInt8>) throws(SIPDefect) {
        guard slice.upperBound <= bytes.count else { throw .badVia }
        value = slice
        let end = slice.upperBound
        var index = try readProtocol(bytes, from: slice.lowerBound, to: end)
        index = try readSentBy(bytes, from: index, to: end)
        try readParameters(bytes, from: index, to: end)
    }

    /// sent-protocol: `SIP/2.0/UDP`, with white space anywhere between its words.
    private mutating func readProtocol(
        _ bytes: Span<UInt8>,
        from start: Int,
        to end: Int
    ) throws(SIPDefect) -> Int {
        var index = start
        for word in 0..<3 {
            let wordEnd = bytes.skippingToken(from: index, to: end)
            guard wordEnd > index else { throw .badVia }
            let text = bytes.extracting(index..<wordEnd)
            switch word {
            case 0: guard text.isEqualIgnoringCase(to: "SIP") else { throw .badVia }
            case 1: guard text[0] &- 0x30 < 10 else { throw .badVia }
            default: transport = Transport(text)
            }
            index = bytes.skippingSpace(from: wordEnd, to: end)
            guard word < 2 else { break }
            guard index < end, bytes[index] == 0x2F else { throw .badVia }
            index = bytes.skippingSpace(from: index &+ 1, to: end)
        }
        guard index > start, bytes.isSpace(at: index &- 1) else { throw .badVia }
        return index
    }

    /// sent-by: `host` or `host:port`, with white space around the colon.
    private mutating func readSentBy(
        _ bytes: Span<UInt8>,
        from start: Int,
        to end: Int
    ) throws(SIPDefect) -> Int {
        guard let hostEnd = bytes.endOfHost(from: start, to: end) else { throw .badVia }
        host = ByteSlice(start: start, count: hostEnd &- start)
        let index = bytes.skippingSpace(from: hostEnd, to: end)
        guard index < end, bytes[index] == ASCII.colon else { return index }
        let portStart = bytes.skippingSpace(from: index &+ 1, to: end)
        var portEnd = portStart
        while portEnd < end, ASCII.isDigit(bytes[portEnd]) { portEnd &+= 1 }
        guard let number = bytes.port(in: portStart..<portEnd) else { throw .badVia }
        port = number
        return bytes.skippingSpace(from: portEnd, to: end)
    }

    private mutating func readParameters(
        _ bytes: Span<UInt8>,
        from start: Int,
        to end: Int
    ) throws(SIPDefect) {
        var parameters = Parameters(ByteSlice(start: start, count: end &- start))
        while let parameter = parameters.next(in: bytes) {
            let name = bytes.bytes(parameter.name)
            switch name.count {
            case 6 where name.isEqualIgnoringCase(to: "branch"):
                branch = parameter.value
            case 5 where name.isEqualIgnoringCase(to: "rport"):
                responsePortParameter = parameter.whole
                let port = bytes.port(in: parameter.value.range)
                responsePort = port.map { .known($0) } ?? .requested
            case 8 where name.isEqualIgnoringCase(to: "received"):
                received = parameter.value
                receivedParameter = parameter.whole
            case 5 where name.isEqualIgnoringCase(to: "maddr"):
                maddr = parameter.value
            case 3 where name.isEqualIgnoringCase(to: "ttl"):
                let number = bytes.bytes(parameter.value).decimal(limit: 255)
                ttl = number.map { UInt8(truncatingIfNeeded: $0) }
            default: break
            }
        }
        if parameters.isMalformed { throw .badVia }
    }
}

extension Via.Transport {
    fileprivate init(_ text: Span<UInt8>) {
        switch text.count {
        case 3 where text.isEqualIgnoringCase(to: "UDP"): self = .udp
        case 3 where text.isEqualIgnoringCase(to: "TCP"): self = .tcp
        case 3 where text.isEqualIgnoringCase(to: "TLS"): self = .tls
        case 4 where text.isEqualIgnoringCase(to: "SCTP"): self = .sctp
        case 2 where text.isEqualIgnoringCase(to: "WS"): self = .ws
        case 3 where text.isEqualIgnoringCase(to: "WSS"): self = .wss
        default: self = .other
        }
    }
}

extension Span where Element == UInt8 {
    /// The index after a host name, an IPv4 address or an IPv6 reference; nil if there is none.
    func endOfHost(from start: Int, to end: Int) -> Int? {
        guard start < end else { return nil }
        var index = start
        guard self[start] == 0x5B else {
            while index < end, Self.isHostByte(self[index]) { index &+= 1 }
            return index > start ? index : nil
        }
        // An IPv6 reference is at most 45 characters long, and its brackets.
        while index < end, index &- start < 48, self[index] != 0x5D { index &+= 1 }
        guard index < end, self[index] == 0x5D else { return nil }
        let isAddress = isIPv6Address((start &+ 1)..<index)
        return isAddress ? index &+ 1 : nil
    }

    /// RFC 4291 §2.2, and what RFC 5118 §4.10 wants tolerated: the grammar of RFC 3261 derives three
    /// colons before an embedded IPv4 address, where two are meant.
    private func isIPv6Address(_ range: Range<Int>) -> Bool {
        guard first(ASCII.colon, in: range) < range.upperBound else { return false }
        if IPAddress(parsing: extracting(range)) != nil { return true }
        var text = InlineArray<48, UInt8>(repeating: 0)
        var count = 0
        var run = 0
        var index = range.lowerBound
        while index < range.upperBound, count < text.count {
            run = self[index] == ASCII.colon ? run &+ 1 : 0
            if run != 3 {
                text[count] = self[index]
                count &+= 1
            }
            index &+= 1
        }
        let hasDot = first(0x2E, in: range) < range.upperBound
        return hasDot && IPAddress(parsing: text.span.extracting(0..<count)) != nil
    }

    /// A port: one to five digits, 0…65,535.
    func port(in range: Range<Int>) -> UInt16? {
        guard range.count <= 5, let number = bytes(ByteSlice(range)).decimal(limit: 65_535) else {
            return nil
        }
        return UInt16(truncatingIfNeeded: number)
    }

    /// Letters, digits, hyphen, dot; underscores too, which host names of real peers hold.
    @inline(__always)
    private static func isHostByte(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }
}
