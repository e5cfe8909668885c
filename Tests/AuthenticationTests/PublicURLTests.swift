import Authentication
import Testing

@Suite("The public URL")
struct PublicURLTests {
    @Test(
        "what it is not is said in a sentence that repeats no password",
        arguments: [
            ("", PublicURLError.notHTTP),
            ("gw.example.com", .notHTTP),
            ("ftp://gw.example.com", .notHTTP),
            ("https://", .missingHost),
            ("https://user:hunter2@", .missingHost),
            ("https://:443", .missingHost),
            ("https:///path", .missingHost),
            ("https://gw.example.com:", .malformedPort),
            ("https://gw.example.com:0", .malformedPort),
            ("https://gw.example.com:65536", .malformedPort),
            ("https://gw.example.com:+1", .malformedPort),
            ("https://gw_example.com:hunter2", .malformedPort),
            ("https://gw example.com", .unexpectedCharacter(at: 10)),
            ("https://españa.example", .unexpectedCharacter(at: 12)),
            ("https://gw!.example.com", .malformedHost),
            ("https://[2001:db8::1", .malformedHost),
            ("https://[192.0.2.1]", .malformedHost),
            ("https://[2001:db8::1]x", .malformedHost),
            ("https://gw.example.com/v?x=1", .hasQuery),
            ("https://gw.example.com/v#rc=2", .hasFragment),
            ("https://" + String(repeating: "a", count: 2_048), .tooLong),
        ]
    )
    func refuses(text: String, reason: PublicURLError) {
        #expect(throws: reason) { try PublicURL(parsing: text) }
        #expect(!"\(reason)".contains("hunter2") && !"\(reason)".isEmpty)
    }

    @Test("scheme, host, port and path are read; credentials are kept and not shown")
    func reads() throws {
        let url = try PublicURL(parsing: "https://user:hunter2@gw.example.com:8443/voice//")
        #expect(url.isSecure)
        #expect(url.host == "gw.example.com")
        #expect(url.port == 8_443)
        #expect(url.pathPrefix == "/voice")
        #expect("\(url)" == "https://‹secret›@gw.example.com:8443/voice")
        var dumped = ""
        dump(url, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test("an IPv6 host keeps its brackets, with and without a port")
    func readsIPv6() throws {
        #expect(try PublicURL(parsing: "http://[2001:db8::1]:8080").port == 8_080)
        #expect(try PublicURL(parsing: "http://[2001:db8::1]").host == "[2001:db8::1]")
        #expect(try PublicURL(parsing: "HTTP://localhost").isSecure == false)
    }
}
