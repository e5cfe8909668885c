import Routing
import Testing

@Suite("Targets when they are saved")
struct TargetAddressTests {
    @Test(
        "these can take a call",
        arguments: [
            "sip:sales@agents.example.com", "sips:sales@agents.example.com:5061",
            "SIP:Sales@Agents.Example.COM", "sip:agents.example.com", "sip:203.0.113.9",
            "sip:203.0.113.9:5080;transport=tcp", "sip:x@[2001:db8::1]:5060", "sip:[2001:db8::1]",
            "sip:+14155550100@sbc.example.com;user=phone", "sip:a%20b@example.com",
            "sip:a@example.com;transport=udp;lr", "sip:a;tag=1@example.com",
            "sip:a@example.com?X-Org=acme&x-call=7", "sip:a_b.c-d!e@example.com",
            "sip:a@xn--bcher-kva.example", "tel:+14155550100", "tel:+1-415-555-0100",
            "tel:+1(415)555.0100;ext=22", "+14155550100", "wss://agents.example.com/stream",
            "wss://203.0.113.9:8443/s?a=b", "https://agents.example.com",
            "https://example.com:443/twiml?x=1",
            "sip:a@nottwilio.com", "sip:a@twilio.com.example.org", "sip:64.16.250.10",
        ]
    )
    func acceptsTargets(uri: String) {
        #expect(TargetAddress.fault(in: uri, allowsPrivate: false) == nil)
    }

    @Test(
        "these cannot, and the fault says why",
        arguments: [
            ("", TargetFault.empty), ("agents.example.com", .noScheme),
            ("mailto:a@example.com", .unknownScheme), ("file:///etc/passwd", .unknownScheme),
            ("javascript:alert(1)", .unknownScheme), ("ws://example.com", .notEncrypted),
            ("http://example.com/", .notEncrypted), ("sip:", .noHost),
            ("sip:@example.com", .emptyUser),
            ("sip:a@", .noHost), ("sip:a@b@example.com", .twoAts),
            ("sip:user:secret@example.com", .password), ("https://user@example.com/", .password),
            ("https://example.com@evil.example/", .password),
            ("sip:trusted.example/@evil.example", .oddUser), ("sip:a?b@example.com", .oddUser),
            ("sip:a%40trusted.example@evil.example", .hiddenOctet),
            ("sip:a@example.com%0d%0aX: 1", .hiddenOctet), ("sip:a%00@example.com", .hiddenOctet),
            ("sip:a@example.com\r\nX-A: b", .forbiddenOctet),
            ("sip:a b@example.com", .forbiddenOctet),
            ("sip:a@example.com>;x", .forbiddenOctet), ("sip:\"a\"@example.com", .forbiddenOctet),
            ("sip:ü@example.com", .forbiddenOctet), ("sip:a\\@example.com", .forbiddenOctet),
            ("sip:a%zz@example.com", .badEscape), ("sip:a@example.com%4", .badEscape),
            ("sip:a@example.com:0", .badPort), ("sip:a@example.com:65536", .badPort),
            ("sip:a@example.com:", .badPort), ("sip:a@example.com:5060x", .badPort),
            ("sip:a@exa_mple.com", .badHost), ("sip:a@-example.com", .badHost),
            ("sip:a@example..com", .badHost), ("sip:a@example.com.", .badHost),
            ("sip:a@2130706433", .badHost), ("sip:a@127.1", .badHost),
            ("sip:a@0x7f.0.0.1", .badHost),
            ("sip:a@0x7f000001", .badHost), ("sip:a@0177.0.0.1", .badHost),
            ("sip:a@[::1", .noHost), ("sip:a@[zz]", .badHost), ("sip:a@[::1]x", .noHost),
            ("sip:a@10.0.0.1", .privateAddress), ("sip:a@127.0.0.1", .privateAddress),
            ("sip:a@192.168.1.1:5060", .privateAddress), ("sip:a@172.31.255.255", .privateAddress),
            ("sip:a@169.254.169.254", .privateAddress), ("sip:a@100.64.0.1", .privateAddress),
            ("sip:a@[::1]", .privateAddress), ("sip:a@[::ffff:10.0.0.1]", .privateAddress),
            ("sip:a@[fd00::1]", .privateAddress), ("sip:a@[fe80::1]", .privateAddress),
            ("sip:a@[64:ff9b::a00:1]", .privateAddress), ("sip:a@[2002:a00:1::]", .privateAddress),
            ("https://10.0.0.1/", .privateAddress), ("sip:a@0.0.0.0", .unreachableAddress),
            ("sip:a@224.0.0.1", .unreachableAddress),
            ("sip:a@255.255.255.255", .unreachableAddress),
            ("sip:a@[ff02::1]", .unreachableAddress), ("sip:a@localhost", .privateName),
            ("sip:a@pbx", .privateName), ("sip:a@pbx.local", .privateName),
            ("sip:a@pbx.INTERNAL", .privateName), ("wss://pbx.lan/s", .privateName),
            ("sip:a@acme.sip.twilio.com", .twilioDomain),
            ("sip:a@acme.pstn.twilio.com", .twilioDomain),
            ("https://handler.Twilio.com/x", .twilioDomain), ("sip:a@twilio.com", .twilioDomain),
            ("sip:a@example.com;maddr=10.0.0.1", .redirectingParameter),
            ("sip:a@example.com;METHOD=BYE", .redirectingParameter),
            ("sip:a@example.com;;lr", .oddParameter), ("sip:a@example.com;x=a/b", .oddParameter),
            ("sip:a@example.com?Route=%3Csip:x%3E", .forbiddenHeader),
            ("sip:a@example.com?X-A=1&Via=2", .forbiddenHeader),
            ("sip:a@example.com?", .forbiddenHeader),
            ("sip:a@example.com?X-A", .forbiddenHeader),
            ("https://example.com/#top", .fragment), ("https:example.com", .noHost),
            ("wss:///path", .noHost), ("tel:555", .localNumber), ("tel:+", .notE164),
            ("tel:+0123456", .notE164), ("tel:+1415x", .notE164),
            ("+1415555010012345678", .notE164),
            ("+0", .notE164), ("tel:+14155550100;=x", .oddParameter),
        ]
    )
    func refusesTargets(uri: String, fault: TargetFault) {
        #expect(TargetAddress.fault(in: uri, allowsPrivate: false) == fault)
    }

    @Test(
        "where a trunk says so, targets may be private; nothing else changes",
        arguments: [
            ("sip:a@10.0.0.1", nil), ("sip:a@127.0.0.1:5070", nil), ("sip:a@pbx", nil),
            ("wss://pbx.local/s", nil), ("sip:a@[fd00::1]", nil),
            ("sip:a@0.0.0.0", TargetFault.unreachableAddress), ("sip:a@127.1", .badHost),
            ("sip:a@sip.twilio.com", .twilioDomain),
        ]
    )
    func allowsPrivateTargets(uri: String, fault: TargetFault?) {
        #expect(TargetAddress.fault(in: uri, allowsPrivate: true) == fault)
    }

    @Test("a target has at most 254 characters")
    func boundsLength() {
        let host = "@example.com"
        for (length, fault) in [(253, nil), (254, nil), (255, TargetFault.tooLong)] {
            let user = String(repeating: "a", count: length - host.utf8.count - 4)
            #expect(TargetAddress.fault(in: "sip:\(user)\(host)", allowsPrivate: false) == fault)
        }
    }

    @Test("every fault is a sentence with a way out")
    func explainsFaults() {
        let sentences = TargetFault.allCases.map(\.description)
        #expect(Set(sentences).count == sentences.count)
        #expect(sentences.allSatisfy { $0.count > 20 })
    }
}
