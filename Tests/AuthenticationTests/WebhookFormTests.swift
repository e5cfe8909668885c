import Authentication
import Primitives
import Testing

@Suite("Which URLs and parameters are signed")
struct WebhookFormTests {
    @Test("nothing but the target's path and query counts: an absolute target changes nothing")
    func ignoresAuthority() throws {
        var webhook = WebhookRefusalTests.form
        for start in ["http://evil.example", "https://mycompany.com:1", "HTTP://a@[::1]:80"] {
            webhook.target = start + "/myapp.php?foo=1&bar=2"
            #expect(try webhook.verdict().isValid)
        }
        webhook.target = "https://mycompany.com/other.php?foo=1&bar=2"
        #expect(try webhook.verdict() == .refused(.mismatch))
    }

    @Test("a path that a proxy takes away is put back from the public URL")
    func prependsPath() throws {
        for publicURL in ["https://gw.example.com/voice", "https://gw.example.com/voice/"] {
            var webhook = Webhook(publicURL: publicURL, target: "/inbound?x=%27%2B+")
            webhook.signature = ReferenceSignature.sign(
                url: "https://gw.example.com/voice/inbound?x=%27%2B+",
                parameters: [],
                key: "12345"
            )
            #expect(try webhook.verdict().isValid)
        }
    }

    @Test(
        "an empty path is accepted with and without its slash",
        arguments: [
            ("https://gw.example.com", "https://gw.example.com", "/", false),
            ("https://gw.example.com", "https://gw.example.com/", "/", true),
            ("https://gw.example.com", "https://gw.example.com?a=1", "/?a=1", false),
            ("https://gw.example.com", "https://gw.example.com/?a=1", "/?a=1", true),
            ("https://gw.example.com/v", "https://gw.example.com/v?a=1", "/?a=1", false),
        ]
    )
    func acceptsEmptyPath(
        publicURL: String,
        signed: String,
        target: String,
        hasSlash: Bool
    ) throws {
        var webhook = Webhook(
            publicURL: publicURL,
            target: target,
            parameters: [("From", "+1")]
        )
        webhook.signature = ReferenceSignature.sign(
            url: signed,
            parameters: webhook.parameters,
            key: "12345"
        )
        let form = URLForm(hasCredentials: false, hasPort: false, hasSlash: hasSlash)
        let match = SignatureMatch(algorithm: .hmacSHA1, key: 0, url: 0, form: form)
        #expect(try webhook.verdict() == .valid(match))
    }

    @Test(
        "a port that Twilio adds, keeps or drops never breaks the signature",
        arguments: [
            ("https://gw.example.com", ["", ":443"]),
            ("https://gw.example.com:443", ["", ":443"]),
            ("https://gw.example.com:8443", ["", ":8443"]),
            ("http://gw.example.com", ["", ":80"]),
            ("http://gw.example.com:5060", ["", ":5060"]),
        ]
    )
    func acceptsPorts(publicURL: String, ports: [String]) throws {
        let scheme = publicURL.prefix { $0 != ":" }
        for port in ["", ":80", ":443", ":5060", ":8443"] {
            for user in ["", "user:pass@"] {
                var webhook = Webhook(publicURL: publicURL, target: "/v")
                webhook.signature = ReferenceSignature.sign(
                    url: "\(scheme)://\(user)gw.example.com\(port)/v",
                    parameters: [],
                    key: "12345"
                )
                // Credentials that nobody configured are not accepted.
                #expect(try webhook.verdict().isValid == (ports.contains(port) && user.isEmpty))
                webhook.publicURL =
                    "\(scheme)://user:pass@" + publicURL.dropFirst(scheme.count + 3)
                #expect(try webhook.verdict().isValid == ports.contains(port))
            }
        }
    }

    @Test("the form of voice webhooks over https is tried first")
    func ordersForms() throws {
        let url = try PublicURL(parsing: "https://user:pass@gw.example.com:8443")
        let verifier = SignatureVerifier(publicURLs: [url])
        let forms = [
            ("https://gw.example.com/v", URLForm(hasCredentials: false, hasPort: false)),
            ("https://gw.example.com:8443/v", URLForm(hasCredentials: false, hasPort: true)),
            ("https://user:pass@gw.example.com/v", URLForm(hasCredentials: true, hasPort: false)),
            (
                "https://user:pass@gw.example.com:8443/v",
                URLForm(hasCredentials: true, hasPort: true)
            ),
        ]
        for (signed, form) in forms {
            let signature = ReferenceSignature.sign(url: signed, parameters: [], key: "12345")
            let webhook = Webhook(publicURL: "", target: "/v", signature: signature)
            let verdict = webhook.verdict(
                of: verifier,
                headers: webhook.headers,
                keys: webhook.keys
            )
            let match = SignatureMatch(algorithm: .hmacSHA1, key: 0, url: 0, form: form)
            #expect(verdict == .valid(match))
        }
    }

    @Test("each of several public URLs opens the door, and the verdict says which")
    func acceptsSeveralURLs() throws {
        let texts = ["https://a.example", "https://b.example:8443/x", "http://[2001:db8::1]:8080"]
        var urls: [PublicURL] = []
        for text in texts { urls.append(try PublicURL(parsing: text)) }
        let verifier = SignatureVerifier(publicURLs: urls)
        for (index, text) in texts.enumerated() {
            let signature = ReferenceSignature.sign(
                url: text + "/v",
                parameters: [],
                key: "12345"
            )
            let webhook = Webhook(publicURL: "", target: "/v", signature: signature)
            let verdict = webhook.verdict(
                of: verifier,
                headers: webhook.headers,
                keys: webhook.keys
            )
            guard case .valid(let match) = verdict else {
                Issue.record("\(text): \(verdict)")
                continue
            }
            #expect(match.url == index)
        }
    }

    /// Parameters as they arrive, and the text that they make.
    static let joinings: [([(String, String)], String)] = [
        ([("b", "2"), ("a", "1")], "a1b2"),
        ([("callSid", "3"), ("CallSid", "2"), ("CALLSID", "1")], "CALLSID1CallSid2callSid3"),
        ([("SidAccount", "1"), ("Sid", "Z")], "SidZSidAccount1"),
        ([("SidAccount", "1"), ("Sid", "a")], "SidaSidAccount1"),
        ([("FromCity", ""), ("From", "+1")], "From+1FromCity"),
        ([("a", "2"), ("a", "1"), ("a", "2")], "a1a2"),
        ([("a", ""), ("a", "")], "a"),
        ([("", ""), ("", "x")], "x"),
        ([("é", "1"), ("z", "2")], "z2é1"),
        (
            [("longername1", "b"), ("longername1", "a"), ("longername0", "c")],
            "longername0clongername1alongername1b"
        ),
        ([("ab\0", "1"), ("ab", "2")], "ab2ab\u{0}1"),
        ([], ""),
    ]

    @Test(
        "parameters are sorted by octets, names before values, each pair once",
        arguments: joinings
    )
    func joinsParameters(parameters: [(String, String)], joined: String) {
        #expect(withJoined(parameters) { $0.text } == joined)
    }

    @Test("a list of parameters that is emptied forgets them")
    func reusesParameters() {
        let source = Array("a1b2".utf8)
        var parameters = SignedParameters()
        parameters.append(
            name: ByteSlice(0..<1),
            value: ByteSlice(1..<2),
            in: source.span
        )
        #expect(parameters.withJoined(from: source.span) { $0.text } == "a1")
        parameters.removeAll()
        parameters.append(
            name: ByteSlice(2..<3),
            value: ByteSlice(3..<4),
            in: source.span
        )
        #expect(parameters.withJoined(from: source.span) { $0.text } == "b2")
        #expect(parameters.withJoined(from: source.span) { $0.text } == "b2")
    }
}
