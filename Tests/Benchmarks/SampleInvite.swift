/// An INVITE as session border controllers send it, about 900 octets, and its ACK; both with places for
/// a number that makes each call another one.
struct SampleInvite {
    private(set) var invite: [UInt8]
    private(set) var ack: [UInt8]
    private let invitePlaces: [Int]
    private let ackPlaces: [Int]

    init(number: String = "+14155500007") {
        let body = """
            v=0\r
            o=carrier 53655765 2353687637 IN IP4 127.0.0.1\r
            s=-\r
            c=IN IP4 127.0.0.1\r
            t=0 0\r
            m=audio 40000 RTP/AVP 0 8 101\r
            a=rtpmap:0 PCMU/8000\r
            a=rtpmap:8 PCMA/8000\r
            a=rtpmap:101 telephone-event/8000\r
            a=fmtp:101 0-15\r
            a=sendrecv\r

            """
        invite = Array(
            (Self.head("INVITE", number) + """
                Contact: <sip:carrier@127.0.0.1:5080;transport=UDP>\r
                User-Agent: Carrier-SBC/7.2\r
                Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO\r
                Supported: timer, 100rel, path, replaces\r
                P-Asserted-Identity: <sip:+12125550123@carrier.example.com>\r
                Content-Type: application/sdp\r
                Content-Length: \(body.utf8.count)\r
                \r
                \(body)
                """).utf8
        )
        ack = Array((Self.head("ACK", number) + "Content-Length: 0\r\n\r\n").utf8)
        invitePlaces = Self.places(in: invite)
        ackPlaces = Self.places(in: ack)
    }

    /// Makes both messages those of call `number`.
    mutating func renumber(_ number: Int) {
        for place in invitePlaces { Self.write(number, into: &invite, at: place) }
        for place in ackPlaces { Self.write(number, into: &ack, at: place) }
    }

    private static let mark = "00000000"

    private static func head(_ method: String, _ number: String) -> String {
        """
        \(method) sip:\(number)@127.0.0.1:5060 SIP/2.0\r
        Via: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bK-\(mark)-1;rport\r
        Max-Forwards: 70\r
        From: "WIRELESS CALLER" <sip:+12125550123@carrier.example.com;user=phone>;tag=T\(mark)\r
        To: <sip:\(number)@127.0.0.1:5060;user=phone>\r
        Call-ID: \(mark)-4711@127.0.0.1\r
        CSeq: 1 \(method)\r

        """
    }

    private static func places(in text: [UInt8]) -> [Int] {
        let mark = Array(mark.utf8)
        return text.indices.filter { text[$0...].starts(with: mark) }
    }

    private static func write(_ number: Int, into text: inout [UInt8], at place: Int) {
        var rest = number
        for digit in stride(from: 7, through: 0, by: -1) {
            text[place + digit] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
            rest /= 10
        }
    }
}
