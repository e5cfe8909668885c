import Primitives

/// Percent-encoding (RFC 3986 §2.1) and the other spellings of a query that tools make out of it.
enum PercentText {
    /// Each `%XX` as its octet; what is no `%XX` stays.
    static func decoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == ASCII.percent, index + 2 < bytes.count,
                let high = ASCII.hexValue(bytes[index + 1]),
                let low = ASCII.hexValue(bytes[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Every octet that is neither unreserved nor in `kept` as `%XX`.
    static func encoded(_ text: String, keeping kept: String) -> String {
        let keptBytes = Array(kept.utf8)
        var out = ByteBuffer()
        for byte in text.utf8 {
            let isUnreserved =
                ASCII.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
                || byte == 0x7E
            if isUnreserved || keptBytes.contains(byte) {
                out.append(byte)
            } else {
                out.append(ASCII.percent)
                let digits = [byte >> 4, byte & 0x0F].map { Hex.digit($0) }
                out.append(digits.map { $0 >= 0x61 ? $0 - 0x20 : $0 })
            }
        }
        return out.text
    }

    /// The hexadecimal digits after each `%` in the other case.
    static func escapesFolded(_ text: String, isUpper: Bool) -> String {
        var left = 0
        return String(
            text.map { character in
                defer { left = character == "%" ? 2 : max(left - 1, 0) }
                guard left > 0, character != "%" else { return character }
                return Character(
                    isUpper ? String(character).uppercased() : String(character).lowercased()
                )
            }
        )
    }

    static func replaced(_ text: String, _ old: String, _ new: String) -> String {
        var out = ""
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix(old) {
                out += new
                rest = rest.dropFirst(old.count)
            } else {
                out.append(rest.removeFirst())
            }
        }
        return out
    }
}
