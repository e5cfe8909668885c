import Primitives

/// An answer: filled in by a door or an API, written behind earlier answers by the connection.
///
/// Made once and used again for every request of a loop, so that answering allocates nothing:
/// `reset`, then type, fields and `body`.
package struct HTTPResponse: Sendable {
    package private(set) var status: HTTPStatus
    /// The media type of `body`; nil sends no Content-Type.
    package var contentType: StaticString?
    /// The content; for HEAD only its length is sent.
    ///
    /// Left out with 204 and 304.
    package var body = ByteBuffer(capacity: 1_024)
    /// Whether the connection is closed after this answer.
    package var closesConnection = false
    private var fields = ByteBuffer(capacity: 256)

    package init(_ status: HTTPStatus = .ok) {
        self.status = status
    }

    /// Starts another answer and keeps the memory.
    package mutating func reset(_ status: HTTPStatus, contentType: StaticString? = nil) {
        self.status = status
        self.contentType = contentType
        body.removeAll()
        closesConnection = false
        fields.removeAll()
    }

    /// Adds a field line unless `value` holds a control character.
    ///
    /// A CR or LF in a value would end the line and let whoever chose the value write the rest of
    /// the answer (response splitting), and NUL is read differently from client to client (RFC 9110
    /// §5.5). Such a value is left out as a whole, because half of it would be a lie.
    /// - Parameters:
    ///   - name: A token. Content-Type, Content-Length, Connection, Date and Transfer-Encoding are
    ///     written by the connection and must not be added.
    ///   - value: Any octets from 0x20 up but DEL, and tabs.
    /// - Returns: Whether the field was added.
    @discardableResult
    package mutating func addField(_ name: StaticString, _ value: Span<UInt8>) -> Bool {
        guard value.firstControl(from: 0) == value.count else { return false }
        fields.append(name)
        fields.append(": ")
        fields.append(value)
        fields.append("\r\n")
        return true
    }

    @discardableResult
    package mutating func addField(_ name: StaticString, _ value: StaticString) -> Bool {
        value.withUTF8Buffer { unsafe addField(name, $0.span) }
    }

    /// For values that are made as text; literals go to the overload above.
    @_disfavoredOverload
    @discardableResult
    package mutating func addField(_ name: StaticString, _ value: String) -> Bool {
        let bytes = Array(value.utf8)
        return addField(name, bytes.span)
    }

    package mutating func addField(_ name: StaticString, _ value: Int) {
        fields.append(name)
        fields.append(": ")
        fields.appendDecimal(value)
        fields.append("\r\n")
    }

    /// Adds `Allow`, which a 405 must carry (RFC 9110 §15.5.6).
    package mutating func addAllow(_ methods: HTTPMethodSet) {
        fields.append("Allow: ")
        fields.append(methods)
        fields.append("\r\n")
    }

    /// What the answer says about the connection.
    package enum Persistence: Sendable {
        /// HTTP/1.1 persists without a word (RFC 9112 §9.3).
        case implied
        /// To a client of HTTP/1.0 that asked for it.
        case keepAlive
        case close
    }

    /// Appends the whole answer to `output`.
    ///
    /// With `isHead` it is the answer to a GET without its content (RFC 9110 §9.3.2).
    package func write(
        to output: inout ByteBuffer,
        date: borrowing HTTPDate,
        persistence: Persistence,
        isHead: Bool = false
    ) {
        output.append("HTTP/1.1 ")
        output.append(status.text)
        output.append("\r\n")
        output.append(date.line.span)
        if let contentType, status.allowsBody {
            output.append("Content-Type: ")
            output.append(contentType)
            output.append("\r\n")
        }
        if status.allowsBody {
            // RFC 9110 §8.6: always sent, also when zero, so that no answer ends by closing; never
            // with 204, and with 304 it would describe content that is not here.
            output.append("Content-Length: ")
            output.appendDecimal(body.count)
            output.append("\r\n")
        }
        output.append(fields.span)
        switch persistence {
        case .implied: output.append("\r\n")
        case .keepAlive: output.append("Connection: keep-alive\r\n\r\n")
        case .close: output.append("Connection: close\r\n\r\n")
        }
        if !isHead, status.allowsBody { output.append(body.span) }
    }
}
