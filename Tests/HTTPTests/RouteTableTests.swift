import HTTP
import Primitives
import Testing

@Suite("Routes")
struct RouteTableTests {
    private func table(_ routes: Route...) throws -> RouteTable { try RouteTable(routes) }

    /// The match as text: the pattern's index and its captures, or the status and `Allow`.
    private func match(_ table: RouteTable, _ method: HTTPMethod, _ path: String) -> String {
        let prefix = "\(method.name) ".utf8.count
        let octets = Array("\(method.name) \(path) HTTP/1.1".utf8)
        let slice = ByteSlice(start: prefix, count: path.utf8.count)
        switch table.match(method, slice, in: octets.span) {
        case .found(let index, let captures):
            let texts = (0..<captures.count).map { octets.span.text(captures[$0]) }
            return "\(index)" + texts.map { " \($0)" }.joined()
        case .options(let allow): return "204 \(text(allow))"
        case .methodNotAllowed(let allow): return "405 \(text(allow))"
        case .notFound: return "404"
        case .notImplemented: return "501"
        }
    }

    private func text(_ methods: HTTPMethodSet) -> String {
        var buffer = ByteBuffer()
        buffer.append(methods)
        return buffer.text
    }

    @Test(
        "paths find their pattern and nothing else",
        arguments: [
            ("/", "0"), ("", "0"), ("/v1", "404"), ("/v1/", "404"), ("/v1/numbers", "1"),
            ("/v1/numbers/", "2"), ("/v1/numbers/a", "3 a"), ("/v1/numbers/a%2Fb", "3 a%2Fb"),
            ("/v1/numbers/a/", "404"), ("/v1/numbers/search", "4"), ("/v1/numbers/a/calls", "5 a"),
            ("/v1/numbers/search/calls", "5 search"), ("/v1/numbers/a/calls/b", "6 a b"),
            ("/v1/numbers//calls", "404"), ("//v1/numbers", "404"), ("/V1/numbers", "404"),
            ("/v1/%6Eumbers", "404"), ("/v1/numbers/search/other", "404"), ("v1/numbers", "404"),
        ]
    )
    func paths(path: String, expected: String) throws {
        let table = try table(
            Route(.get, "/"),
            Route(.get, "/v1/numbers"),
            Route(.get, "/v1/numbers/"),
            Route(.get, "/v1/numbers/{id}"),
            Route(.get, "/v1/numbers/search"),
            Route(.get, "/v1/numbers/{number}/calls"),
            Route(.get, "/v1/numbers/{id}/calls/{call}")
        )
        #expect(match(table, .get, path) == expected)
    }

    @Test(
        "the method decides behind the path",
        arguments: [
            (HTTPMethod.get, "/a", "0"), (.post, "/a", "1"), (.head, "/a", "0"),
            (.delete, "/a", "405 GET, HEAD, POST, OPTIONS"),
            (.trace, "/a", "405 GET, HEAD, POST, OPTIONS"),
            (.options, "/a", "204 GET, HEAD, POST, OPTIONS"), (.get, "/b", "405 PUT, OPTIONS"),
            (.head, "/b", "405 PUT, OPTIONS"), (.head, "/c", "4"), (.get, "/c", "3"),
            (.options, "/d", "5"), (.options, "/e", "404"), (.other, "/a", "501"),
            (.options, "*", "204 GET, HEAD, POST, PUT, OPTIONS"),
        ]
    )
    func methods(method: HTTPMethod, path: String, expected: String) throws {
        let table = try table(
            Route(.get, "/a"),
            Route(.post, "/a"),
            Route(.put, "/b"),
            Route(.get, "/c"),
            Route(.head, "/c"),
            Route(.options, "/d")
        )
        #expect(match(table, method, path) == expected)
    }

    @Test("a table of 200 patterns finds each of them")
    func manyPatterns() throws {
        let routes = (0..<200).map { Route(.get, "/v\($0 % 7)/{a}/thing\($0)/{b}") }
        let table = try RouteTable(routes)
        for index in 0..<200 {
            #expect(match(table, .get, "/v\(index % 7)/x/thing\(index)/y") == "\(index) x y")
        }
    }

    @Test("a path of many segments costs no more than the patterns are long")
    func deepPath() throws {
        let table = try table(Route(.get, "/a/{b}/a/{c}"), Route(.get, "/{a}/b/{c}/d"))
        #expect(match(table, .get, String(repeating: "/a", count: 4_000)) == "404")
        #expect(match(table, .get, String(repeating: "/", count: 8_000)) == "404")
    }

    @Test("a list with a mistake builds no table and says which pattern is wrong")
    func mistakes() {
        for (routes, error) in [
            ([Route(.get, "a")], RouteTableError.malformed("a")),
            ([Route(.get, "")], .malformed("")),
            ([Route(.get, "/a{b}")], .malformed("/a{b}")),
            ([Route(.connect, "/a")], .malformed("/a")),
            ([Route(.get, "/{a}/{b}/{c}/{d}/{e}")], .tooManyCaptures("/{a}/{b}/{c}/{d}/{e}")),
            ([Route(.get, "/{a}"), Route(.get, "/{b}")], .duplicate("/{b}")),
        ] {
            #expect(throws: error) { try RouteTable(routes) }
        }
    }
}
