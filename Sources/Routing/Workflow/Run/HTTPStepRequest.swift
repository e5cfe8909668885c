import Primitives

/// A request that a step waits for; whoever owns the run sends it and comes back with an event.
///
/// The sender follows no redirect to another origin, reads at most `bodyByteCountMax` octets of the
/// body, checks host and address against the operator's allow list again, and gives up at the
/// deadline that came with it.
package struct HTTPStepRequest: Sendable, Equatable {
    /// Names the request within its run: an event that carries another number is stale.
    package var id: Int
    package var method: Method
    package var origin: HTTPOrigin
    /// Path and query, percent-encoded, starting with `/`.
    package var target: String
    package var headers: [Header]
    /// Nil: no body.
    package var body: [UInt8]?

    package init(
        id: Int,
        method: Method,
        origin: HTTPOrigin,
        target: String,
        headers: [Header] = [],
        body: [UInt8]? = nil
    ) {
        self.id = id
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.body = body
    }

    package var url: String { origin.text + target }

    package struct Header: Sendable, Equatable {
        package var name: String
        /// Free of control octets.
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
        case head = "HEAD"
        case options = "OPTIONS"
    }
}

/// Scheme, host and port of a URL (RFC 6454 §4).
package struct HTTPOrigin: Sendable, Hashable {
    package var isEncrypted: Bool
    /// In lower case; an IPv6 address stands in brackets.
    package var host: String
    package var port: Int

    package init(isEncrypted: Bool, host: String, port: Int) {
        self.isEncrypted = isEncrypted
        self.host = host
        self.port = port
    }

    package var text: String {
        let usual = isEncrypted ? 443 : 80
        return (isEncrypted ? "https://" : "http://") + host + (port == usual ? "" : ":\(port)")
    }

    /// Reads `https://host[:port]` at the start of `url`; also says how many octets it is.
    ///
    /// User information is refused: it reads differently to two parsers.
    package static func read(_ url: String) -> (origin: HTTPOrigin, count: Int)? {
        let bytes = Array(url.utf8)
        let text = bytes.span
        let isEncrypted: Bool
        let start: Int
        if text.count > 8, text.extracting(0..<8).isEqualIgnoringCase(to: "https://") {
            (isEncrypted, start) = (true, 8)
        } else if text.count > 7, text.extracting(0..<7).isEqualIgnoringCase(to: "http://") {
            (isEncrypted, start) = (false, 7)
        } else {
            return nil
        }
        var end = start
        while end < text.count, !isAuthorityEnd(text[end]) { end += 1 }
        var hostEnd = end
        var port = isEncrypted ? 443 : 80
        if let colon = bytes[start..<end].lastIndex(of: ASCII.colon), bytes[end - 1] != 0x5D {
            guard let number = text.extracting((colon + 1)..<end).decimal(limit: 65_535), number > 0
            else { return nil }
            (hostEnd, port) = (colon, number)
        }
        guard hostEnd > start, isHost(bytes[start..<hostEnd]) else { return nil }
        let host = String(decoding: bytes[start..<hostEnd], as: UTF8.self).lowercased()
        return (HTTPOrigin(isEncrypted: isEncrypted, host: host, port: port), end)
    }

    private static func isAuthorityEnd(_ byte: UInt8) -> Bool {
        byte == 0x2F || byte == ASCII.question || byte == 0x23
    }

    private static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.first == 0x5B, bytes.last == 0x5D {
            return bytes.dropFirst().dropLast().allSatisfy {
                ASCII.hexValue($0) != nil || $0 == ASCII.colon || $0 == 0x2E
            }
        }
        return bytes.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E }
    }
}

/// What a run hears from outside.
package enum WorkflowEvent: Sendable {
    /// The answer to request `id`.
    case response(id: Int, status: Int, headers: [HTTPStepRequest.Header], body: [UInt8])
    /// Request `id` came to nothing.
    case requestFailed(id: Int, reason: HTTPStepFailure)
}

/// Why a request of a step came to nothing.
package enum HTTPStepFailure: String, Sendable, CaseIterable {
    case unreachable, tls, timedOut = "timed_out", malformed, tooLarge = "too_large"
    /// The operator's allow list does not have the host, or its address is private.
    case hostNotAllowed = "host_not_allowed"
    /// The host failed too often lately and is left alone for a while.
    case circuitOpen = "circuit_open"
    /// As many calls wait for answers as may, in all or of this organization.
    case tooManyWaiting = "too_many_waiting"

    /// What happened, in words.
    package var message: String {
        switch self {
        case .unreachable: "the host does not answer"
        case .tls: "the host cannot prove who it is, or TLS fails otherwise"
        case .timedOut: "no answer came in time"
        case .malformed: "the answer is not HTTP/1.1"
        case .tooLarge: "the answer is larger than \(WorkflowLimits.bodyByteCountMax >> 10) KiB"
        case .hostNotAllowed: "the operator does not allow this host or its address"
        case .circuitOpen: "the host failed too often lately and is left alone for a while"
        case .tooManyWaiting: "as many calls wait for hosts as may"
        }
    }
}
