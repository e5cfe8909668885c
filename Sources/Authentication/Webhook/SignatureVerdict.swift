/// Whether a webhook was signed by one who holds a key.
package enum SignatureVerdict: Hashable, Sendable {
    case valid(SignatureMatch)
    case refused(SignatureRefusal)

    package var isValid: Bool {
        if case .valid = self { return true }
        return false
    }
}

/// Which key opened the door, and which form of the URL was signed.
package struct SignatureMatch: Hashable, Sendable {
    package var algorithm: SignatureHeaders.Algorithm
    /// The index in `WebhookKeys.authTokens`, or in `sharedKeys` when the algorithm is HMAC-SHA256.
    package var key: Int
    /// The index among the verifier's public URLs.
    package var url: Int
    package var form: URLForm

    package init(algorithm: SignatureHeaders.Algorithm, key: Int, url: Int, form: URLForm) {
        self.algorithm = algorithm
        self.key = key
        self.url = url
        self.form = form
    }
}

/// Why a webhook is refused; every case is answered with 403.
package enum SignatureRefusal: String, Hashable, Sendable, CaseIterable {
    case missingSignature = "missing_signature"
    /// Two signatures, or two settings: one who forwards and one who signs would disagree.
    case severalSignatures = "several_signatures"
    /// No Base64 of as many octets as the algorithm gives.
    case malformedSignature = "malformed_signature"
    case unknownAlgorithm = "unknown_algorithm"
    /// The settings name no shared key of this account.
    case unknownKey = "unknown_key"
    /// The account has no auth token.
    case noKey = "no_key"
    /// Not a path with a query: `*`, or an authority alone.
    case malformedTarget = "malformed_target"
    /// A body that is no form, and no single `bodySHA256` in the query.
    case bodyHashMissing = "body_hash_missing"
    /// The URL is authentic, the body is not the one that was signed.
    case bodyHashMismatch = "body_hash_mismatch"
    /// No key gives this signature for any form of the URL.
    case mismatch = "mismatch"
}
