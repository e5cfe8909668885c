import Primitives

/// The grammar of Host and of the authority in a target: `uri-host [ ":" port ]` (RFC 9110 §7.2).
enum HTTPHost {
    /// Whether `text` is a host with an optional port up to 65,535.
    ///
    /// Stricter than RFC 3986 §3.2.2 in two places: an empty host is refused, because an http URI
    /// cannot have one (RFC 9110 §4.2.1), and so is a comma, the trace of two Host fields merged.
    static func isValid(_ text: Span<UInt8>) -> Bool {
        guard text.count > 0 else { return false }
        let hostEnd = text[0] == openBracket ? literalEnd(text) : nameEnd(text)
        guard hostEnd > 0 else { return false }
        guard hostEnd < text.count else { return true }
        guard text[hostEnd] == ASCII.colon else { return false }
        let port = text.extracting((hostEnd &+ 1)..<text.count)
        return port.isEmpty || port.decimal(limit: 65_535) != nil
    }

    /// The index behind `[…]`, or 0 unless an IPv6 address stands between the brackets.
    private static func literalEnd(_ text: Span<UInt8>) -> Int {
        guard let close = text.firstIndex(of: closeBracket), close > 1,
            text.firstIndex(of: ASCII.colon) ?? close < close,
            IPAddress(parsing: text.extracting(1..<close)) != nil
        else { return 0 }
        return close &+ 1
    }

    /// The index behind a reg-name or IPv4 address: unreserved, sub-delims and `%XX` (RFC 3986).
    private static func nameEnd(_ text: Span<UInt8>) -> Int {
        var index = 0
        while index < text.count, text[index] != ASCII.colon {
            if text[index] == ASCII.percent {
                guard index &+ 2 < text.count, ASCII.hexValue(text[index &+ 1]) != nil,
                    ASCII.hexValue(text[index &+ 2]) != nil
                else { return 0 }
                index &+= 3
                continue
            }
            guard isNameCharacter(text[index]) else { return 0 }
            index &+= 1
        }
        return index
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        if ASCII.isAlphanumeric(byte) { return true }
        switch byte {
        case 0x2D, 0x2E, 0x5F, 0x7E: return true  // - . _ ~
        case 0x21, 0x24, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x3B, 0x3D: return true  // !$&'()*+;=
        default: return false
        }
    }

    private static let openBracket: UInt8 = 0x5B
    private static let closeBracket: UInt8 = 0x5D
}
