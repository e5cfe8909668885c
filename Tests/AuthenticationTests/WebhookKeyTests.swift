import Authentication
import Primitives
import Testing

@Suite("Which keys open the door")
struct WebhookKeyTests {
    static let url = "https://gw.example.com"
    static let parameters = [("AccountSid", "AC1"), ("CallSid", "CA1")]

    static func webhook(signedUnder key: String, isSHA256: Bool = false) -> Webhook {
        Webhook(
            publicURL: url,
            target: "/voice",
            parameters: parameters,
            signature: ReferenceSignature.sign(
                url: url + "/voice",
                parameters: parameters,
                key: key,
                isSHA256: isSHA256
            )
        )
    }

    @Test("during a rotation the old and the new token both pass, and afterwards only the new")
    func rotates() throws {
        for (tokens, opens) in [
            (["old"], [true, false]), (["old", "new"], [true, true]), (["new"], [false, true]),
        ] {
            for (token, isOpen) in zip(["old", "new"], opens) {
                var webhook = Self.webhook(signedUnder: token)
                webhook.tokens = tokens
                let verdict = try webhook.verdict()
                #expect(verdict.isValid == isOpen)
                if case .valid(let match) = verdict { #expect(tokens[match.key] == token) }
            }
        }
    }

    @Test("a token of one account never opens another's door, in any of 10 × 10 pairs")
    func separatesTenants() throws {
        let tokens = (0..<10).map { "token-of-account-\($0)" }
        for (signer, signedUnder) in tokens.enumerated() {
            for (owner, token) in tokens.enumerated() {
                var webhook = Self.webhook(signedUnder: signedUnder)
                webhook.tokens = [token, token + "-secondary"]
                #expect(try webhook.verdict().isValid == (signer == owner))
                var shared = Self.webhook(signedUnder: signedUnder, isSHA256: true)
                shared.tokens = [token]
                shared.sharedKeys = [(id: "key-\(owner)", secret: token)]
                shared.settings = "key=key-\(signer),algorithm=HMAC_SHA256"
                #expect(try shared.verdict().isValid == (signer == owner))
            }
        }
    }

    @Test(
        "the settings header chooses the key and the algorithm",
        arguments: [
            "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
            "algorithm=HMAC_SHA256,key=webhooks_sharedkey_1",
            " key = webhooks_sharedkey_1 ,\talgorithm = hmac_sha256",
            "v=2,key=webhooks_sharedkey_1,,algorithm=HMAC_SHA256,",
            "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256,key=other,algorithm=HMAC_SHA1",
        ]
    )
    func acceptsSharedKey(settings: String) throws {
        var webhook = Self.webhook(signedUnder: "shared", isSHA256: true)
        webhook.settings = settings
        webhook.sharedKeys = [("other", "x"), ("webhooks_sharedkey_1", "shared")]
        let match = SignatureMatch(
            algorithm: .hmacSHA256,
            key: 1,
            url: 0,
            form: URLForm(hasCredentials: false, hasPort: false)
        )
        #expect(try webhook.verdict() == .valid(match))
    }

    @Test(
        "settings that name no key or no algorithm of ours are refused with their own reason",
        arguments: [
            ("key=k,algorithm=HMAC_SHA512", SignatureRefusal.unknownAlgorithm),
            ("key=k,algorithm=none", .unknownAlgorithm),
            ("algorithm=HMAC_SHA256", .unknownKey),
            ("key=,algorithm=HMAC_SHA256", .unknownKey),
            ("key=K,algorithm=HMAC_SHA256", .unknownKey),
            ("key=kk,algorithm=HMAC_SHA256", .unknownKey),
            ("key=k,algorithm=HMAC_SHA1", .malformedSignature),
            ("key=k", .malformedSignature),
        ]
    )
    func refusesSettings(settings: String, reason: SignatureRefusal) throws {
        var webhook = Self.webhook(signedUnder: "shared", isSHA256: true)
        webhook.settings = settings
        webhook.tokens = ["shared"]
        webhook.sharedKeys = [("k", "shared")]
        #expect(try webhook.verdict() == .refused(reason))
    }

    @Test("a key name too long for any key matches none, whatever it starts with")
    func refusesLongKeyName() throws {
        let name = String(repeating: "k", count: 128)
        var webhook = Self.webhook(signedUnder: "shared", isSHA256: true)
        webhook.sharedKeys = [(name, "shared")]
        webhook.settings = "algorithm=HMAC_SHA256,key=" + name
        #expect(try webhook.verdict().isValid)
        webhook.settings = "algorithm=HMAC_SHA256,key=" + name + "k"
        #expect(try webhook.verdict() == .refused(.unknownKey))
    }

    @Test(
        "settings without an algorithm mean HMAC-SHA1 under the auth token",
        arguments: ["", "key=k", "algorithm=", "algorithm=HMAC_SHA1", "key=k,algorithm=hmac_sha1"]
    )
    func acceptsToken(settings: String) throws {
        var webhook = Self.webhook(signedUnder: "12345")
        webhook.settings = settings
        #expect(try webhook.verdict().isValid)
        // The shared key does not stand in for the token.
        webhook.tokens = ["another"]
        webhook.sharedKeys = [("k", "12345")]
        #expect(try webhook.verdict() == .refused(.mismatch))
    }

    @Test("HMAC-SHA1 of the token does not pass for HMAC-SHA256, nor the other way round")
    func separatesAlgorithms() throws {
        var webhook = Self.webhook(signedUnder: "12345")
        webhook.sharedKeys = [("k", "12345")]
        webhook.settings = "key=k,algorithm=HMAC_SHA256"
        #expect(try webhook.verdict() == .refused(.malformedSignature))
        webhook = Self.webhook(signedUnder: "12345", isSHA256: true)
        #expect(try webhook.verdict() == .refused(.malformedSignature))
    }

    @Test("two settings headers are refused")
    func refusesTwoSettings() throws {
        let webhook = Self.webhook(signedUnder: "12345")
        var headers = webhook.headers
        headers.addSettings([UInt8]("key=k".utf8).span)
        headers.addSettings([UInt8]("key=k".utf8).span)
        let verifier = SignatureVerifier(publicURLs: [try PublicURL(parsing: Self.url)])
        let verdict = webhook.verdict(of: verifier, headers: headers, keys: webhook.keys)
        #expect(verdict == .refused(.severalSignatures))
    }

    @Test("keys print as ‹secret›")
    func redacts() throws {
        let keys = WebhookKeys(
            authTokens: [try #require(AuthToken(Secret("hunter2")))],
            sharedKeys: [try #require(SharedKey(id: "k", secret: Secret("hunter2")))]
        )
        var dumped = ""
        dump(keys, to: &dumped)
        let hmac = HMAC<SHA1>(key: [UInt8]("hunter2".utf8).span)
        for text in ["\(keys)", String(reflecting: keys), dumped, "\(hmac)"] {
            #expect(text.contains("‹secret›"))
            #expect(!text.contains("h0") && !text.contains("Context"))
        }
    }
}
