import Authentication
import HTTP
import Primitives
import Routing

/// Finds out whose webhook a request is: the account that it names must have signed it.
///
/// One for each loop; it keeps the room in which signed text is put together.
package struct TwilioAuthenticator: Sendable {
    private var signed = SignedParameters()

    package init() {}

    package enum Verdict: Sendable, Equatable {
        /// The credential under whose key the request was signed.
        case authentic(credential: UInt32)
        case forged(SignatureRefusal)
    }

    /// What signatures are checked against.
    package struct Reference: Sendable {
        var accounts: TwilioAccounts
        var verifier: SignatureVerifier
        /// The URL by which a trusted proxy says it was reached, if there is one.
        var forwardedURL: PublicURL?

        package init(
            accounts: TwilioAccounts,
            verifier: SignatureVerifier,
            forwardedURL: PublicURL?
        ) {
            self.accounts = accounts
            self.verifier = verifier
            self.forwardedURL = forwardedURL
        }
    }

    /// Checks a request that `webhook` was read from; `input` is what its slices point into.
    ///
    /// Several organizations may have the same account. Then the one that owns the dialled number
    /// counts, and a key of another opens nothing of it.
    package mutating func authenticate(
        _ webhook: TwilioWebhook,
        _ request: HTTPRequest,
        in input: Span<UInt8>,
        reference: Reference,
        directory: DirectorySnapshot
    ) -> Verdict {
        let parameters = webhook.parameters.bytes
        let account = parameters.span.bytes(webhook.parameter("AccountSid"))
        let headers = Self.headers(of: request, in: input)
        let candidates = reference.accounts.entries(of: account)
        // Without keys there is nothing to compare with: no routing, no record, no look at the store.
        guard !candidates.isEmpty else {
            return .forged(headers.signatureCount == 0 ? .missingSignature : .noKey)
        }
        let content = SignedContent(
            isGET: request.method != .post,
            isForm: webhook.isForm,
            bodyByteCount: Int(request.body.count)
        )
        join(webhook, content, parameters.span)
        var verdict: Verdict?
        for candidate in candidates {
            let entry = reference.accounts.entry(candidate)
            switch verify(headers, content, request, input, parameters.span, reference, entry.keys)
            {
            case .refused(let refusal): verdict = verdict ?? .forged(refusal)
            case .valid:
                verdict = .authentic(credential: entry.credential)
                if owns(webhook, entry.credential, directory) {
                    return .authentic(credential: entry.credential)
                }
            }
        }
        return verdict ?? .forged(.mismatch)
    }

    private static func headers(of request: HTTPRequest, in input: Span<UInt8>) -> SignatureHeaders
    {
        var headers = SignatureHeaders()
        for field in request.fields {
            switch field.id {
            case .xTwilioSignature: headers.addSignature(input.bytes(field.value))
            // Names the key and the algorithm of a signature.
            case .xTwilioSignatureSettings: headers.addSettings(input.bytes(field.value))
            default: break
            }
        }
        return headers
    }

    private mutating func join(
        _ webhook: TwilioWebhook,
        _ content: SignedContent,
        _ source: Span<UInt8>
    ) {
        signed.removeAll()
        guard content == .form else { return }
        for index in 0..<webhook.parameters.count {
            let parameter = webhook.parameters[index]
            signed.append(name: parameter.name, value: parameter.value, in: source)
        }
    }

    private mutating func verify(
        _ headers: SignatureHeaders,
        _ content: SignedContent,
        _ request: HTTPRequest,
        _ input: Span<UInt8>,
        _ source: Span<UInt8>,
        _ reference: Reference,
        _ keys: WebhookKeys
    ) -> SignatureVerdict {
        let target = input.bytes(request.target)
        let body = input.bytes(request.body)
        return signed.withJoined(from: source) { parameters in
            let verdict = reference.verifier.verify(
                headers,
                target: target,
                content: content,
                parameters: parameters,
                body: body,
                keys: keys
            )
            guard !verdict.isValid, let forwarded = reference.forwardedURL else { return verdict }
            return SignatureVerifier(publicURLs: [forwarded]).verify(
                headers,
                target: target,
                content: content,
                parameters: parameters,
                body: body,
                keys: keys
            )
        }
    }

    private func owns(
        _ webhook: TwilioWebhook,
        _ credential: UInt32,
        _ directory: DirectorySnapshot
    ) -> Bool {
        guard case .number(let number) = TwilioDoor.called(by: webhook),
            let entry = directory.entry(number)
        else { return true }
        return entry.organization == directory.credential(credential)?.organization
    }
}
