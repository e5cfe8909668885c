import Primitives

/// The start of an answer: the status line and all that RFC 3261 §8.2.6 wants repeated.
///
/// Use: `response.begin(…, into: &out)`, then optional fields by `out.append…`, then
/// `out.endResponse()`. Everything is appended in one pass; nothing else is written.
package struct SIPResponse: Sendable {
    package var status: SIPStatus
    package var tag: ToTag
    /// Where the request came from, for `received` and `rport`.
    package var source: IPEndpoint

    package init(_ status: SIPStatus, tag: ToTag, to source: IPEndpoint) {
        self.status = status
        self.tag = tag
        self.source = source
    }

    /// Writes the status line, Via, From, To, Call-ID, CSeq, and on a 100 Timestamp.
    ///
    /// Fields are repeated octet for octet with the names that the peer gave them. Line breaks of
    /// folded fields alone become a space each, so that no line of ours starts with octets of a peer.
    package func begin(
        answering request: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        appendStatusLine(into: &out)
        appendVias(of: request, envelope: envelope, in: bytes, into: &out)
        if let field = request.first(.from) { out.appendEcho(of: field, in: bytes) }
        appendTo(of: request, envelope: envelope, in: bytes, into: &out)
        if let field = request.first(.callID) { out.appendEcho(of: field, in: bytes) }
        if let field = request.first(.cseq) { out.appendEcho(of: field, in: bytes) }
        // RFC 3261 §8.2.6.1: a 100 repeats Timestamp.
        if status.code == 100, let field = request.first(.timestamp) {
            out.appendEcho(of: field, in: bytes)
        }
    }

    /// Writes the shortest legal answer, without Content-Length, for a stranger on a datagram socket.
    ///
    /// The caller compares `out.count` with the size of the request and sends nothing if it is larger:
    /// whoever forges a source address must not gain by us.
    package func writeMinimal(
        answering request: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        begin(answering: request, envelope: envelope, in: bytes, into: &out)
        out.append("\r\n")
    }

    private func appendStatusLine(into out: inout ByteBuffer) {
        var text = ShortText()
        text.append("SIP/2.0 ")
        text.appendDecimal(status.code)
        text.append(ASCII.space)
        text.write(to: &out)
        out.append(status.reason)
        out.append("\r\n")
    }

    /// RFC 3261 §8.2.6.2: all Via values in their order.
    private func appendVias(
        of request: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        guard let top = request.first(.via) else { return }
        appendTopVia(top, envelope.via, in: bytes, into: &out)
        guard request.hasRepeated(.via) else { return }
        var isTop = true
        for field in request.fields where field.id == .via {
            if !isTop { out.appendEcho(of: field, in: bytes) }
            isTop = false
        }
    }

    /// RFC 3261 §18.2.1 and RFC 3581 §4: `received` always, `rport` if it was asked for.
    private func appendTopVia(
        _ field: SIPField,
        _ via: Via,
        in bytes: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        var copied = out.appendName(of: field, in: bytes)
        let port = via.responsePortParameter
        let received = via.receivedParameter
        let isPortFirst = received.isEmpty || port.start < received.start
        if !port.isEmpty, isPortFirst { appendPort(port, &copied, field, in: bytes, into: &out) }
        if !received.isEmpty {
            out.appendEcho(copied..<received.lowerBound, of: field, in: bytes)
            appendReceived("received=", into: &out)
            copied = received.upperBound
        }
        if !port.isEmpty, !isPortFirst { appendPort(port, &copied, field, in: bytes, into: &out) }
        if received.isEmpty {
            out.appendEcho(copied..<via.value.upperBound, of: field, in: bytes)
            appendReceived(";received=", into: &out)
            copied = via.value.upperBound
        }
        out.appendEchoAndLineBreak(from: copied, of: field, in: bytes)
    }

    private func appendReceived(_ name: StaticString, into out: inout ByteBuffer) {
        guard source.address.isIPv4 else {
            out.append(name)
            out.append(source.address)
            return
        }
        var text = ShortText()
        text.append(name)
        text.appendIPv4(source.address)
        text.write(to: &out)
    }

    private func appendPort(
        _ parameter: ByteSlice,
        _ copied: inout Int,
        _ field: SIPField,
        in bytes: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        out.appendEcho(copied..<parameter.lowerBound, of: field, in: bytes)
        var text = ShortText()
        text.append("rport=")
        text.appendDecimal(Int(source.port))
        text.write(to: &out)
        copied = parameter.upperBound
    }

    private func appendTo(
        of request: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        guard let field = request.first(.to) else { return }
        // RFC 3261 §8.2.6.2: every answer but a 100 has a To tag.
        guard status.code > 100, !envelope.to.hasTag else {
            return out.appendEcho(of: field, in: bytes)
        }
        let copied = out.appendName(of: field, in: bytes)
        out.appendEcho(copied..<field.value.upperBound, of: field, in: bytes)
        var text = ShortText()
        text.append(";tag=")
        text.appendHex(tag.value)
        text.append("\r\n")
        text.write(to: &out)
    }
}

extension ByteBuffer {
    /// Appends a whole field of the request and a line break.
    mutating func appendEcho(of field: SIPField, in bytes: Span<UInt8>) {
        appendEchoAndLineBreak(from: appendName(of: field, in: bytes), of: field, in: bytes)
    }

    /// Appends the field from `start` on and a line break.
    fileprivate mutating func appendEchoAndLineBreak(
        from start: Int,
        of field: SIPField,
        in bytes: Span<UInt8>
    ) {
        let end = field.value.upperBound
        // The request has the same line break there, unless white space or a bare LF came before it.
        if !field.isFolded, bytes.has(ASCII.carriageReturn, at: end),
            bytes.has(ASCII.lineFeed, at: end &+ 1)
        {
            append(bytes.bytes(ByteSlice(start: start, count: end &+ 2 &- start)))
        } else {
            appendEcho(start..<end, of: field, in: bytes)
            append("\r\n")
        }
    }

    /// Makes ready to copy a field: returns where to copy from.
    ///
    /// White space around the colon other than one blank is not repeated; then the name is written
    /// here.
    fileprivate mutating func appendName(of field: SIPField, in bytes: Span<UInt8>) -> Int {
        let nameEnd = field.name.upperBound
        let gap = field.value.lowerBound &- nameEnd
        if gap <= 2, bytes.has(ASCII.colon, at: nameEnd) { return field.name.lowerBound }
        append(bytes.bytes(field.name))
        append(": ")
        return field.value.lowerBound
    }

    fileprivate mutating func appendEcho(
        _ range: Range<Int>,
        of field: SIPField,
        in bytes: Span<UInt8>
    ) {
        let text = bytes.bytes(ByteSlice(range))
        guard field.isFolded else { return append(text) }
        var index = 0
        while index < text.count {
            let byte = text[index]
            index &+= 1
            guard byte == ASCII.carriageReturn || byte == ASCII.lineFeed else {
                append(byte)
                continue
            }
            // RFC 3261 §7.3.1: a line break and the white space after it mean one space.
            append(ASCII.space)
            index = text.skippingSpace(from: index, to: text.count)
        }
    }
}
