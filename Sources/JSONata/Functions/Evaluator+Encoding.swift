import Primitives

/// Base64 and percent encoding, as JavaScript's `btoa`, `atob`, `encodeURI` and their kin.
extension Evaluator {
    func encoding(_ builtin: Builtin, _ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        guard let text = arguments.string(0) else { return nil }
        try charge(text.utf8.count / Self.bytesPerOperation)
        switch builtin {
        case .base64encode:
            // Each character stands for an octet; of higher ones only the low octet counts.
            let bytes = text.utf16.map { UInt8(truncatingIfNeeded: $0) }
            return .string(String(decoding: Base64.encode(bytes.span), as: UTF8.self))
        case .base64decode: return .string(decodedBase64(text))
        case .encodeUrlComponent, .encodeUrl:
            // Half of a surrogate pair, which has no octets, was read as U+FFFD.
            guard !text.unicodeScalars.contains("\u{FFFD}") else {
                throw JSONataError(.D3140, token: "\(builtin)", value: .string(text))
            }
            let kept: ASCIISet = builtin == .encodeUrl ? Self.reserved : ""
            return .string(text.percentEncoded(keeping: Self.marks.union(kept)))
        default:
            let kept: ASCIISet = builtin == .decodeUrl ? Self.reserved : ""
            guard let decoded = decoded(text, keeping: kept) else {
                throw JSONataError(.D3140, token: "\(builtin)", value: .string(text))
            }
            return .string(decoded)
        }
    }

    /// Takes both alphabets, does without padding and skips everything else, as Node.js does.
    private func decodedBase64(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var word: UInt32 = 0
        var bitCount: UInt32 = 0
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case 0x41...0x5A: value = byte - 0x41
            case 0x61...0x7A: value = byte - 0x61 + 26
            case 0x30...0x39: value = byte - 0x30 + 52
            case 0x2B, 0x2D: value = 62
            case 0x2F, 0x5F: value = 63
            case ASCII.equals: return String(scalars)
            default: continue
            }
            word = word << 6 | UInt32(value)
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            scalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: word >> bitCount)))
        }
        return String(scalars)
    }

    /// nil if an escape is broken or the octets are not UTF-8.
    private func decoded(_ text: String, keeping kept: ASCIISet) -> String? {
        let bytes = Array(text.utf8)
        var result = ByteBuffer()
        guard result.appendPercentDecoded(bytes.span, keeping: kept) else { return nil }
        return String(validating: result.span.array, as: UTF8.self)
    }

    /// ECMA-262 §19.2.6.5: what `uriUnescaped` has beside RFC 3986's unreserved characters, and
    /// `uriReserved` with `#`.
    private static let marks: ASCIISet = "!*'()"
    private static let reserved: ASCIISet = ";/?:@&=+$,#"
}
