import Primitives
import Routing

extension HTTPStepRequest {
    /// The request as it goes out (RFC 9112 §3).
    ///
    /// Nothing is added that a user would have: no cookies, no credentials, no proxies' fields.
    var wire: [UInt8] {
        var out = ByteBuffer(capacity: 512 + (body?.count ?? 0))
        out.append(method.rawValue)
        out.append(ASCII.space)
        out.append(target)
        out.append(" HTTP/1.1\r\nHost: ")
        out.append(origin.authority)
        if !headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
            out.append("\r\nUser-Agent: trunkline")
        }
        if !headers.contains(where: { $0.name.lowercased() == "accept" }) {
            out.append("\r\nAccept: */*")
        }
        // A compressed body of 64 KiB can hold gigabytes; an uncompressed one is what it is.
        out.append("\r\nAccept-Encoding: identity")
        for header in headers where !Self.ownNames.contains(header.name.lowercased()) {
            out.append("\r\n")
            out.append(header.name)
            out.append(": ")
            out.append(header.value)
        }
        // RFC 9110 §8.6: a method that usually has content says when there is none.
        if let count = body?.count ?? (method.usuallyHasContent ? 0 : nil) {
            out.append("\r\nContent-Length: ")
            out.appendDecimal(count)
        }
        out.append("\r\n\r\n")
        if let body { out.append(body) }
        return out.bytes
    }

    /// Whether every part can stand in a head without changing what follows it.
    var isWellFormed: Bool {
        target.hasPrefix("/") && target.utf8.allSatisfy { $0 > ASCII.space && $0 < 0x7F }
            && headers.allSatisfy { header in
                !header.name.isEmpty && header.name.utf8.allSatisfy(ASCII.isToken)
                    && !header.value.utf8.contains { ASCII.isControl($0) && $0 != ASCII.tab }
            }
    }

    /// The request that an answer asks for instead, or nil if it does not, or if it leads elsewhere.
    func redirected(status: Int, to location: String) -> HTTPStepRequest? {
        guard let target = target(of: location) else { return nil }
        var next = self
        next.target = target
        switch status {
        case 307, 308: break
        // RFC 9110 §15.4.2: a POST that was moved is asked for again with GET, as everybody does.
        case 301, 302: if method == .post { next.becomeGet() }
        case 303: if method != .head { next.becomeGet() }
        default: return nil
        }
        return next
    }

    private mutating func becomeGet() {
        method = .get
        body = nil
        headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
    }

    /// Path and query of a reference (RFC 3986 §4.2) to the same origin.
    private func target(of location: String) -> String? {
        let bytes = location.utf8
        guard !bytes.isEmpty, bytes.count <= WorkflowLimits.urlByteCountMax,
            bytes.allSatisfy({ $0 > ASCII.space && $0 < 0x7F })
        else { return nil }
        var text = String(location.prefix { $0 != "#" })
        if text.hasPrefix("//") { text = (origin.isEncrypted ? "https:" : "http:") + text }
        if let (other, count) = HTTPOrigin.read(text) {
            guard other == origin else { return nil }
            let rest = String(decoding: Array(text.utf8)[count...], as: UTF8.self)
            return rest.hasPrefix("/") ? rest : "/" + rest
        }
        if text.hasPrefix("/") { return text.hasPrefix("//") ? nil : text }
        // A relative path would have to be merged (RFC 3986 §5.2.3); a scheme leads elsewhere.
        guard !text.contains(":"), !text.contains("./"), !text.hasSuffix("."), !text.isEmpty else {
            return nil
        }
        let path = target.prefix { $0 != "?" }
        if text.hasPrefix("?") { return path + text }
        return path[...(path.lastIndex(of: "/") ?? path.startIndex)] + text
    }

    /// Fields that say how the message travels: the client's own.
    private static let ownNames: Set = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te",
        "trailer", "expect", "accept-encoding", "proxy-connection", "proxy-authorization",
    ]
}

extension HTTPStepRequest.Method {
    fileprivate var usuallyHasContent: Bool { self == .post || self == .put || self == .patch }

    /// Whether sending it twice does what sending it once does (RFC 9110 §9.2.2).
    var isIdempotent: Bool { self != .post && self != .patch }
}

extension HTTPOrigin {
    /// Host, and port where it is not the scheme's own, as in the Host field (RFC 9110 §7.2).
    fileprivate var authority: String {
        port == (isEncrypted ? 443 : 80) ? host : "\(host):\(port)"
    }
}
