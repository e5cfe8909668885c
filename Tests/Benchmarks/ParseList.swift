import Glibc
import Primitives
import SIP

/// What the parser makes of each message of a list, one line each: for comparison with other parsers.
///
/// Standard input holds the messages, each behind its length in four octets, the highest first. A line
/// is verdict, method, user of the Request-URI, Call-ID, sequence number, its method, and the octets of
/// the body, with tabs between them; text is in hexadecimal digits.
enum ParseList {
    static func run() {
        var message = SIPMessage()
        var out = ByteBuffer()
        while let bytes = next() {
            message.parse(bytes.span, framing: .datagram)
            append(message, bytes, to: &out)
            if out.count > 60_000 { flush(&out) }
        }
        flush(&out)
    }

    private static func append(_ message: SIPMessage, _ bytes: [UInt8], to out: inout ByteBuffer) {
        let span = bytes.span
        let envelope = RequestEnvelope(of: message, in: span)
        out.append(verdict(on: message, envelope, bytes))
        let uri = SIPURI(message.requestURI, in: span)
        for slice in [
            message.methodName, uri.map(whole) ?? .empty, envelope?.callID ?? .empty,
        ] {
            out.append(ASCII.tab)
            appendHex(span.bytes(slice), to: &out)
        }
        out.append(ASCII.tab)
        out.appendDecimal(Int(envelope?.cseq.number ?? 0))
        out.append(ASCII.tab)
        appendHex(span.bytes(envelope?.cseq.methodName ?? .empty), to: &out)
        out.append(ASCII.tab)
        out.appendDecimal(Int(message.body.count))
        out.append(ASCII.lineFeed)
    }

    /// The user with its parameters.
    private static func whole(_ uri: SIPURI) -> ByteSlice {
        ByteSlice(uri.user.lowerBound..<max(uri.userParameters.upperBound, uri.user.upperBound))
    }

    private static func verdict(
        on message: SIPMessage,
        _ envelope: RequestEnvelope?,
        _ bytes: [UInt8]
    ) -> String {
        if let defect = envelope?.defect ?? message.defect { return "\(defect)" }
        switch RequestCheck().verdict(on: message, envelope: envelope, in: bytes.span) {
        case .route, .acknowledge, .cancel: return "taken"
        case .answer(let answer): return "\(answer.status.code)"
        case .ignore(let silence): return "\(silence)"
        }
    }

    private static func next() -> [UInt8]? {
        guard let head = read(4) else { return nil }
        return read(head.reduce(0) { $0 << 8 | Int($1) })
    }

    private static func read(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var piece = [UInt8](repeating: 0, count: count - bytes.count)
            let found = Glibc.read(STDIN_FILENO, &piece, piece.count)
            guard found > 0 else { return nil }
            bytes += piece.prefix(found)
        }
        return bytes
    }

    private static func appendHex(_ bytes: Span<UInt8>, to out: inout ByteBuffer) {
        for index in bytes.indices { out.appendHex(UInt64(bytes[index]), digits: 2) }
    }

    private static func flush(_ out: inout ByteBuffer) {
        print(out.text, terminator: "")
        out.removeAll()
    }
}
