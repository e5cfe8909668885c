import Primitives

/// Percent-decoding of captures and single values (RFC 3986 §2.1).
package enum PercentEncoding {
    /// Appends `text` decoded to `output`; a `+` stays a plus, as everywhere outside of forms.
    ///
    /// - Returns: False, with `output` as it was, when `%` is not followed by two hexadecimal
    ///   digits: in a path that is a malformed request, not a literal percent sign.
    package static func decode(_ text: Span<UInt8>, into output: inout ByteBuffer) -> Bool {
        let before = output.count
        var index = 0
        while index < text.count {
            guard text[index] == ASCII.percent else {
                output.append(text[index])
                index &+= 1
                continue
            }
            guard let byte = octet(text, at: index) else {
                output.truncate(to: before)
                return false
            }
            output.append(byte)
            index &+= 3
        }
        return true
    }

    /// The octet that `%XX` at `index` stands for, or nil when that is no escape.
    static func octet(_ text: Span<UInt8>, at index: Int) -> UInt8? {
        guard index &+ 2 < text.count, let high = ASCII.hexValue(text[index &+ 1]),
            let low = ASCII.hexValue(text[index &+ 2])
        else { return nil }
        return high << 4 | low
    }
}
