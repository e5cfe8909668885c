import Primitives

/// The paths that a listener serves: a tree of segments, built once and then only read.
///
/// A pattern is `/segment/{name}/…`. A literal segment matches its octets exactly as they are on the
/// wire; a capture matches one segment that is not empty. A literal wins over a capture, and where
/// it leads nowhere the capture is tried. Invariant: a match visits each node at most once.
package struct RouteTable: Sendable {
    private var nodes = [Node()]
    private var endpoints: [Endpoint] = []
    /// The literal segments, one behind the other.
    private var text: [UInt8] = []

    /// One segment of one or more patterns; lists are linked by index, and −1 ends them.
    private struct Node: Sendable {
        var segment = ByteSlice.empty
        var firstChild = -1
        var nextSibling = -1
        var capture = -1
        var firstEndpoint = -1
    }

    /// One method at the node where its pattern ends.
    private struct Endpoint: Sendable {
        var method: HTTPMethod
        var route: Int
        var next: Int
    }

    /// Builds the table; the index of a match is the position in `routes`.
    package init(_ routes: [Route]) throws(RouteTableError) {
        for (index, route) in routes.enumerated() { try insert(route, index) }
    }

    /// Finds the route of a request.
    ///
    /// `path` is a slice of `bytes`, still percent-encoded; empty counts as `/` (RFC 9110 §4.2.3).
    /// Captures are slices of `bytes` too.
    package func match(
        _ method: HTTPMethod,
        _ path: ByteSlice,
        in bytes: Span<UInt8>
    ) -> RouteMatch {
        guard method != .other else { return .notImplemented }
        if path.count == 1, bytes.bytes(path).isEqual(to: "*") {
            // RFC 9110 §9.3.7: OPTIONS * asks about the server as a whole.
            return .options(allow: everyMethod)
        }
        var captures = RouteCaptures()
        let start = path.lowerBound &+ 1
        guard path.isEmpty || bytes.bytes(path).firstIndex(of: Self.slash) == 0,
            let node = descend(0, from: min(start, path.upperBound), path, bytes, &captures)
        else { return .notFound }
        return choose(method, nodes[node], captures)
    }

    private func choose(
        _ method: HTTPMethod,
        _ node: Node,
        _ captures: RouteCaptures
    ) -> RouteMatch {
        var allow = HTTPMethodSet(.options)
        // RFC 9110 §9.1: GET and HEAD are required of every resource; where only GET is listed, it
        // answers HEAD too, and the connection leaves the content out.
        var asGet: Int?
        var next = node.firstEndpoint
        while next >= 0 {
            let endpoint = endpoints[next]
            if endpoint.method == method {
                return .found(index: endpoint.route, captures: captures)
            }
            allow.insert(endpoint.method)
            if endpoint.method == .get {
                allow.insert(.head)
                asGet = endpoint.route
            }
            next = endpoint.next
        }
        if method == .head, let asGet { return .found(index: asGet, captures: captures) }
        return method == .options ? .options(allow: allow) : .methodNotAllowed(allow: allow)
    }

    /// The node at which the rest of the path ends, or nil.
    ///
    /// The depth is that of the longest pattern.
    private func descend(
        _ parent: Int,
        from start: Int,
        _ path: ByteSlice,
        _ bytes: Span<UInt8>,
        _ captures: inout RouteCaptures
    ) -> Int? {
        let rest = bytes.bytes(path)
        let end =
            rest.firstIndex(of: Self.slash, from: start &- path.lowerBound)
            .map { $0 &+ path.lowerBound } ?? path.upperBound
        let segment = bytes.extracting(start..<end)
        let isLast = end == path.upperBound
        let child = child(of: parent, named: segment)
        if child >= 0 {
            if isLast, nodes[child].firstEndpoint >= 0 { return child }
            if !isLast, let found = descend(child, from: end &+ 1, path, bytes, &captures) {
                return found
            }
        }
        let capture = nodes[parent].capture
        guard capture >= 0, start < end else { return nil }
        captures.append(ByteSlice(start..<end))
        if isLast, nodes[capture].firstEndpoint >= 0 { return capture }
        if !isLast, let found = descend(capture, from: end &+ 1, path, bytes, &captures) {
            return found
        }
        captures.removeLast()
        return nil
    }

    /// The literal child with these octets, or −1.
    private func child(of parent: Int, named segment: Span<UInt8>) -> Int {
        let literals = text.span
        var child = nodes[parent].firstChild
        while child >= 0 {
            if literals.bytes(nodes[child].segment).isEqual(to: segment) { break }
            child = nodes[child].nextSibling
        }
        return child
    }

    private mutating func insert(_ route: Route, _ index: Int) throws(RouteTableError) {
        let text = Array(route.pattern.utf8)
        guard text.first == Self.slash, route.method != .other, route.method != .connect else {
            throw .malformed(route.pattern)
        }
        var node = 0
        var captureCount = 0
        for segment in text.dropFirst().split(
            separator: Self.slash,
            omittingEmptySubsequences: false
        ) {
            let isCapture = segment.first == 0x7B && segment.last == 0x7D
            guard isCapture || !segment.contains(where: { $0 == 0x7B || $0 == 0x7D }) else {
                throw .malformed(route.pattern)
            }
            captureCount += isCapture ? 1 : 0
            node = isCapture ? captureChild(of: node) : literalChild(of: node, Array(segment))
        }
        guard captureCount <= RouteCaptures.countMax else { throw .tooManyCaptures(route.pattern) }
        var next = nodes[node].firstEndpoint
        while next >= 0 {
            guard endpoints[next].method != route.method else { throw .duplicate(route.pattern) }
            next = endpoints[next].next
        }
        endpoints.append(
            Endpoint(method: route.method, route: index, next: nodes[node].firstEndpoint)
        )
        nodes[node].firstEndpoint = endpoints.count - 1
    }

    private mutating func literalChild(of node: Int, _ segment: [UInt8]) -> Int {
        let existing = child(of: node, named: segment.span)
        guard existing < 0 else { return existing }
        let slice = ByteSlice(start: text.count, count: segment.count)
        text.append(contentsOf: segment)
        nodes.append(Node(segment: slice, nextSibling: nodes[node].firstChild))
        nodes[node].firstChild = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func captureChild(of node: Int) -> Int {
        if nodes[node].capture < 0 {
            nodes.append(Node())
            nodes[node].capture = nodes.count - 1
        }
        return nodes[node].capture
    }

    private var everyMethod: HTTPMethodSet {
        var methods = HTTPMethodSet(.options)
        for endpoint in endpoints {
            methods.insert(endpoint.method)
            if endpoint.method == .get { methods.insert(.head) }
        }
        return methods
    }

    private static let slash: UInt8 = 0x2F
}
