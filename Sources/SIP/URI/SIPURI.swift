import Primitives

/// A URI as offsets: `sip:`, `sips:` (RFC 3261 §19.1), `tel:` (RFC 3966), or one that is only known
/// by its scheme.
package struct SIPURI: Sendable, BitwiseCopyable {
    package enum Scheme: UInt8, Hashable, Sendable, BitwiseCopyable { case sip, sips, tel, other }

    package var scheme = Scheme.other
    /// All of it.
    package var whole = ByteSlice.empty
    /// The user without its parameters, escapes and all; for `tel:` the number.
    package var user = ByteSlice.empty
    /// What follows the first semicolon of the user, from that semicolon on: `;npdi;rn=+1555`.
    package var userParameters = ByteSlice.empty
    package var password = ByteSlice.empty
    /// A host name, an IPv4 address or an IPv6 reference in its brackets; empty for `tel:`.
    package var host = ByteSlice.empty
    package var port: UInt16?
    /// From the first semicolon after the host; for `tel:` after the number.
    package var parameters = ByteSlice.empty
    /// What follows the question mark.
    package var headers = ByteSlice.empty

    package var hasUser: Bool { !user.isEmpty || !userParameters.isEmpty }

    /// Reads a URI; nil if it is none.
    ///
    /// Octets that only a quoted string may hold make it none.
    package init?(_ slice: ByteSlice, in bytes: Span<UInt8>) {
        guard slice.upperBound <= bytes.count, bytes.isURIText(slice.range) else { return nil }
        whole = slice
        let colon = bytes.first(ASCII.colon, in: slice.range)
        guard colon < slice.upperBound,
            let scheme = Scheme(bytes.extracting(slice.lowerBound..<colon))
        else { return nil }
        self.scheme = scheme
        let rest = (colon &+ 1)..<slice.upperBound
        switch scheme {
        case .sip, .sips: guard readSIP(rest, in: bytes) else { return nil }
        case .tel: readTelephone(rest, in: bytes)
        case .other: break
        }
    }

    /// The value of a parameter of the URI, `transport` or `user` say.
    package func parameter(_ name: StaticString, in bytes: Span<UInt8>) -> Parameter? {
        Parameters.find(name, in: parameters, of: bytes)
    }

    /// What follows the scheme: `[user[;parameters][:password]@]host[:port][;parameters][?headers]`.
    private mutating func readSIP(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        var start = range.lowerBound
        let at = bytes.first(ASCII.at, in: range)
        if at < range.upperBound {
            readUser(start..<at, in: bytes)
            guard hasUser else { return false }
            start = at &+ 1
        }
        guard let hostEnd = bytes.endOfHost(from: start, to: range.upperBound) else { return false }
        host = ByteSlice(start: start, count: hostEnd &- start)
        var index = hostEnd
        if index < range.upperBound, bytes[index] == ASCII.colon {
            let portStart = index &+ 1
            index = portStart
            while index < range.upperBound, ASCII.isDigit(bytes[index]) { index &+= 1 }
            guard let number = bytes.port(in: portStart..<index) else { return false }
            port = number
        }
        let question = bytes.first(ASCII.question, in: index..<range.upperBound)
        if question < range.upperBound {
            headers = ByteSlice((question &+ 1)..<range.upperBound)
        }
        parameters = ByteSlice(index..<question)
        return parameters.isEmpty || bytes[index] == ASCII.semicolon
    }

    private mutating func readUser(_ range: Range<Int>, in bytes: Span<UInt8>) {
        let colon = bytes.first(ASCII.colon, in: range)
        if colon < range.upperBound { password = ByteSlice((colon &+ 1)..<range.upperBound) }
        let semicolon = bytes.first(ASCII.semicolon, in: range.lowerBound..<colon)
        user = ByteSlice(range.lowerBound..<semicolon)
        userParameters = ByteSlice(semicolon..<colon)
    }

    private mutating func readTelephone(_ range: Range<Int>, in bytes: Span<UInt8>) {
        let semicolon = bytes.first(ASCII.semicolon, in: range)
        user = ByteSlice(range.lowerBound..<semicolon)
        parameters = ByteSlice(semicolon..<range.upperBound)
    }
}

extension SIPURI.Scheme {
    /// RFC 3986 §3.1: a letter, then letters, digits, `+`, `-` and `.`.
    fileprivate init?(_ text: Span<UInt8>) {
        guard text.count > 0, ASCII.isLetter(text[0]) else { return nil }
        switch text.count {
        case 3 where text.isEqualIgnoringCase(to: "sip"): self = .sip
        case 4 where text.isEqualIgnoringCase(to: "sips"): self = .sips
        case 3 where text.isEqualIgnoringCase(to: "tel"): self = .tel
        default:
            var index = 1
            while index < text.count {
                let byte = text[index]
                guard ASCII.isAlphanumeric(byte) || byte == 0x2B || byte == 0x2D || byte == 0x2E
                else { return nil }
                index &+= 1
            }
            self = .other
        }
    }
}

extension Span where Element == UInt8 {
    /// Visible octets without quotes and angle brackets, and every percent sign with two digits.
    fileprivate func isURIText(_ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = self[index]
            // One bit for each character below 64: all that are visible but `"`, `<` and `>`.
            let isPlain =
                byte < 64
                ? (0xAFFF_FFFA_0000_0000 as UInt64 &>> UInt64(byte)) & 1 == 1 : byte != 0x7F
            guard isPlain else { return false }
            if byte == ASCII.percent {
                guard index &+ 2 < range.upperBound, percentDecoded(at: index) != nil else {
                    return false
                }
            }
            index &+= 1
        }
        return true
    }
}

extension Span where Element == UInt8 {
    /// The octet that the character or escape at `index` stands for, and how many octets it takes.
    func unescapedByte(at index: Int) -> (byte: UInt8, count: Int) {
        guard let byte = percentDecoded(at: index) else { return (self[index], 1) }
        return (byte, 3)
    }
}
