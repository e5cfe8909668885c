import Primitives

/// The ways in which the URL that was signed differs, in practice, from the one that was configured.
enum URLMistakes {
    static func variants(of url: SignedURL, bodyHash: String?) -> [Variant<SignedURL>] {
        var variants = [Variant(nil, url)]
        func add(_ condition: String, _ change: (inout SignedURL) -> Void) {
            var changed = url
            change(&changed)
            let forms = changed.forms.map(\.url)
            if forms != url.forms.map(\.url) { variants.append(Variant(condition, changed)) }
        }
        addOrigins(of: url, add)
        addPaths(of: url, add)
        addQueries(of: url, add)
        if let bodyHash {
            add("the query named the body: bodySHA256=\(bodyHash)") { url in
                url.query = withBodyHash(bodyHash, in: url.query)
            }
        }
        if !url.fragment.isEmpty {
            add("'\(url.fragment)' were signed too (it is not: leave it out of the signed URL)") {
                $0.target += url.fragment
            }
        }
        return variants
    }

    private typealias Add = (String, (inout SignedURL) -> Void) -> Void

    private static func addOrigins(of url: SignedURL, _ add: Add) {
        let scheme = url.origin.isSecure ? "http" : "https"
        add("the URL started with \(scheme)://") {
            $0.origin.setScheme(isSecure: !$0.origin.isSecure)
        }
        for port: UInt16 in [80, 443, 3_000, 5_000, 8_000, 8_080, 8_443] {
            add("the URL named the port \(port)") { $0.origin.port = port }
        }
        add("the host were in lower case") { $0.origin.host = $0.origin.host.lowercased() }
        add("the scheme were in lower case") {
            $0.origin.setScheme(isSecure: $0.origin.isSecure)
        }
        let host = url.origin.host
        if host.hasPrefix("www.") {
            add("the host had no 'www.'") { $0.origin.host = String(host.dropFirst(4)) }
        } else {
            add("the host started with 'www.'") { $0.origin.host = "www." + host }
        }
    }

    private static func addPaths(of url: SignedURL, _ add: Add) {
        if url.path.hasSuffix("/") {
            add("the path did not end with '/'") { $0.path = String(url.path.dropLast()) }
        } else {
            add("the path ended with '/'") { $0.path += "/" }
        }
        add("the path were percent-decoded") { $0.path = PercentText.decoded($0.path) }
        add("the path were percent-encoded") {
            $0.path = $0.path.percentEncoded(keeping: "/%:@!$&'()*+,;=")
        }
        add("the path were in lower case") { $0.path = $0.path.lowercased() }
        let parts = url.path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 2 {
            add("the path did not start with '/\(parts[1])' (a proxy adds it)") {
                $0.path = "/" + parts[2...].joined(separator: "/")
            }
        }
    }

    private static func addQueries(of url: SignedURL, _ add: Add) {
        guard !url.query.isEmpty else { return }
        add("the URL had no query") { $0.query = "" }
        add("the query were percent-decoded") { $0.query = PercentText.decoded($0.query) }
        add("the query were decoded, '+' as a space") {
            $0.query = PercentText.decoded(PercentText.replaced($0.query, "+", " "))
        }
        add("the query were percent-encoded") {
            $0.query = $0.query.percentEncoded(keeping: "?&=%+")
        }
        add("spaces in the query were '+' instead of '%20'") {
            $0.query = PercentText.replaced($0.query, "%20", "+")
        }
        add("spaces in the query were '%20' instead of '+'") {
            $0.query = PercentText.replaced($0.query, "+", "%20")
        }
        add("'+' in the query were '%2B'") {
            $0.query = PercentText.replaced($0.query, "+", "%2B")
        }
        add("the apostrophe in the query were '%27'") {
            $0.query = PercentText.replaced($0.query, "'", "%27")
        }
        add("the escapes in the query were in upper case") {
            $0.query = PercentText.escapesFolded($0.query, isUpper: true)
        }
        add("the escapes in the query were in lower case") {
            $0.query = PercentText.escapesFolded($0.query, isUpper: false)
        }
        let pairs = url.query.dropFirst().split(separator: "&", omittingEmptySubsequences: false)
        add("the query were sorted") {
            $0.query = "?" + pairs.sorted().joined(separator: "&")
        }
        add("the query had no bodySHA256") {
            let kept = pairs.filter { !$0.hasPrefix("bodySHA256=") }
            $0.query = kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
        }
    }

    private static func withBodyHash(_ hash: String, in query: String) -> String {
        let pairs = query.dropFirst().split(separator: "&").filter {
            !$0.hasPrefix("bodySHA256=")
        }
        return "?" + (pairs + ["bodySHA256=\(hash)"]).joined(separator: "&")
    }
}
