import Primitives
import Routing
import Testing

/// INVITEs in the shapes that carriers and border controllers publish: where each puts
/// the number that was dialled and the caller's, and how it spells them.
struct CarrierInvite: Sendable, CustomTestStringConvertible {
    var name: String
    var requestURI: String
    var to: String
    var from: String
    var fields = ""
    var source = NumberSource.requestURI
    var country: String? = "US"
    var dialled = "+14155550100"
    /// Nil for an anonymous caller.
    var caller: String? = "+12125550123"
    var attestation = "none"
    var isHidden = false

    var testDescription: String { name }

    static let all = [
        CarrierInvite(
            name: "E.164 without plus, identity with verstat (Telnyx)",
            requestURI: "sip:14155550100@203.0.113.20:5060;transport=udp",
            to: "<sip:14155550100@203.0.113.20:5060>",
            from: "\"12125550123\" <sip:12125550123@192.76.120.10>;tag=as1",
            fields: "P-Asserted-Identity: <sip:12125550123@192.76.120.10"
                + ";verstat=TN-Validation-Passed-A>\r\nX-Telnyx-Leg-ID: 1\r\n",
            country: nil,
            attestation: "A"
        ),
        CarrierInvite(
            name: "national number on both sides (Telnyx, dnis_number_format national)",
            requestURI: "sip:4155550100@gw.example.com",
            to: "<sip:4155550100@gw.example.com>",
            from: "<sip:2125550123@192.76.120.10>;tag=as1"
        ),
        CarrierInvite(
            name: "E.164 with plus, call id and verdict in headers (Twilio Elastic SIP)",
            requestURI: "sip:+14155550100@gw.example.com;edge=ashburn",
            to: "<sip:+14155550100@gw.example.com;user=phone>",
            from: "\"+12125550123\" <sip:+12125550123@acme.pstn.twilio.com:5060>;tag=9",
            fields: "X-Twilio-CallSid: CA00000000000000000000000000000000\r\n"
                + "X-Twilio-VerStat: TN-Validation-Passed-B\r\n"
                + "Diversion: <sip:+14155550188@twilio.com>;reason=unconditional\r\n",
            attestation: "B"
        ),
        CarrierInvite(
            name: "number portability in the user part, two identities (Bandwidth)",
            requestURI: "sip:+14155550100;npdi;rn=+14155550000@gw.example.com:5060;user=phone",
            to: "<sip:+14155550100@203.0.113.20>",
            from: "\"ANN LEE\" <sip:+12125550123@203.0.113.9;isup-oli=62>;tag=gK0c",
            fields: "P-Asserted-Identity: \"ANN LEE\" <sip:+12125550123@203.0.113.9:5060>, "
                + "<tel:+12125550123>\r\n"
        ),
        CarrierInvite(
            name: "the account in the Request-URI, the number in To, with 00 (NFON)",
            requestURI: "sip:KXXXabcd@203.0.113.20:5060",
            to: "<sip:0014155550100@trunk.example.com>",
            from: "\"0012125550123\" <sip:0012125550123@trunk.example.com>;tag=1",
            fields: "P-Asserted-Identity: <sip:0012125550123@trunk.example.com:5060>\r\n",
            source: .to,
            country: "DE"
        ),
        CarrierInvite(
            name: "withheld caller of such a trunk",
            requestURI: "sip:KXXXabcd@203.0.113.20:5060",
            to: "<sip:0014155550100@trunk.example.com>",
            from: "\"Anonymous\" <sip:anonymous@anonymous.invalid:5060>;tag=1",
            source: .to,
            country: "DE",
            caller: nil,
            isHidden: true
        ),
        CarrierInvite(
            name: "withheld caller with an identity for the network (RFC 3325)",
            requestURI: "sip:+14155550100@gw.example.com;user=phone",
            to: "<sip:+14155550100@gw.example.com;user=phone>",
            from: "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1",
            fields: "P-Asserted-Identity: <tel:+1-212-555-0123>\r\nPrivacy: id;critical\r\n",
            isHidden: true
        ),
        CarrierInvite(
            name: "the dialled number in P-Called-Party-ID (IMS)",
            requestURI: "sip:pbx-7@ims.example.com;transport=udp",
            to: "<sip:+14155550199@ims.example.com;user=phone>",
            from: "<sip:+12125550123@ims.example.com;user=phone>;tag=1",
            fields: "P-Called-Party-ID: <sip:+14155550100@ims.example.com;user=phone>\r\n"
                + "P-Asserted-Identity: <sip:+12125550123@ims.example.com;user=phone>\r\n",
            source: .calledPartyID
        ),
        CarrierInvite(
            name: "a pilot number, the dialled one in Diversion (Cisco CUBE)",
            requestURI: "sip:4155550000@203.0.113.20:5060",
            to: "<sip:4155550000@203.0.113.20>",
            from: "\"Ann Lee\" <sip:2125550123@203.0.113.9>;tag=5C1A4-1D",
            fields: "Remote-Party-ID: \"Ann Lee\" <sip:2125550123@203.0.113.9>;party=calling;"
                + "screen=yes;privacy=off\r\nCisco-Guid: 1-2-3-4\r\n"
                + "Diversion: <sip:4155550100@203.0.113.9>;privacy=off;reason=unconditional;"
                + "counter=1;screen=no\r\n",
            source: .diversion
        ),
        CarrierInvite(
            name: "trunk group in the user part (Ribbon, Oracle)",
            requestURI: "sip:+14155550100;tgrp=ACME;trunk-context=sbc.example.com@203.0.113.20",
            to: "<sip:+14155550100@203.0.113.20:5060;user=phone>",
            from: "<sip:+12125550123;tgrp=CARRIER;trunk-context=sbc.example.com@203.0.113.9>;tag=1"
        ),
        CarrierInvite(
            name: "a telephone URI with a carrier code (AudioCodes)",
            requestURI: "tel:+1-415-555-0100;cic=+1-0222",
            to: "<tel:+1-415-555-0100>",
            from: "<tel:+1-212-555-0123>;tag=1c123",
            fields: "P-Asserted-Identity: <tel:+1-212-555-0123>\r\n"
        ),
        CarrierInvite(
            name: "the number in a header of its own (Asterisk, FreeSWITCH)",
            requestURI: "sip:s@203.0.113.20:5060",
            to: "<sip:s@203.0.113.20:5060>",
            from: "\"2125550123\" <sip:2125550123@203.0.113.9>;tag=as0d",
            fields: "X-DID: 14155550100\r\nX-FS-Support: update_display,send_info\r\n",
            source: .header("X-DID")
        ),
        CarrierInvite(
            name: "national numbers with their prefix, forwarded for another party (2talk)",
            requestURI: "sip:0212345678@203.0.113.20",
            to: "<sip:0212345678@203.0.113.20>",
            from: "<sip:037654321@203.0.113.9>;tag=as1af6bbdc",
            fields: "Diversion: <sip:037654321@203.0.113.9>;privacy=off;reason=unconditional;"
                + "counter=1;screen=no\r\n"
                + "P-Asserted-Identity: <sip:091234567@203.0.113.9;user=phone>\r\n",
            country: "NZ",
            dialled: "+64212345678",
            caller: "+6491234567"
        ),
        CarrierInvite(
            name: "compact names, a folded identity, IPv6",
            requestURI: "sips:+14155550100@[2001:db8::20]:5061;transport=tcp",
            to: "<sips:+14155550100@[2001:db8::20]>",
            from: "<sips:%2B12125550123@[2001:db8::9]>;tag=1",
            fields: "k: 100rel, timer\r\nx: 1800;refresher=uac\r\n"
                + "P-Asserted-Identity:\r\n <sips:+12125550123@[2001:db8::9]>\r\n"
        ),
    ]
}

@Suite("INVITEs as carriers send them")
struct CarrierInviteTests {
    @Test(
        "the dialled number and the caller are read (acceptance A4)",
        arguments: CarrierInvite.all
    )
    func read(_ invite: CarrierInvite) throws {
        var call = try SIPCall()
        call.directory.contents.trunks = []
        call.directory.addTrunk(
            "main",
            InboundTrunk(numberSource: invite.source, defaultCountry: invite.country)
        )
        call.requestURI = invite.requestURI
        call.to = invite.to
        call.from = invite.from
        call.fields = invite.fields
        let reading = try call.read()
        #expect(reading.call.called == .number(try #require(PhoneNumber(invite.dialled))))
        let caller = try invite.caller.map { Caller.number(try #require(PhoneNumber($0))) }
        #expect(reading.call.caller == caller ?? .anonymous)
        #expect(reading.attestation == invite.attestation)
        #expect(reading.call.isCallerHidden == invite.isHidden)
    }
}
