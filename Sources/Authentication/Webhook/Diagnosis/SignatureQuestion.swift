import Primitives

/// A request that somebody wants to understand: what `trunkline signature` was given.
package struct SignatureQuestion: Sendable {
    /// The whole URL as the carrier holds it, with its query.
    package var url: String
    package var key: Secret
    package var algorithm: SignatureHeaders.Algorithm
    /// Decoded form parameters, in any order.
    package var parameters: [Parameter]
    /// The raw body, when it is no form.
    package var body: [UInt8]?
    /// The value of `X-Twilio-Signature` that came, if the question is why it does not match.
    var signature: String?

    /// A parameter of the form, decoded.
    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        url: String,
        key: Secret,
        algorithm: SignatureHeaders.Algorithm = .hmacSHA1,
        parameters: [Parameter] = [],
        body: [UInt8]? = nil,
        signature: String? = nil
    ) {
        self.url = url
        self.key = key
        self.algorithm = algorithm
        self.parameters = parameters
        self.body = body
        self.signature = signature
    }
}

/// A whole URL, cut into what a public URL says and what a request says.
struct SignedURL {
    /// Scheme, credentials, host and port; its path prefix is empty.
    var origin: PublicURLParts
    /// Path and query; empty, or it starts with `/` or `?`.
    var target: String
    /// `#` and what follows it; Twilio reads its connection overrides there and does not sign them.
    var fragment: String

    init(_ text: String) throws(PublicURLError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 65_536 else { throw .tooLong }
        let hash = bytes.firstIndex(of: 0x23) ?? bytes.count
        let authority = bytes.span.firstIndex(of: ASCII.colon).map { $0 + 3 } ?? 0
        let path =
            bytes[min(authority, hash)..<hash].firstIndex { $0 == 0x2F || $0 == ASCII.question }
            ?? hash
        origin = try PublicURLParts(Array(bytes[..<path]))
        target = String(decoding: bytes[path..<hash], as: UTF8.self)
        fragment = String(decoding: bytes[hash...], as: UTF8.self)
    }

    /// Every form of this URL that the verifier accepts.
    var forms: [(form: URLForm, url: String)] {
        let hasEmptyPath = target.isEmpty || target == "/" || target.hasPrefix("?")
        let isSlashMissing = hasEmptyPath && !target.hasPrefix("/")
        var forms: [(form: URLForm, url: String)] = []
        for signed in origin.signedOrigins {
            let start = String(decoding: signed.bytes, as: UTF8.self)
            let withSlash = isSlashMissing ? "/" + target : target
            forms.append((signed.form, start + withSlash))
            guard hasEmptyPath || target.hasPrefix("/?") else { continue }
            var form = signed.form
            form.hasSlash = false
            forms.append((form, start + withSlash.dropFirst()))
        }
        return forms
    }

    var path: String {
        get { String(target.prefix { $0 != "?" }) }
        set { target = newValue + query }
    }

    /// `?` and what follows it, or nothing.
    var query: String {
        get { String(target[(target.firstIndex(of: "?") ?? target.endIndex)...]) }
        set { target = path + newValue }
    }
}
