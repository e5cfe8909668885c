import Testing

/// One message of a published corpus and what the gateway must make of it.
struct TortureMessage: Sendable, CustomTestStringConvertible {
    var name: String
    var section: String
    var bytes: [UInt8]
    var expected: Outcome
    /// Why we differ from what the RFC suggests, or which of its choices we took.
    var remark: String

    init(
        _ section: String,
        _ name: String,
        _ expected: Outcome,
        _ text: String,
        remark: String = ""
    ) {
        self.section = section
        self.name = name
        self.expected = expected
        self.remark = remark
        bytes = wire(text)
    }

    var testDescription: String { "\(section) \(name)" }
}

/// The session description that most messages of RFC 4475 carry; 148 octets and the address twice.
func session(_ address: String) -> String {
    """
    v=0
    o=mhandley 29739 7272939 IN IP4 \(address)
    s=-
    c=IN IP4 \(address)
    t=0 0
    m=audio 49217 RTP/AVP 0 12
    m=video 3227 RTP/AVP 31
    a=rtpmap:31 LPC

    """
}
