import Primitives

/// The keys under which one carrier account may sign: its auth tokens and its shared keys.
///
/// During a rotation the old and the new stand side by side, and any of them opens the door. Immutable
/// and without pointers into OpenSSL: all threads share it.
package struct WebhookKeys: Sendable {
    let authTokens: [AuthToken]
    let sharedKeys: [SharedKey]

    package init(authTokens: [AuthToken], sharedKeys: [SharedKey] = []) {
        self.authTokens = authTokens
        self.sharedKeys = sharedKeys
    }
}

/// The token of a Twilio account, prepared for HMAC-SHA1.
package struct AuthToken: Sendable, Redacted {
    let hmac: HMAC<SHA1>

    /// Nil for an empty token: under an empty key anybody can sign.
    package init?(_ secret: Secret) {
        guard !secret.isEmpty else { return nil }
        hmac = secret.withBytes { HMAC(key: $0) }
    }
}

/// A key that the header `X-Twilio-Webhooks-Signature-Settings` names, prepared for HMAC-SHA256.
package struct SharedKey: Sendable, Redacted {
    let id: [UInt8]
    let hmac: HMAC<SHA256>

    /// `id` is compared byte for byte with what the header says; 1 to 128 octets.
    ///
    /// Nil for an empty secret, under which anybody can sign, and for an `id` that no header can name.
    package init?(id: String, secret: Secret) {
        guard !secret.isEmpty, 1...128 ~= id.utf8.count else { return nil }
        self.id = Array(id.utf8)
        hmac = secret.withBytes { HMAC(key: $0) }
    }
}
