import COpenSSL
import Primitives

/// Seals secrets for the store with AES-256-GCM (NIST SP 800-38D).
///
/// A sealed secret is one version octet (1), the 12 octets of the nonce, the ciphertext, and the 16
/// octets of the tag. `context` names the row that it belongs to (`credential/ID`): a sealed secret that
/// is copied to another row does not open.
package struct SecretBox: Sendable, Redacted {
    private let key: SecretKey

    /// The octets that sealing adds to a secret.
    package static let overheadByteCount = 29

    package init(key: SecretKey) {
        self.key = key
    }

    /// Seals a secret of at most 64 KiB for the row that `context` names.
    ///
    /// `nonce` is 12 random octets that this key has not seen: two secrets under one nonce give both
    /// away. Random nonces are safe for 2³² secrets under one key (SP 800-38D §8.3).
    package func seal(
        _ secret: Secret,
        context: String,
        nonce: InlineArray<12, UInt8>
    ) throws(SecretBoxError) -> [UInt8] {
        guard secret.count <= Self.secretByteCountMax else { throw .tooLarge }
        var sealed: [UInt8] = [Self.version]
        for index in nonce.indices { sealed.append(nonce[index]) }
        let cipher = try GaloisCounter(key: key, nonce: nonce.span, isSealing: true)
        try cipher.authenticate(context)
        try secret.withBytes { (plain) throws(SecretBoxError) in
            try cipher.transform(plain, into: &sealed)
        }
        try cipher.finishSealing(into: &sealed)
        return sealed
    }

    /// The secret, if `sealed` was made under this key and for this `context`, and not changed since.
    package func open(_ sealed: Span<UInt8>, context: String) throws(SecretBoxError) -> Secret {
        guard sealed.count >= Self.overheadByteCount else { throw .truncated }
        guard sealed.count - Self.overheadByteCount <= Self.secretByteCountMax else {
            throw .tooLarge
        }
        guard sealed[0] == Self.version else { throw .unknownVersion(sealed[0]) }
        let tagStart = sealed.count - 16
        let cipher = try GaloisCounter(
            key: key,
            nonce: sealed.extracting(1..<13),
            isSealing: false
        )
        try cipher.authenticate(context)
        var plain: [UInt8] = []
        try cipher.transform(sealed.extracting(13..<tagStart), into: &plain)
        // Nothing of `plain` leaves this function before the tag has proved it.
        try cipher.finishOpening(tag: sealed.extracting(tagStart..<sealed.count))
        return Secret(plain)
    }

    private static let version: UInt8 = 1
    /// Tokens, passwords and keys of carriers are shorter than 1 KiB; private keys fit as well.
    private static let secretByteCountMax = 65_536
}

/// Why a secret was not sealed or not opened; none of the cases carries a secret.
package enum SecretBoxError: Error, Hashable {
    case tooLarge
    case truncated
    case unknownVersion(UInt8)
    /// Another key, another row, or changed octets: the tag cannot tell which.
    case notAuthentic
    /// OpenSSL refused to work, for want of memory or for a provider without AES.
    case unavailable
}

extension SecretBoxError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge: "a sealed secret holds at most 65536 octets"
        case .truncated: "the sealed secret is cut off"
        case .unknownVersion(let version): "the sealed secret has the unknown version \(version)"
        case .notAuthentic:
            "the sealed secret does not open: it was sealed under another key or for another row, "
                + "or it was changed"
        case .unavailable: "OpenSSL offers no AES-256-GCM here"
        }
    }
}
