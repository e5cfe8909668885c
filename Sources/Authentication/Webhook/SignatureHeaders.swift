import Primitives

/// What a request says of its own signature; filled while the header fields are walked.
///
/// A plain value: nothing is copied to the heap, and what cannot be right is found without a key.
package struct SignatureHeaders: Sendable {
    package private(set) var signatureCount = 0
    private(set) var settingsCount = 0
    private(set) var algorithm = Algorithm.hmacSHA1
    /// The decoded signature and its length; 0 when it is no Base64 of 20 or 32 octets.
    private(set) var signature = InlineArray<32, UInt8>(repeating: 0)
    private(set) var signatureByteCount = 0
    /// The name of the key; its length is over the room when the name cannot match any.
    private(set) var keyID = InlineArray<128, UInt8>(repeating: 0)
    private(set) var keyIDCount = 0

    /// The hash of the signature, as its header names it.
    package enum Algorithm: Hashable, Sendable {
        case hmacSHA1
        case hmacSHA256
        case unknown
    }

    package init() {}

    /// The value of an `X-Twilio-Signature` field, without the white space around it.
    package mutating func addSignature(_ value: Span<UInt8>) {
        signatureCount &+= 1
        signatureByteCount = SignatureText.decode(value, into: &signature)
    }

    /// The value of an `X-Twilio-Webhooks-Signature-Settings` field: `key=ID,algorithm=HMAC_SHA256`.
    ///
    /// Without `algorithm=` the signature is HMAC-SHA1 under an auth token, as without the field. A
    /// name that stands twice counts the first time, as in Twilio's own reader.
    package mutating func addSettings(_ value: Span<UInt8>) {
        settingsCount &+= 1
        var hasAlgorithm = false
        var start = 0
        while start <= value.count {
            let end = value.firstIndex(of: ASCII.comma, from: start) ?? value.count
            let part = value.extracting(start..<end)
            start = end &+ 1
            guard let equals = part.firstIndex(of: ASCII.equals) else { continue }
            let name = part.extracting(part.trimmingBlanks(0..<equals))
            let text = part.extracting(part.trimmingBlanks((equals &+ 1)..<part.count))
            if text.count == 0 { continue }
            if name.isEqual(to: "algorithm"), !hasAlgorithm {
                algorithm = Self.algorithm(text)
                hasAlgorithm = true
            } else if name.isEqual(to: "key"), keyIDCount == 0 {
                keyIDCount = text.count
                for index in 0..<min(text.count, keyID.count) { keyID[index] = text[index] }
            }
        }
    }

    /// Whether the settings field names the key `id`.
    func names(_ id: [UInt8]) -> Bool {
        keyIDCount > 0 && keyIDCount <= keyID.count
            && keyID.span.extracting(0..<keyIDCount).isEqual(to: id.span)
    }

    private static func algorithm(_ text: Span<UInt8>) -> Algorithm {
        if text.isEqualIgnoringCase(to: "HMAC_SHA256") { return .hmacSHA256 }
        return text.isEqualIgnoringCase(to: "HMAC_SHA1") ? .hmacSHA1 : .unknown
    }
}
