import Primitives

/// The request line and the four forms of its target (RFC 9112 §3).
extension HTTPRequest {
    /// Reads `method SP request-target SP HTTP-version`, with exactly one space in each place.
    mutating func parseRequestLine(
        _ bytes: Span<UInt8>,
        _ line: Range<Int>
    ) throws(HTTPRefusal) {
        var methodEnd = line.lowerBound
        while methodEnd < line.upperBound, ASCII.isToken(bytes[methodEnd]) { methodEnd &+= 1 }
        guard methodEnd > line.lowerBound, methodEnd < line.upperBound,
            bytes[methodEnd] == ASCII.space
        else { throw .requestLine }
        methodName = ByteSlice(line.lowerBound..<methodEnd)
        method = HTTPMethod(bytes.extracting(line.lowerBound..<methodEnd))

        let targetStart = methodEnd &+ 1
        var targetEnd = targetStart
        while targetEnd < line.upperBound, Self.isTargetCharacter(bytes[targetEnd]) {
            targetEnd &+= 1
        }
        guard targetEnd > targetStart, targetEnd < line.upperBound,
            bytes[targetEnd] == ASCII.space
        else { throw .requestLine }
        target = ByteSlice(targetStart..<targetEnd)
        version = try Self.version(bytes.extracting((targetEnd &+ 1)..<line.upperBound))
        try splitTarget(bytes)
    }

    /// Visible ASCII without `#`: a fragment is never sent (RFC 9110 §7.1), and octets above 0x7E
    /// must arrive percent-encoded (RFC 3986 §2).
    private static func isTargetCharacter(_ byte: UInt8) -> Bool {
        byte > ASCII.space && byte < 0x7F && byte != 0x23
    }

    /// Reads `HTTP/` in capitals, one digit, a dot, one digit (RFC 9112 §2.3).
    ///
    /// A well-formed version that we do not speak is 505; HTTP/0.9 has none and is malformed.
    private static func version(_ text: Span<UInt8>) throws(HTTPRefusal) -> HTTPVersion {
        guard text.count == 8, text.extracting(0..<5).isEqual(to: "HTTP/"),
            ASCII.isDigit(text[5]), text[6] == 0x2E, ASCII.isDigit(text[7])
        else { throw .requestLine }
        guard text[5] == 0x31, text[7] <= 0x31 else { throw .version }
        return text[7] == 0x31 ? .http11 : .http10
    }

    private mutating func splitTarget(_ bytes: Span<UInt8>) throws(HTTPRefusal) {
        // RFC 9112 §3.2.3: authority-form is for CONNECT alone, and CONNECT takes no other form. A
        // tunnel is refused whatever its target.
        guard method != .connect else { throw .tunnel }
        if bytes[target.lowerBound] == Self.slash {
            splitPath(bytes, from: target.lowerBound)
            return
        }
        if target.count == 1, bytes[target.lowerBound] == Self.asterisk {
            // RFC 9112 §3.2.4: asterisk-form is for OPTIONS alone.
            guard method == .options else { throw .requestTarget }
            path = target
            return
        }
        try splitAbsoluteForm(bytes)
    }

    /// RFC 9112 §3.2.2: a server takes absolute-form from anyone, and its host instead of Host's.
    private mutating func splitAbsoluteForm(_ bytes: Span<UInt8>) throws(HTTPRefusal) {
        let text = bytes.bytes(target)
        let schemeCount =
            text.count >= 7 && text.extracting(0..<7).isEqualIgnoringCase(to: "http://")
            ? 7
            : text.count >= 8 && text.extracting(0..<8).isEqualIgnoringCase(to: "https://")
                ? 8 : 0
        guard schemeCount > 0 else { throw .requestTarget }
        let start = target.lowerBound &+ schemeCount
        var end = start
        while end < target.upperBound, bytes[end] != Self.slash, bytes[end] != ASCII.question {
            end &+= 1
        }
        // RFC 9110 §4.2.4: user information in an http URI is an error; `@` is no host character.
        guard HTTPHost.isValid(bytes.extracting(start..<end)) else { throw .requestTarget }
        authority = ByteSlice(start..<end)
        splitPath(bytes, from: end)
    }

    private mutating func splitPath(_ bytes: Span<UInt8>, from start: Int) {
        var end = start
        while end < target.upperBound, bytes[end] != ASCII.question { end &+= 1 }
        path = ByteSlice(start..<end)
        query = ByteSlice(min(end &+ 1, target.upperBound)..<target.upperBound)
    }

    private static let slash: UInt8 = 0x2F
    private static let asterisk: UInt8 = 0x2A
}
