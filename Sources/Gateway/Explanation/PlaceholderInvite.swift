import Authentication
import Doors
import Primitives
import Routing
import SIP

/// The INVITE of a call that is only asked about: a real message, so that the door reads and answers it
/// as any other.
struct PlaceholderInvite {
    let bytes: [UInt8]
    let message: SIPMessage
    let arrival: SIPArrival

    /// `number` is what the trunk made of the dialled text; nil: it made nothing of it.
    ///
    /// Nil where no INVITE could say what the question says.
    init?(_ question: CallQuestion, number: PhoneNumber?, from group: TrunkGroup) {
        let source = Self.source(of: group)
        let bytes = Array(Self.text(question, number: number, source: source).utf8)
        self.bytes = bytes
        var message = SIPMessage()
        message.parse(bytes.span, framing: .datagram)
        self.message = message
        guard let envelope = RequestEnvelope(of: message, in: bytes.span) else { return nil }
        arrival = SIPArrival(
            envelope: envelope,
            source: source,
            isReliable: false,
            group: group,
            tag: ToTag(value: 0)
        )
    }

    /// The first address that the trunk takes calls from; numbers are sent back to it.
    private static func source(of group: TrunkGroup) -> IPEndpoint {
        let prefixes = group.trunks.flatMap(\.allowedAddresses).lazy.compactMap {
            try? AddressPrefix($0)
        }
        return IPEndpoint(address: prefixes.first?.address ?? .loopbackIPv4, port: 5_060)
    }

    private static func text(
        _ question: CallQuestion,
        number: PhoneNumber?,
        source: IPEndpoint
    ) -> String {
        let user = number?.e164 ?? question.to.sipUser
        var host = ByteBuffer()
        host.appendHost(source.address)
        let caller =
            question.from.isEmpty
            ? "<sip:anonymous@anonymous.invalid>"
            : "<sip:\(question.from.sipUser)@\(host.text)>"
        let name = question.callerName.isEmpty ? "" : quoted(question.callerName) + " "
        let fields = question.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return """
            INVITE sip:\(user)@gateway.invalid SIP/2.0\r
            Via: SIP/2.0/UDP \(host.text):5060;branch=z9hG4bK-explained\r
            Max-Forwards: 70\r
            From: \(name)\(caller);tag=explained\r
            To: <sip:\(user)@gateway.invalid>\r
            Call-ID: explained@trunkline.invalid\r
            CSeq: 1 INVITE\r
            \(fields)Content-Length: 0\r
            \r

            """
    }

    /// RFC 3261 §25.1: `quoted-string`.
    private static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }
}

extension String {
    /// This as the user part of a SIP URI (RFC 3261 §25.1, `user`).
    var sipUser: String { percentEncoded(keeping: "!*'()&=+$,;?/") }
}
