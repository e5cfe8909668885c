import Authentication
import Primitives

/// A webhook request as a test writes it down, and what the verifier says of it.
struct Webhook {
    var publicURL: String
    var target: String
    var parameters: [(String, String)] = []
    var body: String?
    var isGET = false
    var signature: String?
    var settings: String?
    var tokens = ["12345"]
    var sharedKeys: [(id: String, secret: String)] = []

    func verdict() throws -> SignatureVerdict {
        let verifier = SignatureVerifier(publicURLs: [try PublicURL(parsing: publicURL)])
        return verdict(of: verifier, headers: headers, keys: keys)
    }

    var headers: SignatureHeaders {
        var headers = SignatureHeaders()
        if let signature {
            let bytes = Array(signature.utf8)
            headers.addSignature(bytes.span)
        }
        if let settings {
            let bytes = Array(settings.utf8)
            headers.addSettings(bytes.span)
        }
        return headers
    }

    var keys: WebhookKeys {
        WebhookKeys(
            authTokens: tokens.compactMap { AuthToken(Secret($0)) },
            sharedKeys: sharedKeys.compactMap { SharedKey(id: $0.id, secret: Secret($0.secret)) }
        )
    }

    func verdict(
        of verifier: SignatureVerifier,
        headers: SignatureHeaders,
        keys: WebhookKeys
    ) -> SignatureVerdict {
        let target = Array(self.target.utf8)
        let body = Array((self.body ?? "").utf8)
        let content = SignedContent(
            isGET: isGET,
            isForm: self.body == nil,
            bodyByteCount: self.body == nil ? parameters.count : body.count
        )
        return withJoined(parameters) { joined in
            verifier.verify(
                headers,
                target: target.span,
                content: content,
                parameters: joined,
                body: body.span,
                keys: keys
            )
        }
    }
}

/// Runs `body` on the signed form of decoded parameters.
func withJoined<Result>(
    _ parameters: [(String, String)],
    _ body: (Span<UInt8>) -> Result
) -> Result {
    var source: [UInt8] = []
    var slices: [(ByteSlice, ByteSlice)] = []
    for (name, value) in parameters {
        let nameSlice = ByteSlice(start: source.count, count: name.utf8.count)
        source += Array(name.utf8)
        let valueSlice = ByteSlice(start: source.count, count: value.utf8.count)
        source += Array(value.utf8)
        slices.append((nameSlice, valueSlice))
    }
    var signed = SignedParameters()
    for (name, value) in slices { signed.append(name: name, value: value, in: source.span) }
    return signed.withJoined(from: source.span, body)
}
