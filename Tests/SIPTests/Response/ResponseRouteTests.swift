import Primitives
import SIP
import Testing

@Suite("the way back")
struct ResponseRouteTests {
    static let source = "198.51.100.7:40000"

    @Test(
        "nine kinds of Via on a datagram socket (RFC 3261 §18.2.2, RFC 3581 §4)",
        arguments: [
            ("UDP 198.51.100.7", "198.51.100.7:5060"),
            ("UDP 198.51.100.7:5070", "198.51.100.7:5070"),
            ("UDP client.example.com:5070", "198.51.100.7:5070"),
            ("UDP 10.0.0.1:5070;rport", "198.51.100.7:40000"),
            ("UDP 10.0.0.1:5070;rport=1234", "198.51.100.7:40000"),
            ("UDP 10.0.0.1;received=203.0.113.1", "198.51.100.7:5060"),
            ("UDP 10.0.0.1;maddr=203.0.113.1;ttl=1", "198.51.100.7:5060"),
            ("TLS client.example.com", "198.51.100.7:5061"),
            ("UDP [2001:db8::1]:5080", "198.51.100.7:5080"),
        ]
    )
    func datagram(_ sent: String, _ expected: String) throws {
        let route = try self.route("SIP/2.0/\(sent);branch=z9hG4bK1", isReliable: false)
        #expect(route.endpoint == IPEndpoint(expected))
        #expect(route.connection == 0)
    }

    @Test(
        "on a stream the connection carries the answer, and sent-by's port the next one",
        arguments: [
            ("TCP 10.0.0.1", "198.51.100.7:5060"), ("TCP 10.0.0.1:5070;rport", "198.51.100.7:5070"),
            ("TLS client.example.com;rport", "198.51.100.7:5061"),
            ("TCP 10.0.0.1;maddr=203.0.113.1", "198.51.100.7:5060"),
        ]
    )
    func stream(_ sent: String, _ expected: String) throws {
        let route = try self.route("SIP/2.0/\(sent);branch=z9hG4bK1", isReliable: true)
        #expect(route.endpoint == IPEndpoint(expected))
        #expect(route.connection == 9)
        #expect(route.listener == 3)
    }

    private func route(_ via: String, isReliable: Bool) throws -> ResponseRoute {
        let bytes = Array(via.utf8)
        let source = try #require(IPEndpoint(Self.source))
        return ResponseRoute(
            to: try Via(ByteSlice(0..<bytes.count), in: bytes.span),
            from: source,
            isReliable: isReliable,
            listener: 3,
            connection: isReliable ? 9 : 0
        )
    }

    @Test(
        "nobody is answered who cannot have asked (acceptance F8)",
        arguments: [
            ("198.51.100.7:5060", true, true), ("198.51.100.7:0", false, false),
            ("255.255.255.255:5060", false, false), ("224.0.1.75:5060", false, false),
            ("[ff02::1]:5060", false, false), ("0.0.0.0:5060", false, false),
            ("198.51.100.7:19", true, false), ("198.51.100.7:7", true, false),
            ("198.51.100.7:53", true, false), ("192.0.2.5:5060", false, false),
        ]
    )
    func answerable(_ endpoint: String, _ trusted: Bool, _ stranger: Bool) throws {
        let own = [try #require(IPEndpoint("192.0.2.5:5060"))]
        let route = ResponseRoute(endpoint: try #require(IPEndpoint(endpoint)), listener: 1)
        #expect(route.isAnswerable(isTrusted: true, ownListeners: own) == trusted)
        #expect(route.isAnswerable(isTrusted: false, ownListeners: own) == stranger)
    }
}
