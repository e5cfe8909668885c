import Authentication
import Primitives

/// `trunkline signature`: which X-Twilio-Signature is right, and why another is not.
package enum SignatureCommand {
    /// What the user wants to know.
    package struct Question {
        package var url: String
        var token: String
        package var algorithm: String?
        /// `name=value`, in any order.
        package var parameters: [String]
        package var body: [UInt8]?
        var signature: String?

        package init(
            url: String,
            token: String,
            algorithm: String?,
            parameters: [String],
            body: [UInt8]?,
            signature: String?
        ) {
            self.url = url
            self.token = token
            self.algorithm = algorithm
            self.parameters = parameters
            self.body = body
            self.signature = signature
        }
    }

    /// The answer as text or JSON, and whether the signature is right (true when none was given, unless
    /// no signature of the URL would do).
    package static func answer(
        _ question: Question,
        asJSON: Bool
    ) throws -> (text: String, isRight: Bool) {
        guard !question.token.isEmpty else {
            throw UsageError("--token is empty: under an empty token anybody could sign")
        }
        guard question.body == nil || question.parameters.isEmpty else {
            throw UsageError("--body is a body that is no form: it has no --param beside it")
        }
        let diagnosis: SignatureDiagnosis
        do {
            diagnosis = try SignatureDiagnosis(
                SignatureQuestion(
                    url: question.url,
                    key: Secret(question.token),
                    algorithm: try algorithm(question.algorithm),
                    parameters: try question.parameters.map(parameter),
                    body: question.body,
                    signature: question.signature
                )
            )
        } catch let error as PublicURLError {
            throw UsageError("--url: \(error)")
        }
        let isRight: Bool
        switch diagnosis.conclusion {
        case .valid, .nothingToCompare: isRight = true
        default: isRight = false
        }
        return (asJSON ? json(diagnosis) : text(diagnosis), isRight)
    }

    private static func algorithm(_ name: String?) throws -> SignatureHeaders.Algorithm {
        switch name?.uppercased() {
        case nil, "HMAC_SHA1": .hmacSHA1
        case "HMAC_SHA256": .hmacSHA256
        default: throw UsageError("--algorithm is HMAC_SHA1 or HMAC_SHA256")
        }
    }

    private static func parameter(_ text: String) throws -> SignatureQuestion.Parameter {
        guard let equals = text.firstIndex(of: "=") else {
            throw UsageError("--param \(text) has no '='; write --param To=+14155550100")
        }
        return SignatureQuestion.Parameter(
            name: String(text[..<equals]),
            value: String(text[text.index(after: equals)...])
        )
    }

    private static func text(_ diagnosis: SignatureDiagnosis) -> String {
        var lines = diagnosis.forms.isEmpty ? [] : ["Accepted signatures:"]
        for (index, form) in diagnosis.forms.enumerated() {
            lines.append("  \(index + 1)  \(form.signature)  \(form.url)")
        }
        if let hash = diagnosis.bodyHash { lines.append("bodySHA256 of the body: \(hash)") }
        lines.append("\(diagnosis.conclusion)")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func json(_ diagnosis: SignatureDiagnosis) -> String {
        var out = ByteBuffer()
        out.append("{")
        out.appendJSONKey("matches")
        switch diagnosis.conclusion {
        case .nothingToCompare, .bodyNotNamed: out.append("null")
        case .valid: out.append("true")
        default: out.append("false")
        }
        out.appendJSON("conclusion", "\(diagnosis.conclusion)")
        out.appendJSON("body_sha256", diagnosis.bodyHash)
        out.appendJSONKey("accepted")
        out.append("[")
        for form in diagnosis.forms {
            out.appendJSONComma()
            out.append("{")
            out.appendJSON("signature", form.signature)
            out.appendJSON("url", form.url)
            out.append("}")
        }
        out.append("]}\n")
        return out.text
    }
}
