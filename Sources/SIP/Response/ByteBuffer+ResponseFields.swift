import Primitives

/// The optional fields of an answer. Whatever they are given, each writes exactly one line.
extension ByteBuffer {
    /// `Contact: <uri>;q=0.9`, one field for each target: naive clients take the first line.
    ///
    /// `preference` is q in thousandths, 0…1,000; nil leaves it out. Octets that cannot stand between
    /// angle brackets are escaped.
    package mutating func appendContact(_ uri: Span<UInt8>, preference: Int? = nil) {
        beginContact()
        appendURI(uri)
        endContact(preference: preference)
    }

    /// Starts a Contact whose URI follows in pieces, by `appendURI`.
    package mutating func beginContact() {
        append("Contact: <")
    }

    /// Ends a Contact that was begun.
    package mutating func endContact(preference: Int? = nil) {
        var text = ShortText()
        text.append(ASCII.greater)
        if let preference { text.appendPreference(preference) }
        text.append("\r\n")
        text.write(to: &self)
    }

    /// `Reason: SIP;cause=404;text="…"` (RFC 3326).
    package mutating func appendReason(cause: Int, text: Span<UInt8>) {
        append("Reason: SIP;cause=")
        appendDecimal(cause)
        append(";text=")
        appendQuoted(text)
        append("\r\n")
    }

    /// `Retry-After: 30`, seconds.
    package mutating func appendRetryAfter(seconds: Int) {
        append("Retry-After: ")
        appendDecimal(Swift.max(seconds, 0))
        append("\r\n")
    }

    /// The end of an answer without a body.
    package mutating func endResponse() {
        append("Content-Length: 0\r\n\r\n")
    }

    /// A quoted-string (RFC 3261 §25.1) of `text` without controls.
    mutating func appendQuoted(_ text: Span<UInt8>) {
        append(ASCII.quote)
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == ASCII.quote || byte == ASCII.backslash { append(ASCII.backslash) }
            if !ASCII.isControl(byte) { append(byte) }
            index &+= 1
        }
        append(ASCII.quote)
    }

    /// A URI or a piece of one; octets that cannot stand between angle brackets are escaped.
    package mutating func appendURI(_ uri: Span<UInt8>) {
        guard !uri.isPlainURI else { return append(uri) }
        var index = 0
        while index < uri.count {
            let byte = uri[index]
            if byte.isPlainInURI {
                append(byte)
            } else {
                append(ASCII.percent)
                append(Hex.digit(byte >> 4))
                append(Hex.digit(byte & 0x0F))
            }
            index &+= 1
        }
    }
}

extension ShortText {
    /// RFC 3261 §25.1, qvalue: at most three decimals; those that are zero are left out.
    fileprivate mutating func appendPreference(_ thousandths: Int) {
        let value = Swift.min(Swift.max(thousandths, 0), 1_000)
        append(";q=")
        appendDecimal(value / 1_000)
        var rest = value % 1_000
        append(0x2E)
        repeat {
            append(UInt8(truncatingIfNeeded: rest / 100) &+ 0x30)
            rest = rest % 100 * 10
        } while rest > 0
    }
}

extension UInt8 {
    /// Visible ASCII, but for quotes, angle brackets and backslash; one bit for each one below 64.
    fileprivate var isPlainInURI: Bool {
        self < 64
            ? (0xAFFF_FFFA_0000_0000 as UInt64 &>> UInt64(self)) & 1 == 1
            : self < 0x7F && self != ASCII.backslash
    }
}

extension Span where Element == UInt8 {
    fileprivate var isPlainURI: Bool {
        var index = 0
        while index < count, self[index].isPlainInURI { index &+= 1 }
        return index == count
    }
}
