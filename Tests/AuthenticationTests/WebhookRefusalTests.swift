import Authentication
import Primitives
import Testing

@Suite("What a webhook is refused for")
struct WebhookRefusalTests {
    static let body = WebhookVectorTests.body
    static let bodyHash = WebhookVectorTests.bodyHash

    /// A request that would be accepted as it stands.
    static let form = Webhook(
        publicURL: "https://mycompany.com",
        target: WebhookVectorTests.target,
        parameters: WebhookVectorTests.parameters,
        signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    )
    static let json = Webhook(
        publicURL: "https://mycompany.com",
        target: "/myapp.php?bodySHA256=" + bodyHash,
        body: body,
        signature: "y77kIzt2vzLz71DgmJGsen2scGs="
    )

    @Test(
        "a signature that is missing, empty, malformed or another's is refused with its reason",
        arguments: [
            (nil, SignatureRefusal.missingSignature),
            ("", .malformedSignature),
            ("null", .malformedSignature),
            ("RSOYDt4T1cUTdK1PDd93/VVr8B8", .malformedSignature),
            ("RSOYDt4T1cUTdK1PDd93/VVr8B8=\n", .malformedSignature),
            ("RSOYDt4T1cUTdK1PDd93_VVr8B8=", .malformedSignature),
            ("RSOYDt4T1cUTdK1PDd93/VVr8B9=", .malformedSignature),
            ("RSOYDt4T1cUTdK1PDd93/VVr8B==", .malformedSignature),
            ("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", .malformedSignature),
            ("SSOYDt4T1cUTdK1PDd93/VVr8B8=", .mismatch),
            ("RSOYDt4T1cUTdK1PDd93/VVr8B4=", .mismatch),
            ("kvajT1Ptam85bY51eRf/AJRuM3x=", .malformedSignature),
        ]
    )
    func refusesSignature(signature: String?, reason: SignatureRefusal) throws {
        var webhook = Self.form
        webhook.signature = signature
        #expect(try webhook.verdict() == .refused(reason))
    }

    @Test("two signature headers are refused, whichever of them is right")
    func refusesTwoSignatures() throws {
        let verifier = SignatureVerifier(
            publicURLs: [try PublicURL(parsing: "https://mycompany.com")])
        for other in ["RSOYDt4T1cUTdK1PDd93/VVr8B8=", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", ""] {
            var headers = SignatureHeaders()
            for value in [other, "RSOYDt4T1cUTdK1PDd93/VVr8B8="] {
                let bytes = Array(value.utf8)
                headers.addSignature(bytes.span)
            }
            let verdict = Self.form.verdict(of: verifier, headers: headers, keys: Self.form.keys)
            #expect(verdict == .refused(.severalSignatures))
        }
    }

    @Test(
        "one parameter more, less, renamed or changed is refused",
        arguments: [
            { $0.append(("Extra", "1")) }, { $0.append(("", "1")) }, { $0.removeLast() },
            { $0[0].0 = "callSid" }, { $0[1].1 = "+14158675308" }, { $0[1].1 = " 14158675309" },
            { $0 = [] },
        ] as [@Sendable (inout [(String, String)]) -> Void]
    )
    func refusesParameters(change: @Sendable (inout [(String, String)]) -> Void) throws {
        var webhook = Self.form
        change(&webhook.parameters)
        #expect(try webhook.verdict() == .refused(.mismatch))
    }

    @Test(
        "another host, scheme, path or query is refused",
        arguments: [
            ("https://mycompany.org", "/myapp.php?foo=1&bar=2"),
            ("https://mycompany.com.evil", "/myapp.php?foo=1&bar=2"),
            ("http://mycompany.com", "/myapp.php?foo=1&bar=2"),
            ("https://mycompany.com/v1", "/myapp.php?foo=1&bar=2"),
            ("https://mycompany.com", "/myapp.php?foo=1&bar=2&baz=3"),
            ("https://mycompany.com", "/myapp.php?bar=2&foo=1"),
            ("https://mycompany.com", "/myapp.php?foo=1&bar=%32"),
            ("https://mycompany.com", "/myapp.php/?foo=1&bar=2"),
            ("https://mycompany.com", "/MyApp.php?foo=1&bar=2"),
        ]
    )
    func refusesURL(publicURL: String, target: String) throws {
        var webhook = Self.form
        webhook.publicURL = publicURL
        webhook.target = target
        #expect(try webhook.verdict() == .refused(.mismatch))
    }

    @Test("a body that is no form needs one hash, and the right one")
    func refusesBody() throws {
        #expect(try Self.json.verdict().isValid)
        var changed = Self.json
        changed.body = Self.body + " "
        #expect(try changed.verdict() == .refused(.bodyHashMismatch))

        var bare = Self.json
        bare.target = "/myapp.php"
        #expect(try bare.verdict() == .refused(.bodyHashMissing))

        var twice = Self.json
        twice.target += "&bodySHA256=" + Self.bodyHash
        #expect(try twice.verdict() == .refused(.bodyHashMissing))

        var shouting = Self.json
        shouting.target = "/myapp.php?BodySHA256=" + Self.bodyHash
        #expect(try shouting.verdict() == .refused(.bodyHashMissing))
    }

    @Test(
        "a hash that is cut off, in upper case or of another body is refused although it is signed",
        arguments: [
            String(bodyHash.dropLast()), bodyHash.uppercased(), bodyHash + "0", "",
            String(repeating: "0", count: 64),
        ]
    )
    func refusesHash(hash: String) throws {
        var webhook = Self.json
        webhook.target = "/myapp.php?bodySHA256=" + hash
        webhook.signature = ReferenceSignature.sign(
            url: "https://mycompany.com" + webhook.target,
            parameters: [],
            key: "12345"
        )
        #expect(try webhook.verdict() == .refused(.bodyHashMismatch))
    }

    @Test("a GET that brings a body cannot pass it off as signed")
    func refusesBodyOfGET() throws {
        var webhook = Webhook(
            publicURL: "https://gw.example.com",
            target: "/voice?CallSid=CA1",
            isGET: true
        )
        webhook.signature = ReferenceSignature.sign(
            url: "https://gw.example.com/voice?CallSid=CA1",
            parameters: [],
            key: "12345"
        )
        #expect(try webhook.verdict().isValid)
        webhook.body = "To=+15550100"
        #expect(try webhook.verdict() == .refused(.bodyHashMissing))
        #expect(SignedContent(isGET: true, isForm: true, bodyByteCount: 12) == .body)
        #expect(SignedContent(isGET: false, isForm: true, bodyByteCount: 12) == .form)
        #expect(SignedContent(isGET: false, isForm: true, bodyByteCount: 0) == .url)
    }

    @Test(
        "a target without a path is refused",
        arguments: ["", "*", "example.com:443", "://x/y", "ht+p://x/y", "https://", "https://x"]
    )
    func refusesTarget(target: String) throws {
        var webhook = Self.form
        webhook.target = target
        #expect(try webhook.verdict() == .refused(.malformedTarget))
    }

    @Test("without a key nothing passes, and an empty token is no key")
    func refusesWithoutKey() throws {
        var webhook = Self.form
        webhook.tokens = [""]
        webhook.signature = ReferenceSignature.sign(
            url: "https://mycompany.com" + webhook.target,
            parameters: webhook.parameters,
            key: ""
        )
        #expect(try webhook.verdict() == .refused(.noKey))
        #expect(AuthToken(Secret("")) == nil)
        #expect(SharedKey(id: "k", secret: Secret("")) == nil)
        #expect(SharedKey(id: "", secret: Secret("s")) == nil)
        #expect(SharedKey(id: String(repeating: "k", count: 129), secret: Secret("s")) == nil)
    }

    @Test("each reason has its own label for metrics")
    func labels() {
        let labels = Set(SignatureRefusal.allCases.map(\.rawValue))
        #expect(labels.count == SignatureRefusal.allCases.count)
        #expect(labels.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } })
    }

    @Test("random octets in every place are refused and never end the process")
    func survivesNoise() throws {
        var random = SeededRandom(seed: 31)
        let verifier = SignatureVerifier(publicURLs: [try PublicURL(parsing: "https://a:b@c.d")])
        let keys = Self.form.keys
        for _ in 0..<10_000 {
            var headers = SignatureHeaders()
            let signature = random.octets(Int.random(in: 0...50, using: &random))
            let settings = Array(
                random.text(upTo: 200, of: "key=algorithm=,,== \tHMAC_SHA256").utf8
            )
            headers.addSignature(signature.span)
            headers.addSettings(settings.span)
            let target = Array(random.text(upTo: 40, of: "/:?&=#%bodySHA256 http").utf8)
            let noise = random.octets(Int.random(in: 0...100, using: &random))
            for content in [SignedContent.url, .form, .body] {
                let verdict = verifier.verify(
                    headers,
                    target: target.span,
                    content: content,
                    parameters: noise.span,
                    body: noise.span,
                    keys: keys
                )
                #expect(!verdict.isValid)
            }
        }
    }
}
