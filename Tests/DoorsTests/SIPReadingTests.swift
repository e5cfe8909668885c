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
        let reading = try call.read()
        #expect(reading.call.called == .notANumber)
        #expect(!reading.dialled.isEmpty)
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
        #expect(reading.isCallerHidden)
        #expect(reading.call.caller == .number(try #require(PhoneNumber("+12125550999"))))
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
