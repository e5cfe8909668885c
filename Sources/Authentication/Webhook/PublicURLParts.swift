import Primitives

/// The pieces of a public URL, cut but not yet a `PublicURL`.
struct PublicURLParts {
    var isSecure: Bool
    var credentials: String?
    var host: String
    var port: UInt16?
    var pathPrefix: String
    /// Scheme and host as they were written: Twilio signs the letters that it was given.
    private var scheme: String

    init(_ bytes: [UInt8]) throws(PublicURLError) {
        let text = bytes.span
        let schemeCount: Int
        if text.count >= 8, text.extracting(0..<8).isEqualIgnoringCase(to: "https://") {
            schemeCount = 8
        } else if text.count >= 7, text.extracting(0..<7).isEqualIgnoringCase(to: "http://") {
            schemeCount = 7
        } else {
            throw .notHTTP
        }
        isSecure = schemeCount == 8
        scheme = text.extracting(0..<schemeCount).text
        if text.firstIndex(of: 0x23) != nil { throw .hasFragment }
        if text.firstIndex(of: ASCII.question) != nil { throw .hasQuery }

        let pathStart = text.firstIndex(of: 0x2F, from: schemeCount) ?? text.count
        var pathEnd = text.count
        while pathEnd > pathStart, text[pathEnd - 1] == 0x2F { pathEnd -= 1 }
        pathPrefix = text.extracting(pathStart..<pathEnd).text

        var hostStart = schemeCount
        if let at = bytes[schemeCount..<pathStart].lastIndex(of: ASCII.at) {
            credentials = text.extracting(schemeCount..<at).text
            hostStart = at + 1
        }
        (host, port) = try Self.authority(text.extracting(hostStart..<pathStart))
    }

    /// Writes the other scheme, or the same in lower case.
    mutating func setScheme(isSecure: Bool) {
        self.isSecure = isSecure
        scheme = isSecure ? "https://" : "http://"
    }

    /// The forms that Twilio and its libraries sign, the one of https voice webhooks first.
    ///
    /// Twilio drops credentials and, for voice over https, the port; over http it keeps a port that was
    /// given. All seven libraries accept either, with the default port written out where none was given;
    /// two of them sign credentials in their own examples.
    var signedOrigins: [SignedOrigin] {
        let givenPortFirst = !isSecure && port != nil
        var origins: [SignedOrigin] = []
        for withCredentials in credentials == nil ? [false] : [false, true] {
            for withPort in givenPortFirst ? [true, false] : [false, true] {
                let user = withCredentials ? (credentials ?? "") + "@" : ""
                let suffix = withPort ? ":\(port ?? (isSecure ? 443 : 80))" : ""
                origins.append(
                    SignedOrigin(
                        form: URLForm(hasCredentials: withCredentials, hasPort: withPort),
                        bytes: Array("\(scheme)\(user)\(host)\(suffix)\(pathPrefix)".utf8)
                    )
                )
            }
        }
        return origins
    }

    private static func authority(
        _ text: Span<UInt8>
    ) throws(PublicURLError) -> (host: String, port: UInt16?) {
        let hostEnd: Int
        if text.count > 0, text[0] == 0x5B {
            guard let bracket = text.firstIndex(of: 0x5D),
                let address = IPAddress(parsing: text.extracting(1..<bracket)), !address.isIPv4
            else { throw .malformedHost }
            hostEnd = bracket + 1
        } else {
            hostEnd = text.firstIndex(of: ASCII.colon) ?? text.count
            guard hostEnd > 0 else { throw .missingHost }
            for index in 0..<hostEnd {
                let byte = text[index]
                guard ASCII.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
                else { throw .malformedHost }
            }
        }
        let host = text.extracting(0..<hostEnd).text
        guard hostEnd < text.count else { return (host, nil) }
        guard text[hostEnd] == ASCII.colon else { throw .malformedHost }
        let digits = text.extracting((hostEnd + 1)..<text.count)
        guard let port = digits.decimal(limit: 65_535), port > 0 else { throw .malformedPort }
        return (host, UInt16(truncatingIfNeeded: port))
    }
}
