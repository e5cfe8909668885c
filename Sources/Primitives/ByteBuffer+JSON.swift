extension ByteBuffer {
    /// `text` as a JSON string with its quotes, safe to stand on one line of a log.
    ///
    /// RFC 8259 §7. Beyond what JSON asks, DEL, C1 controls, U+2028, U+2029 and the marks that turn the
    /// direction of text are escaped, so that no peer can forge or hide part of a line; bytes that are
    /// not UTF-8 become U+FFFD.
    package mutating func appendJSONString(_ text: Span<UInt8>) {
        append(ASCII.quote)
        appendJSONText(text)
        append(ASCII.quote)
    }

    /// Appends text as a JSON string, in quotes and escaped.
    package mutating func appendJSONString(_ text: String) {
        append(ASCII.quote)
        appendJSONText(text)
        append(ASCII.quote)
    }

    /// The same without the quotes, for a JSON string of several parts.
    package mutating func appendJSONText(_ text: Span<UInt8>) {
        var index = 0
        var plainStart = 0
        while index < text.count {
            let byte = text[index]
            if byte >= 0x20, byte < 0x7F, byte != ASCII.quote, byte != ASCII.backslash {
                index &+= 1
                continue
            }
            append(text.extracting(plainStart..<index))
            index &+= appendEscaped(text, at: index)
            plainStart = index
        }
        append(text.extracting(plainStart..<text.count))
    }

    /// Appends text as it stands within a JSON string, escaped.
    package mutating func appendJSONText(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe appendJSONText($0.span) }
    }

    /// Writes what stands at `index` and returns how many bytes of `text` it was.
    private mutating func appendEscaped(_ text: Span<UInt8>, at index: Int) -> Int {
        let byte = text[index]
        switch byte {
        case ASCII.quote: append("\\\"")
        case ASCII.backslash: append("\\\\")
        case ASCII.lineFeed: append("\\n")
        case ASCII.carriageReturn: append("\\r")
        case ASCII.tab: append("\\t")
        case 0..<0x20, 0x7F: appendEscape(UInt32(byte))
        default:
            guard let (scalar, length) = UTF8Scalar.decode(text, at: index) else {
                append("\\ufffd")
                return 1
            }
            if UTF8Scalar.isUnsafeInLog(scalar) {
                appendEscape(scalar)
            } else {
                append(text.extracting(index..<(index + length)))
            }
            return length
        }
        return 1
    }

    private mutating func appendEscape(_ scalar: UInt32) {
        append("\\u")
        appendHex(UInt64(scalar), digits: 4)
    }
}

extension String {
    /// The text as a JSON string in its quotes: nothing in it can steer a terminal.
    package var quoted: String {
        var out = ByteBuffer()
        out.appendJSONString(self)
        return out.text
    }
}

/// One step of a strict UTF-8 decoder (RFC 3629 §3): no overlong forms, no surrogates.
package enum UTF8Scalar {
    /// The scalar that starts at `index` and its length in bytes, or nil when it is not UTF-8.
    package static func decode(_ text: Span<UInt8>, at index: Int) -> (scalar: UInt32, length: Int)?
    {
        let first = text[index]
        let length: Int
        var scalar: UInt32
        let least: UInt32
        switch first {
        case 0..<0x80: return (UInt32(first), 1)
        case 0xC2...0xDF: (length, scalar, least) = (2, UInt32(first & 0x1F), 0x80)
        case 0xE0...0xEF: (length, scalar, least) = (3, UInt32(first & 0x0F), 0x800)
        case 0xF0...0xF4: (length, scalar, least) = (4, UInt32(first & 0x07), 0x10000)
        default: return nil
        }
        guard index + length <= text.count else { return nil }
        for offset in 1..<length {
            let byte = text[index + offset]
            guard byte & 0xC0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        guard scalar >= least, scalar <= 0x10FFFF, !(0xD800...0xDFFF).contains(scalar) else {
            return nil
        }
        return (scalar, length)
    }

    /// C1 controls, line and paragraph separators, and marks that change the direction of text.
    static func isUnsafeInLog(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x80...0x9F, 0x2028...0x2029, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069,
            0xFEFF, 0x061C:
            true
        default: false
        }
    }
}
