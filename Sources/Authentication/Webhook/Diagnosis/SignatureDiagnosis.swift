import Primitives

/// Which signatures a request may carry, and, if it carries another, which mistake explains that one.
///
/// For people at a terminal: it tries a few thousand combinations and takes some milliseconds.
package struct SignatureDiagnosis: Sendable {
    /// Every form of the URL that is accepted, the likeliest first; none where its query has to name the
    /// body and does not.
    package let forms: [Form]
    /// The value that `bodySHA256` must have, when the question has a body.
    package let bodyHash: String?
    package let conclusion: Conclusion

    package struct Form: Hashable, Sendable {
        package var form: URLForm
        package var url: String
        package var signature: String
    }

    package enum Conclusion: Hashable, Sendable {
        /// No signature was given to compare with.
        case nothingToCompare
        /// None was given, and none would do: the query names no body, or another one.
        case bodyNotNamed
        /// The signature is the one of `forms[index]`.
        case valid(form: Int)
        /// The signature fits, but a body needs its hash in the query: it is missing or another.
        case bodyHashMissing
        case bodyHashMismatch
        /// It would match under all of these conditions; the fewest that were found.
        case explained([String])
        /// Nothing that was tried gives this signature.
        case unexplained(triedCount: Int)
    }

    package init(_ question: SignatureQuestion) throws(PublicURLError) {
        let url = try SignedURL(question.url)
        let signer = Signer(algorithm: question.algorithm, key: question.key)
        let joined = question.body == nil ? joinedText(question.parameters) : ""
        let forms = url.forms.map { form, text in
            Form(form: form, url: text, signature: signer.signature(of: text + joined))
        }
        let bodyProblem = Self.bodyProblem(question.body, url: url)
        self.forms = bodyProblem == nil ? forms : []
        bodyHash = question.body.map { body in
            let digest = SHA256.digest(body.span)
            return Hex.encode(digest.span)
        }
        guard let signature = question.signature else {
            conclusion = bodyProblem == nil ? .nothingToCompare : .bodyNotNamed
            return
        }
        guard let index = forms.firstIndex(where: { $0.signature == signature }) else {
            conclusion = SignatureSearch(question, url: url, bodyHash: bodyHash).conclusion(
                signature
            )
            return
        }
        conclusion = bodyProblem ?? .valid(form: index)
    }

    private static func bodyProblem(_ body: [UInt8]?, url: SignedURL) -> Conclusion? {
        guard let body, !body.isEmpty else { return nil }
        let target = Array(url.target.utf8)
        guard let slice = BodyHash.slice(in: target.span) else { return .bodyHashMissing }
        return BodyHash.matches(target.span.bytes(slice), body: body.span) ? nil : .bodyHashMismatch
    }
}

extension SignatureDiagnosis.Conclusion: CustomStringConvertible {
    /// One sentence for the person who asked.
    package var description: String {
        switch self {
        case .nothingToCompare:
            "Give --signature to learn whether a signature is right."
        case .bodyNotNamed:
            "No signature of this URL is accepted with this body: the query has to name it, once, as "
                + "bodySHA256."
        case .valid(let form):
            "The signature is right: it is form \(form + 1)."
        case .bodyHashMissing:
            "The signature is that of the URL, but the query does not name the body: "
                + "bodySHA256 is missing or stands twice."
        case .bodyHashMismatch:
            "The signature is that of the URL, but the body is not the one that bodySHA256 names."
        case .explained(let conditions):
            "The signature would match if " + conditions.joined(separator: ", and ") + "."
        case .unexplained(let count):
            "None of \(count) combinations of usual mistakes gives this signature: most likely the "
                + "token is not that of the account that sent the request, or a parameter is missing."
        }
    }
}

/// A key with its algorithm.
struct Signer: Sendable {
    private let method: Method

    private enum Method {
        case sha1(HMAC<SHA1>)
        case sha256(HMAC<SHA256>)
    }

    /// An algorithm that is not known signs as without the settings header.
    init(algorithm: SignatureHeaders.Algorithm, key: Secret) {
        method = key.withBytes { key in
            algorithm == .hmacSHA256 ? .sha256(HMAC(key: key)) : .sha1(HMAC(key: key))
        }
    }

    var digestByteCount: Int {
        switch method {
        case .sha1: SHA1.digestByteCount
        case .sha256: SHA256.digestByteCount
        }
    }

    func code(of text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let digest =
            switch method {
            case .sha1(let hmac): hmac.code(bytes.span)
            case .sha256(let hmac): hmac.code(bytes.span)
            }
        return digest.span.extracting(0..<digestByteCount).array
    }

    func signature(of text: String) -> String {
        let code = code(of: text)
        return String(decoding: Base64.encode(code.span), as: UTF8.self)
    }
}

/// What the parameters of a form add to the signed text.
func joinedText(_ parameters: [SignatureQuestion.Parameter]) -> String {
    var source = ByteBuffer()
    var joined = SignedParameters()
    for parameter in parameters {
        let start = source.count
        source.append(parameter.name)
        let middle = source.count
        source.append(parameter.value)
        joined.append(
            name: ByteSlice(start..<middle),
            value: ByteSlice(middle..<source.count),
            in: source.span
        )
    }
    return joined.withJoined(from: source.span) { $0.text }
}
