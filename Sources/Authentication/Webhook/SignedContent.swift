import Primitives

/// What of a request is signed beside its URL.
package enum SignedContent: Hashable, Sendable {
    /// The URL alone: a request without a body, such as a GET.
    case url
    /// The URL and the sorted parameters of a form.
    case form
    /// The URL, whose query names the hash of the body: JSON, and everything else.
    case body

    /// What is signed of a request with `bodyByteCount` octets of body.
    ///
    /// A GET that brings a body, form or not, is held to the strict rule: Twilio sends none, and a body
    /// that no signature covers must not pass for an authentic one.
    package init(isGET: Bool, isForm: Bool, bodyByteCount: Int) {
        if bodyByteCount == 0 {
            self = .url
        } else {
            self = isForm && !isGET ? .form : .body
        }
    }
}

/// The parameter `bodySHA256`, which Twilio adds to the query when the body is no form.
enum BodyHash {
    /// Where the value of `bodySHA256` lies in a request target.
    ///
    /// Nil when it is missing or stands twice: then it is not clear which one counts.
    static func slice(in target: Span<UInt8>) -> ByteSlice? {
        guard let question = target.firstIndex(of: ASCII.question) else { return nil }
        var found: ByteSlice?
        var start = question + 1
        while start < target.count {
            let end = target.firstIndex(of: 0x26, from: start) ?? target.count
            let part = target.extracting(start..<end)
            if part.count >= 11, part.extracting(0..<11).isEqual(to: "bodySHA256=") {
                guard found == nil else { return nil }
                found = ByteSlice((start + 11)..<end)
            }
            start = end + 1
        }
        return found
    }

    /// Whether `text` is the SHA-256 of `body` in lower-case hexadecimal digits.
    static func matches(_ text: Span<UInt8>, body: Span<UInt8>) -> Bool {
        let digest = SHA256.digest(body)
        var digits = InlineArray<64, UInt8>(repeating: 0)
        for index in digest.indices {
            digits[index &* 2] = Hex.digit(digest[index] >> 4)
            digits[index &* 2 &+ 1] = Hex.digit(digest[index] & 0x0F)
        }
        return digits.span.isEqualInConstantTime(to: text)
    }
}
