import Primitives
import SIP
import Testing

@Suite("names of transactions and tags")
struct KeyTests {
    private func key(_ text: String) -> TransactionKey? {
        let treatment = Treatment(text)
        return treatment.envelope.map {
            TransactionKey(
                of: treatment.message,
                envelope: $0,
                in: treatment.bytes.span,
                key: Treatment.key
            )
        }
    }

    private func tag(_ text: String) -> ToTag? {
        let treatment = Treatment(text)
        return treatment.envelope.map {
            ToTag(
                for: treatment.message,
                envelope: $0,
                in: treatment.bytes.span,
                key: Treatment.key
            )
        }
    }

    private func ack(_ invite: String) -> String {
        invite.changing("INVITE", to: "ACK").changing("1 INVITE", to: "1 ACK")
            .changing("To: <sip:+14155550100@gw.example.com>", to: "To: <sip:a@b>;tag=ours")
    }

    @Test("a retransmission and the ACK have the key of the INVITE (RFC 3261 §17.2.3)")
    func matching() {
        #expect(key(plainInvite) != nil)
        #expect(key(plainInvite) == key(plainInvite))
        #expect(key(ack(plainInvite)) == key(plainInvite))
        // Some clients send the ACK to another URI; branch and sent-by decide.
        #expect(key(ack(plainInvite).changing("sip:+1415", to: "sip:x")) == key(plainInvite))
    }

    @Test("a CANCEL has a transaction of its own and finds that of the INVITE (RFC 3261 §9.2)")
    func cancel() throws {
        let text = plainInvite.changing("INVITE", to: "CANCEL").changing("1 INVITE", to: "1 CANCEL")
        let treatment = Treatment(text)
        let found = TransactionKey(
            cancelledBy: treatment.message,
            envelope: try #require(treatment.envelope),
            in: treatment.bytes.span,
            key: Treatment.key
        )
        #expect(found == key(plainInvite))
        #expect(key(text) != key(plainInvite))
    }

    @Test("sent-by in any case and with its default port is the same client")
    func sentBy() {
        let named = plainInvite.changing("192.0.2.1:5060", to: "Client.Example.com")
        #expect(
            key(named) == key(plainInvite.changing("192.0.2.1:5060", to: "client.example.COM:5060"))
        )
        #expect(key(named) != key(plainInvite))
        #expect(key(plainInvite.changing("192.0.2.1:5060", to: "192.0.2.1")) == key(plainInvite))
        #expect(
            key(plainInvite.changing("192.0.2.1:5060", to: "192.0.2.1:5061")) != key(plainInvite)
        )
    }

    @Test("another branch or method is another transaction")
    func different() {
        #expect(key(plainInvite.changing("bK1;", to: "bK2;")) != key(plainInvite))
        let options = plainInvite.changing("INVITE", to: "OPTIONS").changing(
            "1 INVITE",
            to: "1 OPTIONS"
        )
        #expect(key(options) != key(plainInvite))
        let jump = plainInvite.changing("INVITE", to: "JUMP").changing("1 INVITE", to: "1 JUMP")
        let leap = plainInvite.changing("INVITE", to: "LEAP").changing("1 INVITE", to: "1 LEAP")
        #expect(key(jump) != key(leap))
    }

    @Test(
        "without the cookie the rules of RFC 2543 hold",
        arguments: [
            "", ";branch=1", ";branch=z9hG4bK",
        ]
    )
    func withoutCookie(_ branch: String) {
        let invite = plainInvite.changing(";branch=z9hG4bK1", to: branch)
        #expect(key(invite) == key(invite))
        #expect(key(ack(invite)) == key(invite))
        for (old, new) in [
            ("sip:+1415", "sip:+1416"), ("tag=from1", "tag=from2"), ("call-1", "call-2"),
            ("CSeq: 1", "CSeq: 2"), (";rport", ";rport;x"),
        ] {
            #expect(key(invite.changing(old, to: new)) != key(invite))
        }
        #expect(key(invite) != key(plainInvite))
    }

    @Test("another secret gives other keys and tags")
    func secret() throws {
        let treatment = Treatment(plainInvite)
        let envelope = try #require(treatment.envelope)
        let other = SipHash.Key(11, 23)
        let otherKey = TransactionKey(
            of: treatment.message,
            envelope: envelope,
            in: treatment.bytes.span,
            key: other
        )
        #expect(otherKey != key(plainInvite))
        let otherTag = ToTag(
            for: treatment.message,
            envelope: envelope,
            in: treatment.bytes.span,
            key: other
        )
        #expect(otherTag != tag(plainInvite))
    }

    @Test("copies through another proxy and retransmissions get the same To tag")
    func tags() {
        let copy = plainInvite.changing(
            "192.0.2.1:5060;branch=z9hG4bK1",
            to: "10.9.9.9;branch=z9hG4bKx"
        )
        .changing("@gw.example.com SIP", to: "@gw2.example.com:5070 SIP")
        .changing("Max-Forwards: 70", to: "Max-Forwards: 68")
        #expect(tag(copy) == tag(plainInvite))
        for (old, new) in [
            ("tag=from1", "tag=from2"), ("call-1", "call-2"), ("CSeq: 1", "CSeq: 2"),
            ("sip:+1415", "sip:+1416"),
        ] {
            #expect(tag(plainInvite.changing(old, to: new)) != tag(plainInvite))
        }
    }
}
