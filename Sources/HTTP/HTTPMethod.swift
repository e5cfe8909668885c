import Primitives

/// The request methods of RFC 9110 §9 and RFC 5789, and one case for all others.
package enum HTTPMethod: UInt8, CaseIterable, Sendable {
    case get, head, post, put, patch, delete, options, trace, connect
    /// A token that we do not know; its text is in `HTTPRequest.methodName`. The answer is 501.
    case other

    /// Methods are case-sensitive (RFC 9110 §9.1): `get` is not GET.
    package init(_ name: Span<UInt8>) {
        let candidate: HTTPMethod =
            switch (name.count, name.count > 1 ? name[1] : 0) {
            case (3, 0x45): .get
            case (3, _): .put
            case (4, 0x4F): .post
            case (4, _): .head
            case (5, 0x41): .patch
            case (5, _): .trace
            case (6, _): .delete
            case (7, 0x50): .options
            case (7, _): .connect
            default: .other
            }
        self = candidate != .other && name.isEqual(to: candidate.name) ? candidate : .other
    }

    /// The name on the wire; empty for `other`.
    package var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .other: ""
        }
    }
}

/// A set of methods, for `Allow` (RFC 9110 §10.2.1).
package struct HTTPMethodSet: Hashable, Sendable {
    private var bits: UInt16 = 0

    package init(_ methods: HTTPMethod...) {
        for method in methods { insert(method) }
    }

    package func contains(_ method: HTTPMethod) -> Bool {
        bits & (1 << UInt16(method.rawValue)) != 0
    }

    package mutating func insert(_ method: HTTPMethod) {
        bits |= 1 << UInt16(method.rawValue)
    }
}

extension ByteBuffer {
    /// The names of the set, in the order of `HTTPMethod`: `GET, HEAD, OPTIONS`.
    package mutating func append(_ methods: HTTPMethodSet) {
        var isFirst = true
        for method in HTTPMethod.allCases where methods.contains(method) && method != .other {
            if !isFirst { append(", ") }
            isFirst = false
            append(method.name)
        }
    }
}
