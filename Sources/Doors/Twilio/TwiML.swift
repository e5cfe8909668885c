import Primitives
import Routing

/// Writes a TwiML document into a buffer: elements and attributes, every value escaped.
///
/// Nothing stands before `<?xml` (Twilio error 12100). What XML 1.0 §2.2 cannot hold at all, control
/// characters and bytes that are not UTF-8, becomes U+FFFD, so that the document is always well formed.
package struct TwiML: ~Copyable {
    private var buffer: ByteBuffer
    /// Whether a start tag still waits for its `>` or `/>`.
    private var isOpen = false

    /// Takes the buffer over, until `finish` gives it back, and starts a document at its end.
    ///
    /// The two are swapped: a buffer that is handed over as a value has two owners for a moment, and its
    /// first write would copy it.
    package init(appendingTo body: inout ByteBuffer) {
        buffer = ByteBuffer()
        swap(&buffer, &body)
        self.buffer.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        begin("Response")
    }

    package mutating func begin(_ name: StaticString) {
        closeTag()
        buffer.append(ASCII.less)
        buffer.append(name)
        isOpen = true
    }

    package mutating func end(_ name: StaticString) {
        guard !isOpen else {
            buffer.append("/>")
            isOpen = false
            return
        }
        buffer.append("</")
        buffer.append(name)
        buffer.append(ASCII.greater)
    }

    package mutating func attribute(_ name: StaticString, _ value: Span<UInt8>) {
        beginAttribute(name)
        append(value)
        endAttribute()
    }

    package mutating func attribute(_ name: StaticString, _ value: StaticString) {
        value.withUTF8Buffer { unsafe attribute(name, $0.span) }
    }

    package mutating func attribute(_ name: StaticString, _ value: Int) {
        beginAttribute(name)
        buffer.appendDecimal(value)
        endAttribute()
    }

    /// Starts an attribute whose value follows in pieces, by `append`.
    mutating func beginAttribute(_ name: StaticString) {
        buffer.append(ASCII.space)
        buffer.append(name)
        buffer.append("=\"")
    }

    mutating func endAttribute() {
        buffer.append(ASCII.quote)
    }

    /// Starts the text of the element that was begun last.
    package mutating func beginText() {
        closeTag()
    }

    /// Appends text of an element or a value, escaped.
    package mutating func append(_ text: Span<UInt8>) {
        var plainStart = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte >= 0x20, byte < 0x7F, !Self.isMarkup(byte) {
                index &+= 1
                continue
            }
            buffer.append(text.extracting(plainStart..<index))
            index &+= appendEscaped(text, at: index)
            plainStart = index
        }
        buffer.append(text.extracting(plainStart..<text.count))
    }

    package mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe append($0.span) }
    }

    package mutating func append(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe append($0.span) }
    }

    package mutating func appendDecimal(_ value: Int) {
        buffer.appendDecimal(value)
    }

    mutating func appendHex(_ value: UInt64) {
        buffer.appendHex(value)
    }

    /// Appends text in which all but RFC 3986's unreserved characters are percent-encoded.
    package mutating func appendPercentEncoded(_ text: Span<UInt8>) {
        buffer.appendPercentEncoded(text)
    }

    package mutating func appendPercentEncoded(_ text: String) {
        buffer.appendPercentEncoded(text)
    }

    /// Appends the value of a part, which is percent-encoded.
    mutating func append(_ part: Enclosure.Parts, of text: EnclosedText) {
        text.append(part, to: &buffer)
    }

    /// Ends the document and gives the buffer back.
    package mutating func finish(into body: inout ByteBuffer) {
        end("Response")
        swap(&buffer, &body)
    }

    private mutating func closeTag() {
        guard isOpen else { return }
        buffer.append(ASCII.greater)
        isOpen = false
    }

    private static func isMarkup(_ byte: UInt8) -> Bool {
        byte == 0x26 || byte == ASCII.less || byte == ASCII.greater || byte == ASCII.quote
            || byte == 0x27
    }

    /// Writes what stands at `index` and returns how many bytes of `text` it was.
    private mutating func appendEscaped(_ text: Span<UInt8>, at index: Int) -> Int {
        switch text[index] {
        case 0x26: buffer.append("&amp;")
        case ASCII.less: buffer.append("&lt;")
        case ASCII.greater: buffer.append("&gt;")
        case ASCII.quote: buffer.append("&quot;")
        case 0x27: buffer.append("&apos;")
        case ASCII.tab: buffer.append("&#9;")
        case ASCII.lineFeed: buffer.append("&#10;")
        case ASCII.carriageReturn: buffer.append("&#13;")
        default:
            guard let (scalar, length) = UTF8Scalar.decode(text, at: index), scalar >= 0xA0,
                scalar & 0xFFFE != 0xFFFE
            else {
                buffer.append("\u{FFFD}")
                return 1
            }
            buffer.append(text.extracting(index..<(index + length)))
            return length
        }
        return 1
    }
}
