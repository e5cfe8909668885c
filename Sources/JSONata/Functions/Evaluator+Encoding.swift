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
            let kept = builtin == .encodeUrl ? Self.reserved : ""
            return .string(encoded(text, keeping: Self.unreserved + kept))
        default:
            let kept = builtin == .decodeUrl ? Self.reserved : ""
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

    private func encoded(_ text: String, keeping kept: String) -> String {
        var result: [UInt8] = []
        let kept = Array(kept.utf8)
        for byte in text.utf8 {
            if ASCII.isAlphanumeric(byte) || kept.contains(byte) {
                result.append(byte)
            } else {
                result.append(ASCII.percent)
                result.append(upperHexDigit(byte >> 4))
                result.append(upperHexDigit(byte & 0x0F))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func upperHexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x37 + nibble
    }

    /// nil if an escape is broken or the octets are not UTF-8.
    private func decoded(_ text: String, keeping kept: String) -> String? {
        let bytes = Array(text.utf8)
        let kept = Array(kept.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == ASCII.percent else {
                result.append(bytes[index])
                index += 1
                continue
            }
            guard index + 2 < bytes.count, let high = ASCII.hexValue(bytes[index + 1]),
                let low = ASCII.hexValue(bytes[index + 2])
            else { return nil }
            let byte = high << 4 | low
            if kept.contains(byte) {
                result.append(contentsOf: bytes[index..<(index + 3)])
            } else {
                result.append(byte)
            }
            index += 3
        }
        return String(validating: result, as: UTF8.self)
    }

    /// ECMA-262 §19.2.6.5: `uriUnescaped` without letters and digits, and `uriReserved` with `#`.
    private static let unreserved = "-_.!~*'()"
    private static let reserved = ";/?:@&=+$,#"
}
