import Primitives
import SIP
import Testing

@Suite("numbers in URIs")
struct TelephoneTextTests {
    @Test(
        "the number that was dialled, and the context of a local one",
        arguments: [
            ("sip:+15551230000@gw", "+15551230000", ""),
            ("sip:15551230000@gw:5060;transport=tcp", "15551230000", ""),
            ("sips:+15551230000@[2001:db8::1]:5061", "+15551230000", ""),
            ("SIP:+1-555-123-0000@gw;user=phone", "+15551230000", ""),
            ("sip:+1(555)123.0000@gw", "+15551230000", ""),
            ("sip:%2B15551230000@gw", "+15551230000", ""),
            ("sip:%2b1%35551230000@gw", "+15551230000", ""),
            ("sip:+1%20555%20123%200000@gw", "+15551230000", ""),
            ("sip:+1%C2%A0555%A01230000@gw", "+15551230000", ""),
            ("sip:+44(0)2079460000@gw", "+4402079460000", ""),
            ("sip:(((1)(5)(5)5)1)23(0000)@gw", "15551230000", ""),
            ("sip:+15551230000;npdi;rn=+15559990000@gw;user=phone", "+15551230000", ""),
            ("sip:+15551230000;tgrp=trunk-1;trunk-context=example.com@gw", "+15551230000", ""),
            ("sip:+15551230000;ext=42;isub=1411@gw;user=phone", "+15551230000", ""),
            ("sip:+15551230000;cic=+1-0222:secret@gw", "+15551230000", ""),
            ("sip:+15551230000;verstat=TN-Validation-Passed-A@gw", "+15551230000", ""),
            ("sip:5550100;phone-context=+1415@gw;user=phone", "5550100", "+1415"),
            ("sip:5550100@gw;user=phone;phone-context=example.com", "5550100", "example.com"),
            ("tel:+1-555-123-0000", "+15551230000", ""),
            ("tel:+15551230000;npdi;rn=+15559990000;cic=+16789", "+15551230000", ""),
            ("tel:5550100;phone-context=+44", "5550100", "+44"),
            ("tel:7042;phone-context=example.com;ext=1", "7042", "example.com"),
            ("TEL:(020)7946.0958;phone-context=+44", "02079460958", "+44"),
            ("sip:0015551230000@gw", "0015551230000", ""),
            ("sip:911@gw", "911", ""),
            ("sip:0@gw", "0", ""),
            ("sip:12345678901234567890123456789012@gw", "12345678901234567890123456789012", ""),
        ]
    )
    func numbers(_ uri: String, _ number: String, _ context: String) throws {
        let piece = Piece(uri)
        let telephone = try #require(piece.number)
        #expect(telephone.text == number)
        #expect(piece.text(telephone.context) == context)
    }

    @Test(
        "users that are no number",
        arguments: [
            "sip:alice@gw", "sip:gw.example.com", "sip:+@gw", "sip:1+2@gw", "sip:++1@gw",
            "sip:555x@gw",
            "sip:*67@gw", "sip:%23@gw", "sip:1&x=2@gw", "sip:555%00@gw", "sip:5%0D%0A5@gw",
            "sip:-@gw", "sip:()@gw", "sip:+1%C2555@gw", "sip:5%C2@gw",
            "sip:anonymous@anonymous.invalid", "sip:sips%3A1%401@gw", "tel:", "tel:+", "tel:;ext=1",
            "tel:0800FLOWERS", "isbn:2983792873", "http://15551230000", "sip:;npdi@gw",
            "sip:123456789012345678901234567890123@gw",
        ]
    )
    func names(_ uri: String) {
        #expect(Piece(uri).uri != nil)
        #expect(Piece(uri).number?.text == nil)
    }

    @Test(
        "bare text in a field is read in the same way",
        arguments: [
            ("+1 (555) 123-0000", "+15551230000"), ("15551230000", "15551230000"), ("x", nil),
            ("", nil),
        ] as [(String, String?)]
    )
    func bareText(_ text: String, _ number: String?) {
        #expect(Piece(text).bareNumber?.text == number)
    }
}
