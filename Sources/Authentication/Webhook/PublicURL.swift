import Primitives

/// Where carriers reach this gateway, as the operator wrote it: `https://gw.example.com` or with a path.
///
/// Twilio signs the URL that *it* holds. Behind a proxy nothing in a request says what that was, so the
/// start of it comes from the configuration, and only path and query come from the request.
package struct PublicURL: Hashable, Sendable {
    package let isSecure: Bool
    package let host: String
    package let port: UInt16?
    /// What stands between the authority and the path of a request; empty, or it starts with `/`.
    package let pathPrefix: String
    private let credentials: String?

    /// What a signed URL may start with, the likeliest first: 2 forms, or 4 with credentials.
    let origins: [SignedOrigin]

    package init(parsing text: String) throws(PublicURLError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 2_048 else { throw .tooLong }
        for index in bytes.indices where bytes[index] <= 0x20 || bytes[index] >= 0x7F {
            throw .unexpectedCharacter(at: index)
        }
        let parts = try PublicURLParts(bytes)
        isSecure = parts.isSecure
        host = parts.host
        port = parts.port
        pathPrefix = parts.pathPrefix
        credentials = parts.credentials
        origins = parts.signedOrigins
    }
}

/// Which of the forms of a URL was signed.
package struct URLForm: Hashable, Sendable {
    var hasCredentials: Bool
    var hasPort: Bool
    /// Whether the `/` of an empty path was signed; true unless the path is empty.
    var hasSlash: Bool

    package init(hasCredentials: Bool, hasPort: Bool, hasSlash: Bool = true) {
        self.hasCredentials = hasCredentials
        self.hasPort = hasPort
        self.hasSlash = hasSlash
    }
}

/// One way to write a URL up to where the request's own path begins.
struct SignedOrigin: Hashable, Sendable {
    var form: URLForm
    var bytes: [UInt8]
}

extension PublicURL: CustomStringConvertible, CustomReflectable {
    /// The URL as configured, its credentials replaced by `‹secret›`.
    package var description: String {
        let user = credentials == nil ? "" : "‹secret›@"
        let suffix = port.map { ":\($0)" } ?? ""
        return "\(isSecure ? "https" : "http")://\(user)\(host)\(suffix)\(pathPrefix)"
    }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is no public URL; it never repeats the text, which may hold a password.
package enum PublicURLError: Error, Hashable {
    case tooLong
    case unexpectedCharacter(at: Int)
    case notHTTP
    case missingHost
    case malformedHost
    case malformedPort
    case hasQuery
    case hasFragment
}

extension PublicURLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "a public URL has at most 2048 characters"
        case .unexpectedCharacter(let index):
            "character \(index + 1) is not printable ASCII; write a host in its xn-- form"
        case .notHTTP: "a public URL starts with https:// or http://"
        case .missingHost: "the host is missing; write https://gw.example.com"
        case .malformedHost: "the host may hold letters, digits, '-', '.' and '_', or [IPv6]"
        case .malformedPort: "the port is a number from 1 to 65535"
        case .hasQuery: "leave out '?' and what follows; the query comes from the request"
        case .hasFragment: "leave out '#' and what follows; Twilio does not sign it"
        }
    }
}
