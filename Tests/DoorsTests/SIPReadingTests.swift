import Doors
import Primitives
import Routing
import Testing

@Suite("Reading INVITEs")
struct SIPReadingTests {
    private func only(_ source: NumberSource) throws -> SIPCall {
        var call = try SIPCall()
        call.directory.contents.trunks = []
        call.directory.addTrunk(
            "main",
            InboundTrunk(numberSource: source, defaultCountry: "US", trustsIdentity: true)
        )
        return call
    }

    private func expectKnown(_ call: SIPCall, _ dialled: String) throws {
        let reading = try call.read()
        #expect(reading.call.called == .number(try #require(PhoneNumber(SampleDirectory.number))))
        #expect(reading.dialled == dialled)
    }

    @Test("the dialled number is where the trunk says: Request-URI")
    func requestURI() throws {
        var call = try only(.requestURI)
        call.to = "<sip:reception@gw.example.com>"
        try expectKnown(call, "+14155550100")
    }

    @Test("the dialled number is where the trunk says: To, in a national form")
    func to() throws {
        var call = try only(.to)
        call.requestURI = "sip:trunk@gw.example.com"
        call.to = "\"Desk\" <sip:4155550100@gw.example.com>"
        try expectKnown(call, "4155550100")
    }

    @Test("the dialled number is where the trunk says: P-Called-Party-ID, Diversion, any header")
    func otherFields() throws {
        let line = "<sip:+14155550100@gw.example.com>"
        for (source, fields) in [
            (NumberSource.calledPartyID, "P-Called-Party-ID: \(line)\r\n"),
            (.diversion, "Diversion: \(line);reason=unconditional\r\n"),
            (.header("X-Dialled"), "x-dialled: \(line)\r\n"),
        ] {
            var call = try only(source)
            call.requestURI = "sip:trunk@gw.example.com"
            call.fields = fields
            try expectKnown(call, "+14155550100")
        }
    }

    @Test("a tel URI is a number too")
    func tel() throws {
        var call = try only(.requestURI)
        call.requestURI = "tel:+1-415-555-0100"
        #expect(
            try call.read().call.called == .number(try #require(PhoneNumber("+14155550100")))
        )
    }

    @Test("of several trunks of one source, the one that finds a number of the directory counts")
    func sharedSource() throws {
        var call = try only(.requestURI)
        call.directory.addTrunk("by-to", InboundTrunk(numberSource: .to, defaultCountry: "US"))
        call.requestURI = "sip:+14155550999@gw.example.com"
        try expectKnown(call, "+14155550100")
        // Nobody has either: then the first place that holds a number at all.
        call.to = "<sip:+14155550888@gw.example.com>"
        #expect(try call.read().dialled == "+14155550999")
    }

    @Test("what is no number is shown as it was dialled")
    func noNumber() throws {
        var call = try only(.requestURI)
        call.requestURI = "sip:reception@gw.example.com"
        call.to = "<sip:desk@gw.example.com>"
        let reading = try call.read()
        #expect(reading.call.called == .notANumber)
        #expect(reading.dialled == "reception")
    }

    @Test("where the trunk's field has no number, the Request-URI is looked at, and then To")
    func fallback() throws {
        for source in [NumberSource.calledPartyID, .diversion, .header("X-Dialled")] {
            var call = try only(source)
            call.to = "<sip:+14155550888@gw.example.com>"
            try expectKnown(call, "+14155550100")
        }
        for uri in ["sip:trunk@gw.example.com", "sip:gw.example.com", "sip:s@gw.example.com:5060"] {
            var call = try only(.requestURI)
            call.requestURI = uri
            try expectKnown(call, "+14155550100")
        }
        // A number that is too short is what was dialled, and no reason to look elsewhere.
        var call = try only(.requestURI)
        call.requestURI = "sip:911@gw.example.com"
        #expect(try call.read().call.called == .incomplete)
    }

    @Test("a bare number in a field is kept as it was written")
    func bareNumber() throws {
        var call = try only(.header("X-Dialled"))
        call.requestURI = "sip:trunk@gw.example.com"
        call.fields = "X-Dialled: (415) 555-0100\r\n"
        try expectKnown(call, "(415) 555-0100")
    }

    @Test("a national prefix in brackets is left out, as people write it on their cards")
    func bracketedPrefix() throws {
        var call = try only(.requestURI)
        call.requestURI = "sip:+44(0)20%207946-0000@gw.example.com"
        #expect(
            try call.read().call.called == .number(try #require(PhoneNumber("+442079460000")))
        )
        call.requestURI = "sip:+1(415)555-0100@gw.example.com"
        try expectKnown(call, "+1(415)555-0100")
    }

    @Test("an asserted identity is believed from a trunk that is trusted, and from no other")
    func callerTrust() throws {
        for trusts in [true, false] {
            var call = try SIPCall()
            call.directory.contents.trunks[0].inbound.trustsIdentity = trusts
            call.fields = "P-Asserted-Identity: <sip:+12125550999@carrier.example.com>\r\n"
            let number = trusts ? "+12125550999" : "+12125550123"
            let reading = try call.read()
            #expect(reading.call.caller == .number(try #require(PhoneNumber(number))))
            #expect(reading.caller == number)
        }
    }

    @Test("a caller who asks for privacy is hidden, and still known to rules (RFC 3323, RFC 3325)")
    func privacy() throws {
        var call = try SIPCall()
        call.from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1"
        call.fields =
            "P-Asserted-Identity: <sip:+12125550999@carrier.example.com>\r\nPrivacy: id\r\n"
        let reading = try call.read()
        #expect(reading.call.isCallerHidden)
        #expect(reading.call.caller == .number(try #require(PhoneNumber("+12125550999"))))
    }

    @Test("an anonymous From hides the caller unless Privacy says none (RFC 3323 §4.1.1.3)")
    func anonymousFromHides() throws {
        for (line, isHidden) in [("", true), ("Privacy: none\r\n", false)] {
            var call = try SIPCall()
            call.from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1"
            call.fields = "P-Asserted-Identity: <sip:+12125550999@carrier.example.com>\r\n" + line
            let reading = try call.read()
            #expect(reading.call.isCallerHidden == isHidden)
            #expect(reading.call.caller == .number(try #require(PhoneNumber("+12125550999"))))
        }
    }

    @Test("a caller's local number is read in its context (RFC 3966 §5.1.5)")
    func callerContext() throws {
        var call = try SIPCall()
        call.from = "<tel:020-7946-0999;phone-context=+44>;tag=1"
        #expect(
            try call.read().call.caller == .number(try #require(PhoneNumber("+442079460999")))
        )
    }

    @Test("a caller without a user is shown by the whole URI")
    func callerWithoutUser() throws {
        var call = try SIPCall()
        call.from = "<sip:carrier.example.com>;tag=1"
        #expect(try call.read().call.caller == .other)
        #expect(try call.read().caller == "sip:carrier.example.com")
    }

    @Test(
        "a call that its own number has forwarded more than five times goes in circles",
        arguments: [
            ("Diversion: <sip:+14155550100@h>;reason=unconditional\r\n", 5, false),
            ("Diversion: <sip:+14155550100@h>;reason=unconditional\r\n", 6, true),
            ("Diversion: <tel:415-555-0100>;counter=5\r\n", 1, false),
            ("Diversion: <tel:415-555-0100>;counter=6\r\n", 1, true),
            ("Diversion: <tel:415-555-0100>;counter=x\r\n", 1, false),
            ("Diversion: <sip:+14155550199@h>;counter=9\r\n", 9, false),
            ("Diversion: <sip:sales@h>\r\n", 9, false),
            ("History-Info: <sip:+14155550100@h;cause=302>;index=1\r\n", 6, false),
            ("History-Info: <sip:+14155550100@h;cause=302>;index=1\r\n", 7, true),
        ]
    )
    func looping(_ line: String, _ count: Int, _ isLooping: Bool) throws {
        var call = try SIPCall()
        call.fields = String(repeating: line, count: count)
        #expect(try call.read().isLooping == isLooping)
    }

    @Test("an anonymous From without more is an anonymous caller")
    func anonymous() throws {
        var call = try SIPCall()
        call.from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1"
        #expect(try call.read().call.caller == .anonymous)
    }

    @Test("a call without a verdict on its caller has no attestation")
    func noAttestation() throws {
        #expect(try SIPCall().read().attestation == "none")
    }

    @Test("the carrier's verdict on the caller is read from a trusted identity")
    func attestation() throws {
        var call = try SIPCall()
        call.fields =
            "P-Asserted-Identity: <sip:+12125550999@carrier.example.com;"
            + "verstat=TN-Validation-Failed>\r\n"
        #expect(try call.read().attestation == "failed")
    }
}
