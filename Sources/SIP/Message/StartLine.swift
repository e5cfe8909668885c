import Primitives

/// The first line of a message: what it says, and whether it is SIP at all (RFC 3261 §7.1, §7.2).
enum StartLine {
    case request(RequestLine)
    case response(StatusLine)
    case notSIP

    struct StatusLine {
        /// 0 when the line is not `SIP/2.0`, a blank and three digits.
        var code: Int
        /// Empty if there is none.
        var reason: ByteSlice
    }

    struct RequestLine {
        var method: ByteSlice
        var uri: ByteSlice
        var defect: SIPDefect?
    }

    /// Reads a line without its line break.
    ///
    /// A request line is known by its last word, `SIP/` and a version; one that has too much white
    /// space is still a request that can be refused.
    init(_ line: Span<UInt8>) {
        if line.hasSIPName(at: 0) {
            self = .response(Self.statusLine(line))
            return
        }
        var end = line.count
        while end > 0, line.isBlank(at: end &- 1) { end &-= 1 }
        var version = end
        while version > 0, line[version &- 1] != ASCII.space { version &-= 1 }
        let methodEnd = line.first(ASCII.space, in: 0..<line.count)
        guard line.hasSIPName(at: version), version > methodEnd else {
            self = .notSIP
            return
        }
        let uri = (methodEnd &+ 1)..<Swift.max(methodEnd &+ 1, version &- 1)
        var request = RequestLine(
            method: ByteSlice(start: 0, count: methodEnd),
            uri: ByteSlice(uri),
            defect: nil
        )
        let isVersionTwo = line.extracting(version..<end).isEqualIgnoringCase(to: "SIP/2.0")
        if !line.extracting(0..<methodEnd).isToken || end != line.count || !line.isPlain(uri) {
            request.defect = .badStartLine
        } else if !isVersionTwo {
            request.defect =
                line.isVersion((version &+ 4)..<end) ? .unsupportedVersion : .badStartLine
        } else if uri.count > SIPLimits.uriBytes {
            request.defect = .uriTooLong
        }
        self = .request(request)
    }

    /// RFC 3261 §7.2: three digits after the version, then a space and the reason, or the end.
    private static func statusLine(_ line: Span<UInt8>) -> StatusLine {
        guard line.count >= 11, line.extracting(0..<8).isEqualIgnoringCase(to: "SIP/2.0 "),
            line.count == 11 || line[11] == ASCII.space,
            let code = line.extracting(8..<11).decimal(), (100...699).contains(code)
        else { return StatusLine(code: 0, reason: .empty) }
        let reason = line.trimmed(Swift.min(12, line.count)..<line.count)
        return StatusLine(code: code, reason: ByteSlice(reason))
    }

    /// Whether `prefix` may still become the first line of a SIP message.
    ///
    /// It is told as early as can be: a TLS handshake at its first octet, `GET /` at its fifth.
    static func mayBegin(with prefix: Span<UInt8>) -> Bool {
        var index = 0
        while index < prefix.count, index <= SIPLimits.methodBytes, ASCII.isToken(prefix[index]) {
            index &+= 1
        }
        if index == prefix.count { return index <= SIPLimits.methodBytes }
        let word = prefix.extracting(0..<index)
        if prefix[index] == 0x2F { return word.isEqualIgnoringCase(to: "SIP") }
        guard index > 0, prefix[index] == ASCII.space else { return false }
        // Nothing but a URI with a scheme follows; what a known method says badly is refused, not cut.
        guard index &+ 1 < prefix.count, SIPMethod(word) == .unknown else { return true }
        return ASCII.isLetter(prefix[index &+ 1]) || prefix[index &+ 1] == ASCII.less
            || prefix[index &+ 1] == ASCII.space
    }
}

extension Span where Element == UInt8 {
    fileprivate func hasSIPName(at start: Int) -> Bool {
        start &+ 4 <= count && extracting(start..<(start &+ 4)).isEqualIgnoringCase(to: "SIP/")
    }

    /// Visible octets only, and at least one.
    fileprivate func isPlain(_ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var index = range.lowerBound
        while index < range.upperBound {
            guard self[index] > ASCII.space, self[index] != 0x7F else { return false }
            index &+= 1
        }
        return true
    }

    /// Digits, a dot, digits.
    fileprivate func isVersion(_ range: Range<Int>) -> Bool {
        let dot = first(0x2E, in: range)
        guard dot < range.upperBound else { return false }
        return extracting(range.lowerBound..<dot).decimal() != nil
            && extracting((dot &+ 1)..<range.upperBound).decimal() != nil
    }
}
