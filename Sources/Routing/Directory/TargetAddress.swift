import Primitives

/// Decides, when a target is saved, whether calls may be sent to it.
///
/// Carriers refuse some targets only when a call comes (Twilio's error 32219: malformed, private, or
/// its own domains), and a URI that reads differently to two parsers sends calls to strangers. So a
/// target is taken only in its plainest form. Names are not resolved here.
package enum TargetAddress {
    /// Why a call must not be sent to `uri`, or nil when it may.
    package static func fault(in uri: String, allowsPrivate: Bool) -> TargetFault? {
        let bytes = Array(uri.utf8)
        return fault(in: bytes.span, allowsPrivate: allowsPrivate)
    }

    /// URIs of 255 octets and more do not fit into SIP answers over UDP beside their siblings.
    package static let byteCountMax = 254

    static func fault(in uri: Span<UInt8>, allowsPrivate: Bool) -> TargetFault? {
        guard uri.count > 0 else { return .empty }
        guard uri.count <= byteCountMax else { return .tooLong }
        if let fault = octetFault(in: uri) { return fault }
        if uri[0] == 0x2B { return PhoneNumber(parsing: uri) == nil ? .notE164 : nil }
        guard let colon = uri.firstIndex(of: ASCII.colon) else { return .noScheme }
        let scheme = uri.extracting(0..<colon)
        let rest = uri.extracting((colon + 1)..<uri.count)
        if scheme.isEqualIgnoringCase(to: "sip") || scheme.isEqualIgnoringCase(to: "sips") {
            return sipFault(in: rest, allowsPrivate: allowsPrivate)
        }
        if scheme.isEqualIgnoringCase(to: "tel") { return telFault(in: rest) }
        if scheme.isEqualIgnoringCase(to: "wss") || scheme.isEqualIgnoringCase(to: "https") {
            return webFault(in: rest, allowsPrivate: allowsPrivate)
        }
        if scheme.isEqualIgnoringCase(to: "ws") || scheme.isEqualIgnoringCase(to: "http") {
            return .notEncrypted
        }
        return .unknownScheme
    }

    // MARK: - Schemes

    /// RFC 3261 §19.1.1: `[user@]host[:port][;parameters][?headers]`.
    private static func sipFault(in rest: Span<UInt8>, allowsPrivate: Bool) -> TargetFault? {
        var hostStart = 0
        if let at = rest.firstIndex(of: ASCII.at) {
            let user = rest.extracting(0..<at)
            guard rest.firstIndex(of: ASCII.at, from: at + 1) == nil else { return .twoAts }
            guard user.count > 0 else { return .emptyUser }
            guard user.firstIndex(of: ASCII.colon) == nil else { return .password }
            for stop: UInt8 in [0x2F, ASCII.question, 0x23, 0x5B, 0x5D] {
                guard user.firstIndex(of: stop) == nil else { return .oddUser }
            }
            hostStart = at + 1
        }
        let hostPart = rest.extracting(hostStart..<rest.count)
        let question = hostPart.firstIndex(of: ASCII.question) ?? hostPart.count
        let semicolon =
            hostPart.extracting(0..<question).firstIndex(of: ASCII.semicolon) ?? question
        if let fault = authorityFault(in: hostPart.extracting(0..<semicolon), allowsPrivate) {
            return fault
        }
        if let fault = parameterFault(in: hostPart.extracting(semicolon..<question)) {
            return fault
        }
        guard question < hostPart.count else { return nil }
        return headerFault(in: hostPart.extracting((question + 1)..<hostPart.count))
    }

    /// `;name[=value]…`; the parameters that send the request elsewhere are refused.
    private static func parameterFault(in text: Span<UInt8>) -> TargetFault? {
        var start = 0
        while start < text.count {
            let end = text.firstIndex(of: ASCII.semicolon, from: start + 1) ?? text.count
            let parameter = text.extracting((start + 1)..<end)
            let equals = parameter.firstIndex(of: ASCII.equals) ?? parameter.count
            let name = parameter.extracting(0..<equals)
            guard name.count > 0, hasOnlyTokens(name) else { return .oddParameter }
            for forbidden: StaticString in ["maddr", "method", "ttl"] {
                guard !name.isEqualIgnoringCase(to: forbidden) else { return .redirectingParameter }
            }
            for stop: UInt8 in [ASCII.at, 0x2F, ASCII.comma] {
                guard parameter.firstIndex(of: stop) == nil else { return .oddParameter }
            }
            start = end
        }
        return nil
    }

    /// RFC 3261 §19.1.5 warns of headers in URIs: only `X-` headers are let through.
    private static func headerFault(in text: Span<UInt8>) -> TargetFault? {
        var start = 0
        while start <= text.count {
            let end = text.firstIndex(of: 0x26, from: start) ?? text.count
            let header = text.extracting(start..<end)
            let equals = header.firstIndex(of: ASCII.equals) ?? header.count
            let name = header.extracting(0..<equals)
            guard name.count > 2, name[0] | 0x20 == 0x78, name[1] == 0x2D, equals < header.count,
                hasOnlyTokens(name)
            else { return .forbiddenHeader }
            start = end + 1
        }
        return nil
    }

    /// RFC 3966 §3, global numbers only: what a local one means depends on who dials it.
    private static func telFault(in rest: Span<UInt8>) -> TargetFault? {
        let semicolon = rest.firstIndex(of: ASCII.semicolon) ?? rest.count
        guard rest.count > 0, rest[0] == 0x2B else { return .localNumber }
        var digits = [UInt8(0x2B)]
        for index in 1..<semicolon {
            let byte = rest[index]
            if ASCII.isDigit(byte) {
                digits.append(byte)
            } else if ![0x2D, 0x2E, 0x28, 0x29].contains(byte) {
                return .notE164
            }
        }
        guard PhoneNumber(parsing: digits.span) != nil else { return .notE164 }
        return parameterFault(in: rest.extracting(semicolon..<rest.count))
    }

    /// `//host[:port][/path][?query]`, without user information and without fragment.
    private static func webFault(in rest: Span<UInt8>, allowsPrivate: Bool) -> TargetFault? {
        guard rest.count > 2, rest[0] == 0x2F, rest[1] == 0x2F else { return .noHost }
        guard rest.firstIndex(of: 0x23) == nil else { return .fragment }
        var end = 2
        while end < rest.count, rest[end] != 0x2F, rest[end] != ASCII.question { end += 1 }
        let authority = rest.extracting(2..<end)
        guard authority.firstIndex(of: ASCII.at) == nil else { return .password }
        return authorityFault(in: authority, allowsPrivate)
    }

    // MARK: - Hosts

    private static func authorityFault(in text: Span<UInt8>, _ allowsPrivate: Bool) -> TargetFault?
    {
        var hostEnd = text.count
        if text.count > 0, text[0] == 0x5B {
            guard let bracket = text.firstIndex(of: 0x5D) else { return .noHost }
            hostEnd = bracket + 1
        } else if let colon = text.firstIndex(of: ASCII.colon) {
            hostEnd = colon
        }
        if hostEnd < text.count {
            guard text[hostEnd] == ASCII.colon else { return .noHost }
            let digits = text.extracting((hostEnd + 1)..<text.count)
            guard digits.count <= 5, let port = digits.decimal(limit: 65_535), port > 0 else {
                return .badPort
            }
        }
        return TargetHost.fault(in: text.extracting(0..<hostEnd), allowsPrivate: allowsPrivate)
    }

    // MARK: - Octets

    /// RFC 3986 §2: only these octets are part of a URI, and an escape must not hide a control octet
    /// or an `@` that a lax reader would act on.
    private static func octetFault(in uri: Span<UInt8>) -> TargetFault? {
        var index = 0
        while index < uri.count {
            let byte = uri[index]
            guard byte > ASCII.space, byte < 0x7F else { return .forbiddenOctet }
            switch byte {
            case ASCII.quote, ASCII.less, ASCII.greater, ASCII.backslash, 0x5E, 0x60, 0x7B...0x7D:
                return .forbiddenOctet
            case ASCII.percent:
                guard index + 2 < uri.count, let high = ASCII.hexValue(uri[index + 1]),
                    let low = ASCII.hexValue(uri[index + 2])
                else { return .badEscape }
                let escaped = high << 4 | low
                guard !ASCII.isControl(escaped), escaped != ASCII.at else { return .hiddenOctet }
                index += 3
            default:
                index += 1
            }
        }
        return nil
    }

    private static func hasOnlyTokens(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where !ASCII.isToken(text[index]) { return false }
        return true
    }
}
