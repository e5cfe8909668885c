import Primitives

/// Looks for the fewest mistakes that explain a signature: one each of the URL, the parameters, the key,
/// the algorithm and the spelling of the signature itself.
struct SignatureSearch {
    private let question: SignatureQuestion
    private let url: SignedURL
    private let bodyHash: String?

    init(_ question: SignatureQuestion, url: SignedURL, bodyHash: String?) {
        self.question = question
        self.url = url
        self.bodyHash = bodyHash
    }

    func conclusion(_ signature: String) -> SignatureDiagnosis.Conclusion {
        let spellings = SignatureSpelling.readings(of: signature)
        guard !spellings.isEmpty else {
            return .explained(["it were a signature: Base64 of 20 octets, or of 32 for HMAC_SHA256"]
            )
        }
        let urls = URLMistakes.variants(of: url, bodyHash: bodyHash)
        let tails =
            question.body.map { BodyMistakes.variants(of: $0) }
            ?? ParameterMistakes.variants(of: question.parameters, query: url.query)
        var best: [String]?
        var tried = 0
        for keys in keyVariants(spellings) {
            for url in urls {
                for form in url.value.forms {
                    for tail in tails {
                        tried += 1
                        let code = keys.value.code(of: form.url + tail.value)
                        guard let spelling = spellings.first(where: { $0.value == code }) else {
                            continue
                        }
                        let conditions = [
                            keys.condition, url.condition, tail.condition, spelling.condition,
                        ].compactMap(\.self)
                        if conditions.count < best?.count ?? .max { best = conditions }
                    }
                }
            }
        }
        return best.map { .explained($0) } ?? .unexplained(triedCount: tried)
    }

    /// The key as given and without white space around it, with each algorithm that a spelling fits.
    private func keyVariants(_ spellings: [Variant<[UInt8]>]) -> [Variant<Signer>] {
        var keys = [Variant(nil, question.key)]
        let trimmed = Secret(question.key.withBytes { $0.text.trimmed })
        if trimmed != question.key {
            keys.append(Variant("the white space around the token were removed", trimmed))
        }
        var variants: [Variant<Signer>] = []
        for algorithm in [SignatureHeaders.Algorithm.hmacSHA1, .hmacSHA256] {
            let byteCount = algorithm == .hmacSHA256 ? 32 : 20
            guard spellings.contains(where: { $0.value.count == byteCount }) else { continue }
            let name = algorithm == .hmacSHA256 ? "HMAC_SHA256" : "HMAC_SHA1"
            let isAsked = algorithm == question.algorithm
            for key in keys {
                let swapped = isAsked ? nil : "the algorithm were \(name)"
                let condition = [swapped, key.condition].compactMap(\.self)
                variants.append(
                    Variant(
                        condition.isEmpty ? nil : condition.joined(separator: ", and "),
                        Signer(algorithm: algorithm, key: key.value)
                    )
                )
            }
        }
        return variants
    }
}

/// One way in which a part may have been meant, and what would have to be so; nil for the part as given.
struct Variant<Value> {
    var condition: String?
    var value: Value

    init(_ condition: String?, _ value: Value) {
        self.condition = condition
        self.value = value
    }
}

/// The ways to read the text of a signature.
enum SignatureSpelling {
    static func readings(of text: String) -> [Variant<[UInt8]>] {
        var readings: [Variant<[UInt8]>] = []
        func add(_ condition: String?, _ octets: [UInt8]?) {
            guard let octets, octets.count == 20 || octets.count == 32 else { return }
            readings.append(Variant(condition, octets))
        }
        add(nil, base64(text))
        if !readings.isEmpty { return readings }
        let bare = text.trimmed
        add("the white space around the signature were removed", base64(bare))
        let unquoted = bare.filter { $0 != "\"" && $0 != "'" }
        add("the quotes around the signature were removed", base64(unquoted))
        add("the signature were not percent-encoded", base64(PercentText.decoded(bare)))
        add("the signature ended with its '=' padding", base64(padded(bare)))
        let standard = String(bare.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        add(
            "the signature used '+' and '/' instead of '-' and '_' (Base64, not base64url)",
            base64(padded(standard))
        )
        let digits = Array(bare.utf8)
        add("the signature were Base64 instead of hexadecimal", Hex.decode(digits.span))
        return readings
    }

    private static func base64(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        return Base64.decode(bytes.span)
    }

    private static func padded(_ text: String) -> String {
        text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }
}

extension String {
    /// The text without the white space at its ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        let end = start.lastIndex { !$0.isWhitespace }
        return end.map { String(start[...$0]) } ?? ""
    }
}
