import Primitives

/// A method and a path pattern such as `/v1/phone-numbers/{id}`.
package struct Route: Hashable, Sendable {
    package var method: HTTPMethod
    var pattern: String

    package init(_ method: HTTPMethod, _ pattern: String) {
        self.method = method
        self.pattern = pattern
    }
}

/// What a `RouteTable` says about a request.
package enum RouteMatch: Hashable, Sendable {
    /// The route at `index` of the list that the table was built from.
    case found(index: Int, captures: RouteCaptures)
    /// 204 with this `Allow` (RFC 9110 §9.3.7).
    case options(allow: HTTPMethodSet)
    /// 405 with this `Allow` (RFC 9110 §15.5.6).
    case methodNotAllowed(allow: HTTPMethodSet)
    /// 404.
    case notFound
    /// 501: the method is none that we know (RFC 9110 §9.1).
    case notImplemented
}

/// The segments that stood for `{…}` in a pattern, in order, still percent-encoded.
package struct RouteCaptures: Hashable, Sendable {
    package private(set) var count = 0
    private var first = ByteSlice.empty
    private var second = ByteSlice.empty
    private var third = ByteSlice.empty
    private var fourth = ByteSlice.empty

    /// More than any path of ours has; a table with more is not built.
    package static let countMax = 4

    /// The capture at `index` as a slice of the connection's buffer; empty beyond `count`.
    package subscript(index: Int) -> ByteSlice {
        guard index < count else { return .empty }
        switch index {
        case 0: return first
        case 1: return second
        case 2: return third
        default: return fourth
        }
    }

    mutating func append(_ slice: ByteSlice) {
        switch count {
        case 0: first = slice
        case 1: second = slice
        case 2: third = slice
        default: fourth = slice
        }
        count = min(count &+ 1, Self.countMax)
    }

    mutating func removeLast() {
        count = max(count &- 1, 0)
    }
}

/// Why a table was not built; the pattern says which line of the list is wrong.
package enum RouteTableError: Error, Hashable, Sendable {
    /// No leading slash, a brace inside a segment, or a method that cannot be routed.
    case malformed(String)
    case tooManyCaptures(String)
    /// The same method and pattern twice; the names of captures do not count.
    case duplicate(String)
}
