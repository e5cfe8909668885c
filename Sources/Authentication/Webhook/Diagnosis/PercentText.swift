import Primitives

/// Percent-decoding (RFC 3986 §2.1) and the other spellings of a query that tools make out of it.
enum PercentText {
    /// Each `%XX` as its octet; what is no `%XX` stays.
    static func decoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes.span.percentDecoded(at: index)
            out.append(byte ?? bytes[index])
            index += byte == nil ? 1 : 3
        }
        return String(decoding: out, as: UTF8.self)
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
