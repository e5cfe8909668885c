import Primitives

/// A request as offsets into the buffer of its connection; nothing is copied out of it.
///
/// All slices are valid for `HTTPConnection.input` until the request is answered:
/// `connection.input.span.bytes(connection.request.path)`.
package struct HTTPRequest: Sendable {
    package internal(set) var method = HTTPMethod.other
    package internal(set) var methodName = ByteSlice.empty
    package internal(set) var version = HTTPVersion.http11
    /// The request-target exactly as received, whatever its form.
    package internal(set) var target = ByteSlice.empty
    /// The path of the target, still percent-encoded; `*` for `OPTIONS *`; empty only for an
    /// absolute form without path, which means `/`.
    package internal(set) var path = ByteSlice.empty
    /// What follows the first `?`, without it; empty when there is none.
    package internal(set) var query = ByteSlice.empty
    /// Host and port from an absolute-form target, else from Host (RFC 9112 §3.3).
    ///
    /// Never to be echoed or trusted: what this server is called comes from its configuration.
    package internal(set) var authority = ByteSlice.empty
    /// The field lines in order, repeated ones included.
    package internal(set) var fields: [HTTPField] = []
    package internal(set) var framing = HTTPFraming.none
    /// The body with chunked coding taken off; complete once the connection says `.request`.
    package internal(set) var body = ByteSlice.empty
    /// Whether the peer wants the connection kept (RFC 9112 §9.3).
    package internal(set) var keepsConnection = true
    /// Whether the peer waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    var expectsContinue = false

    init() {
        fields.reserveCapacity(32)
    }

    /// The value of the first field line of that name, or nil.
    package func first(_ id: HTTPFieldName) -> ByteSlice? {
        for field in fields where field.id == id { return field.value }
        return nil
    }

    /// The value of the only field line of that name; nil if there is none, or more than one, so
    /// that two readers can never choose differently.
    package func only(_ id: HTTPFieldName) -> ByteSlice? {
        var found: ByteSlice?
        for field in fields where field.id == id {
            guard found == nil else { return nil }
            found = field.value
        }
        return found
    }

    /// How many field lines have that name.
    package func count(of id: HTTPFieldName) -> Int {
        var count = 0
        for field in fields where field.id == id { count += 1 }
        return count
    }

    /// Whether Content-Type names this media type; parameters such as charset are left aside (RFC
    /// 9110 §8.3.1).
    ///
    /// `type` is in lower case.
    package func hasContentType(_ type: StaticString, in bytes: Span<UInt8>) -> Bool {
        guard let value = only(.contentType) else { return false }
        let text = bytes.bytes(value)
        let end = text.firstIndex(of: ASCII.semicolon) ?? text.count
        return text.extracting(text.trimmingBlanks(0..<end)).isEqualIgnoringCase(to: type)
    }

    /// Forgets the request and keeps the memory.
    mutating func removeAll() {
        method = .other
        methodName = .empty
        version = .http11
        target = .empty
        path = .empty
        query = .empty
        authority = .empty
        fields.removeAll(keepingCapacity: true)
        framing = .none
        body = .empty
        keepsConnection = true
        expectsContinue = false
    }
}

/// The versions that are served.
package enum HTTPVersion: UInt8, Sendable {
    case http10, http11
}

/// How the end of the body is known (RFC 9112 §6.3).
package enum HTTPFraming: Hashable, Sendable {
    /// No body was announced.
    case none
    /// Content-Length, in octets; zero is an announced empty body.
    case length(Int)
    /// Transfer-Encoding: chunked.
    case chunked

    /// Whether octets of a body are still to come after the head.
    var hasBody: Bool { self != .none && self != .length(0) }
}
