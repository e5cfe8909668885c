import Primitives

/// The key that seals the secrets of the directory: 32 octets from a key file or a systemd credential.
package struct SecretKey: Sendable, Redacted {
    let octets: Secret

    /// Reads 32 raw octets, 64 hexadecimal digits, or Base64 with padding; a line end after the text
    /// is left out.
    package init(parsing file: Span<UInt8>) throws(SecretKeyError) {
        if file.count == 32 {
            octets = Secret(file.array)
            return
        }
        var end = file.count
        while end > 0, file[end - 1] <= ASCII.space { end -= 1 }
        let text = file.extracting(0..<end)
        let decoded = text.count == 64 ? Hex.decode(text) : Base64.decode(text)
        guard let decoded else { throw .malformed }
        guard decoded.count == 32 else { throw .wrongLength(byteCount: decoded.count) }
        octets = Secret(decoded)
    }

    /// A text that tells this key from others and gives nothing away: 16 hexadecimal digits.
    ///
    /// Kept beside what the key sealed and compared at start, so that a wrong key is one clear error
    /// instead of many secrets that do not open.
    package var checkValue: String {
        octets.withBytes { key in
            let hmac = HMAC<SHA256>(key: key)
            let label = Array("trunkline key check value".utf8)
            let code = hmac.code(label.span)
            return Hex.encode(code.span.extracting(0..<8))
        }
    }
}

extension SecretKey {
    /// A key for another purpose, which `purpose` names: HMAC-SHA256 under this key, cut to two words.
    ///
    /// All gateways with one key file derive the same, so that they name calls alike.
    package func derivedKey(for purpose: String) -> SipHash.Key {
        octets.withBytes { key in
            let hmac = HMAC<SHA256>(key: key)
            let label = Array("trunkline \(purpose)".utf8)
            let code = hmac.code(label.span)
            var words: (UInt64, UInt64) = (0, 0)
            for index in 0..<8 {
                words.0 = words.0 << 8 | UInt64(code[index])
                words.1 = words.1 << 8 | UInt64(code[index + 8])
            }
            return SipHash.Key(words.0, words.1)
        }
    }
}

/// Why the content of a key file is no key; it never repeats the content.
package enum SecretKeyError: Error, Hashable {
    case malformed
    case wrongLength(byteCount: Int)
}

extension SecretKeyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed:
            "a key file holds 32 raw octets, 64 hexadecimal digits or their Base64; "
                + "make one with: openssl rand -hex 32"
        case .wrongLength(let byteCount):
            "the key has \(byteCount) octets instead of 32; make one with: openssl rand -hex 32"
        }
    }
}
