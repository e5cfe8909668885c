/// RFC 5118 §4: addresses of IPv6 in every place where one can stand.
enum RFC5118 {
    static let all: [TortureMessage] = [
        TortureMessage("4.1", "ipv6-good", .answer(405), register("sip:[2001:db8::10]")),
        TortureMessage("4.2", "ipv6-bad", .answer(400), register("sip:2001:db8::10")),
        TortureMessage(
            "4.3",
            "port-ambiguous",
            .answer(405),
            register("sip:[2001:db8::10:5070]"),
            remark: "well-formed: 5070 is the last group of the address"
        ),
        TortureMessage(
            "4.4",
            "port-unambiguous",
            .answer(405),
            register("sip:[2001:db8::10]:5070")
        ),
        TortureMessage(
            "4.5",
            "via-received-param-with-delim",
            .answer(481),
            """
            BYE sip:[2001:db8::10] SIP/2.0
            To: sip:user@example.com;tag=bd76ya
            From: sip:user@example.com;tag=81x2
            Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111
            Call-ID: SSG9559905523997077@hlau_4100
            Max-Forwards: 70
            CSeq: 321 BYE
            Content-Length: 0


            """
        ),
        TortureMessage(
            "4.5",
            "via-received-param-no-delim",
            .answer(200),
            """
            OPTIONS sip:[2001:db8::10] SIP/2.0
            To: sip:user@example.com
            From: sip:user@example.com;tag=81x2
            Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3
            Call-ID: SSG95523997077@hlau_4100
            Max-Forwards: 70
            Contact: "Caller" <sip:caller@[2001:db8::9:1]>
            CSeq: 921 OPTIONS
            Content-Length: 0


            """
        ),
        invite(
            "4.6",
            "ipv6-in-sdp",
            via: "[2001:db8::20]",
            number: 8_612,
            """
            v=0
            o=assistant 971731711378798081 0 IN IP6 2001:db8::20
            s=Live video feed for today's meeting
            c=IN IP6 2001:db8::20
            t=3338481189 3370017201
            m=audio 6000 RTP/AVP 2
            a=rtpmap:2 G726-32/8000
            m=video 6024 RTP/AVP 107
            a=rtpmap:107 H263-1998/90000

            """
        ),
        TortureMessage(
            "4.7",
            "mult-ip-in-header",
            .answer(481),
            """
            BYE sip:user@host.example.net SIP/2.0
            Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111
            Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144
            Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200
            Call-ID: 997077@lau_4100
            Max-Forwards: 70
            CSeq: 89187 BYE
            To: sip:user@example.net;tag=9817--94
            From: sip:user@example.com;tag=81x2
            Content-Length: 0


            """
        ),
        invite(
            "4.8",
            "mult-ip-in-sdp",
            via: "[2001:db8::9:1]",
            number: 8_912,
            """
            v=0
            o=bob 280744730 28977631 IN IP4 host.example.com
            s=
            t=0 0
            m=audio 22334 RTP/AVP 0
            c=IN IP4 192.0.2.1
            m=video 6024 RTP/AVP 107
            c=IN IP6 2001:db8::1
            a=rtpmap:107 H263-1998/90000

            """
        ),
        invite(
            "4.9",
            "ipv4-mapped-ipv6",
            via: "[::ffff:192.0.2.10]:19823",
            number: 612,
            """
            v=0
            o=assistant 971731711378798081 0 IN IP6 ::ffff:192.0.2.2
            s=Call me soon, please!
            c=IN IP6 ::ffff:192.0.2.2
            t=3338481189 3370017201
            m=audio 6000 RTP/AVP 2
            a=rtpmap:2 G726-32/8000
            m=video 6024 RTP/AVP 107
            a=rtpmap:107 H263-1998/90000

            """
        ),
        TortureMessage(
            "4.10",
            "ipv6-bug-abnf-3-colons",
            .answer(200),
            options("[2001:db8:::192.0.2.1]")
        ),
        TortureMessage(
            "4.10",
            "ipv6-correct-abnf-2-colons",
            .answer(200),
            options("[2001:db8::192.0.2.1]")
        ),
    ]

    private static func register(_ uri: String) -> String {
        """
        REGISTER \(uri) SIP/2.0
        To: sip:user@example.com
        From: sip:user@example.com;tag=81x2
        Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111
        Call-ID: SSG9559905523997077@hlau_4100
        Max-Forwards: 70
        Contact: "Caller" <sip:caller@[2001:db8::1]>
        CSeq: 98176 REGISTER
        Content-Length: 0


        """
    }

    private static func options(_ host: String) -> String {
        """
        OPTIONS sip:user@\(host) SIP/2.0
        To: sip:user@\(host)
        From: sip:user@example.com;tag=810x2
        Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111
        Call-ID: G9559905523997077@hlau_4100
        CSeq: 689 OPTIONS
        Max-Forwards: 70
        Content-Length: 0


        """
    }

    private static func invite(
        _ section: String,
        _ name: String,
        via: String,
        number: Int,
        _ body: String
    ) -> TortureMessage {
        TortureMessage(
            section,
            name,
            .route,
            """
            INVITE sip:user@[2001:db8::10] SIP/2.0
            To: sip:user@[2001:db8::10]
            From: sip:user@example.com;tag=81x2
            Via: SIP/2.0/UDP \(via);branch=z9hG4bKas3-111
            Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-110
            Call-ID: SSG9559905523997077@hlau_4100
            Contact: "Caller" <sip:caller@[2001:db8::20]>
            CSeq: \(number) INVITE
            Max-Forwards: 70
            Content-Type: application/sdp
            Content-Length: \(wire(body).count)


            """ + body
        )
    }
}
