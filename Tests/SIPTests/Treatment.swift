import Primitives
import SIP

/// Wire text: every line break of a Swift literal is a CRLF.
func wire(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        if byte == 0x0A { bytes.append(0x0D) }
        bytes.append(byte)
    }
    return bytes
}

/// What the core makes of one message.
enum Outcome: Hashable {
    case route
    case acknowledge
    case cancel
    case answer(Int)
    case silence
}

/// A message, parsed and judged as a listener would do it.
struct Treatment {
    var bytes: [UInt8]
    var message: SIPMessage
    var envelope: RequestEnvelope?
    var verdict: RequestVerdict
    static let source = IPEndpoint(address: IPAddress(ipv4: 0xC000_0263), port: 40_000)
    static let key = SipHash.Key(11, 22)

    init(
        _ bytes: [UInt8],
        framing: SIPMessage.Framing = .datagram,
        isDraining: Bool = false
    ) {
        var message = SIPMessage()
        message.parse(bytes.span, framing: framing)
        self.init(bytes, parsed: message, isDraining: isDraining)
    }

    init(_ bytes: [UInt8], parsed message: SIPMessage, isDraining: Bool = false) {
        self.bytes = bytes
        self.message = message
        envelope = RequestEnvelope(of: message, in: bytes.span)
        verdict = RequestCheck(isDraining: isDraining).verdict(
            on: message,
            envelope: envelope,
            in: bytes.span
        )
    }

    init(_ text: String) { self.init(wire(text)) }

    var outcome: Outcome {
        switch verdict {
        case .route: .route
        case .acknowledge: .acknowledge
        case .cancel: .cancel
        case .answer(let answer): .answer(answer.status.code)
        case .ignore: .silence
        }
    }

    /// The answer that the verdict asks for; for a call that would be routed, a 302.
    var response: String? { response(to: Self.source) }

    /// The same to a peer at another address.
    func response(to source: IPEndpoint) -> String? {
        guard let envelope else { return nil }
        let tag = ToTag(for: message, envelope: envelope, in: bytes.span, key: Self.key)
        var out = ByteBuffer()
        switch verdict {
        case .answer(let answer):
            SIPResponse.write(
                answer,
                tag: tag,
                to: source,
                retryAfterSeconds: 5,
                answering: message,
                envelope: envelope,
                in: bytes.span,
                into: &out
            )
        case .route:
            SIPResponse(.movedTemporarily, tag: tag, to: source)
                .begin(answering: message, envelope: envelope, in: bytes.span, into: &out)
            out.appendContact(Array("sip:sales@agents.example.com".utf8).span, preference: 1_000)
            out.endResponse()
        case .acknowledge, .cancel, .ignore: return nil
        }
        return out.text
    }

    func text(_ slice: ByteSlice) -> String { bytes.span.text(slice) }

    func value(_ id: HeaderName) -> String? { message.first(id).map { text($0.value) } }
}

/// A piece of text by itself, and what can be read of it.
struct Piece {
    var bytes: [UInt8]

    init(_ text: String) { bytes = wire(text) }

    private var whole: ByteSlice { ByteSlice(0..<bytes.count) }
    var via: Via? { try? Via(whole, in: bytes.span) }
    var address: NameAddress? { NameAddress(whole, in: bytes.span) }
    var uri: SIPURI? { SIPURI(whole, in: bytes.span) }
    var number: TelephoneText? { uri.flatMap { TelephoneText($0, in: bytes.span) } }
    var bareNumber: TelephoneText? { TelephoneText(bytes.span) }
    var method: SIPMethod { SIPMethod(bytes.span) }

    func text(_ slice: ByteSlice) -> String { bytes.span.text(slice) }

    func parameter(_ name: StaticString, of address: NameAddress) -> Parameter? {
        address.parameter(name, in: bytes.span)
    }
}

/// An INVITE that is routed; tests change one thing in it.
let plainInvite = """
    INVITE sip:+14155550100@gw.example.com SIP/2.0
    Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport
    Max-Forwards: 70
    From: <sip:+12125550123@carrier.example.com>;tag=from1
    To: <sip:+14155550100@gw.example.com>
    Call-ID: call-1@192.0.2.1
    CSeq: 1 INVITE
    Content-Length: 0


    """

extension String {
    /// This message with `line` as another header field, before the last one.
    func adding(_ line: String) -> String {
        changing("Content-Length:", to: line + "\nContent-Length:")
    }

    /// This message with the first `part` in it changed to `other`.
    func changing(_ part: String, to other: String) -> String {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) {
                let end = index(start, offsetBy: part.count)
                return String(self[..<start]) + other + String(self[end...])
            }
            start = index(after: start)
        }
        return self
    }
}

extension SeededRandom {
    mutating func roll(_ sides: Int) -> Int { Int(next() % UInt64(sides)) }

    mutating func chance(_ percent: UInt64) -> Bool { next() % 100 < percent }
}
