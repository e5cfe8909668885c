import Primitives

/// Decides whether a webhook request was signed under one of an account's keys (X-Twilio-Signature).
///
/// The signature is the HMAC of the URL as Twilio holds it, and of the sorted form parameters. The start
/// of the URL comes from configuration; `Host`, `Forwarded` and `X-Forwarded-*` are not looked at. There
/// is no mode that lets a request pass without a signature. A value: every thread may have a copy.
///
/// The scheme joins its parts without separators, so one who has seen a signed request can move the
/// border between the URL and the parameters. Nothing is gained by it: the joined text stays what it was.
package struct SignatureVerifier: Sendable {
    let publicURLs: [PublicURL]

    package init(publicURLs: [PublicURL]) {
        self.publicURLs = publicURLs
    }

    /// Checks one request; it allocates nothing.
    ///
    /// `target` is the request target as received, nothing decoded. `parameters` is what
    /// `SignedParameters` joined, and counts for `.form` only; `body` is the raw body and counts for
    /// `.body` only. At most 4 HMACs for each key and URL (8 when the path is empty).
    package func verify(
        _ headers: SignatureHeaders,
        target: Span<UInt8>,
        content: SignedContent,
        parameters: Span<UInt8>,
        body: Span<UInt8>,
        keys: WebhookKeys
    ) -> SignatureVerdict {
        if let refusal = refusal(of: headers) { return .refused(refusal) }
        guard let path = RequestTarget.path(of: target) else { return .refused(.malformedTarget) }
        let signed = target.extracting(path)
        var bodyHash = ByteSlice.empty
        if content == .body {
            guard let slice = BodyHash.slice(in: signed) else { return .refused(.bodyHashMissing) }
            bodyHash = slice
        }
        let tail = parameters.extracting(0..<(content == .form ? parameters.count : 0))
        let verdict = match(headers, target: signed, parameters: tail, keys: keys)
        // The body is hashed only once the URL has proved authentic: strangers cost little.
        if content == .body, verdict.isValid,
            !BodyHash.matches(signed.bytes(bodyHash), body: body)
        {
            return .refused(.bodyHashMismatch)
        }
        return verdict
    }

    /// What can be refused without a key.
    private func refusal(of headers: SignatureHeaders) -> SignatureRefusal? {
        if headers.signatureCount == 0 { return .missingSignature }
        if headers.signatureCount > 1 || headers.settingsCount > 1 { return .severalSignatures }
        switch headers.algorithm {
        case .hmacSHA1: return headers.signatureByteCount == 20 ? nil : .malformedSignature
        case .hmacSHA256: return headers.signatureByteCount == 32 ? nil : .malformedSignature
        case .unknown: return .unknownAlgorithm
        }
    }

    private func match(
        _ headers: SignatureHeaders,
        target: Span<UInt8>,
        parameters: Span<UInt8>,
        keys: WebhookKeys
    ) -> SignatureVerdict {
        var reason = SignatureRefusal.mismatch
        switch headers.algorithm {
        case .unknown:
            reason = .unknownAlgorithm
        case .hmacSHA1:
            if keys.authTokens.isEmpty { reason = .noKey }
            for index in keys.authTokens.indices {
                let match = match(
                    keys.authTokens[index].hmac,
                    key: index,
                    headers,
                    target,
                    parameters
                )
                if let match { return .valid(match) }
            }
        case .hmacSHA256:
            if !keys.sharedKeys.contains(where: { headers.names($0.id) }) { reason = .unknownKey }
            for index in keys.sharedKeys.indices where headers.names(keys.sharedKeys[index].id) {
                let match = match(
                    keys.sharedKeys[index].hmac,
                    key: index,
                    headers,
                    target,
                    parameters
                )
                if let match { return .valid(match) }
            }
        }
        return .refused(reason)
    }

    /// Tries every form of every public URL under one key.
    private func match<Hash>(
        _ hmac: HMAC<Hash>,
        key: Int,
        _ headers: SignatureHeaders,
        _ target: Span<UInt8>,
        _ parameters: Span<UInt8>
    ) -> SignatureMatch? {
        let presented = headers.signature.span.extracting(0..<Hash.digestByteCount)
        for url in publicURLs.indices {
            for origin in publicURLs[url].origins {
                for skipped in 0...(RequestTarget.isEmptyPath(target) ? 1 : 0) {
                    var hash = hmac.start
                    hash.update(origin.bytes.span)
                    hash.update(target.extracting(skipped..<target.count))
                    hash.update(parameters)
                    let digest = hmac.finish(hash)
                    let code = digest.span.extracting(0..<Hash.digestByteCount)
                    guard code.isEqualInConstantTime(to: presented) else { continue }
                    var form = origin.form
                    form.hasSlash = skipped == 0
                    return SignatureMatch(
                        algorithm: headers.algorithm,
                        key: key,
                        url: url,
                        form: form
                    )
                }
            }
        }
        return nil
    }
}
