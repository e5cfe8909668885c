import Gateway
import JSONata
import Primitives
import Routing
import Testing

@Suite("What went along with a call, for its agent to fetch")
struct CallContextsTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func context(
        _ text: String = "hello",
        of organization: String = "acme"
    )
        -> CallContexts.Context
    {
        CallContexts.Context(
            organization: organization,
            agent: "sales",
            version: 3,
            enclosure: Enclosure(
                context: Array(text.utf8),
                metadata: Array(#"{"tier":"gold"}"#.utf8)
            )
        )
    }

    @Test("it is handed out once, as JSON")
    func once() throws {
        let contexts = CallContexts()
        contexts.keep(context("say \"hi\"\r\n"), of: 0xABCD, step: 0, at: start)
        let taken = try #require(contexts.take(0xABCD, of: nil, at: start))
        var out = ByteBuffer()
        taken.write(call: 0xABCD, to: &out)
        #expect(
            try JSONValue.parse(out.bytes.span) == [
                "call": "000000000000abcd", "organization": "acme", "agent": "sales", "version": 3,
                "initial_context": "say \"hi\"\r\n", "custom_metadata": ["tier": "gold"],
            ]
        )
        #expect(contexts.take(0xABCD, of: nil, at: start) == nil)
    }

    @Test("nobody gets that of another organization, and who tries takes nothing away")
    func organizations() {
        let contexts = CallContexts()
        contexts.keep(context(), of: 1, step: 0, at: start)
        #expect(contexts.take(1, of: "other", at: start) == nil)
        #expect(contexts.take(2, of: "acme", at: start) == nil)
        #expect(contexts.take(1, of: "acme", at: start) != nil)
    }

    @Test("the next decision about a call has its own, and the same one comes not again")
    func steps() throws {
        let contexts = CallContexts()
        contexts.keep(context("first"), of: 1, step: 0, at: start)
        contexts.keep(context("second"), of: 1, step: 1, at: start)
        contexts.keep(context("first"), of: 1, step: 0, at: start)
        let taken = try #require(contexts.take(1, of: nil, at: start))
        #expect(taken.enclosure.context == Array("second".utf8))
        contexts.keep(context("second"), of: 1, step: 1, at: start)
        #expect(contexts.take(1, of: nil, at: start) == nil)
    }

    @Test("after five minutes it is gone, also where a later decision came in between")
    func expiry() {
        let contexts = CallContexts()
        contexts.keep(context(), of: 1, step: 0, at: start)
        contexts.keep(context(), of: 2, step: 0, at: start)
        contexts.keep(context(), of: 2, step: 1, at: start + .seconds(100))
        #expect(contexts.take(1, of: nil, at: start + .seconds(300)) == nil)
        #expect(contexts.take(2, of: nil, at: start + .seconds(399)) != nil)
        contexts.keep(context(), of: 3, step: 0, at: start + .seconds(400))
        #expect(contexts.take(3, of: nil, at: start + .seconds(700)) == nil)
    }

    @Test("beyond the bound the oldest goes first, and what was fetched makes room")
    func bound() {
        // Each takes 1,315 octets: the text, the metadata, and the row.
        let contexts = CallContexts(bytesMax: 3 * 1_315)
        let text = String(repeating: "x", count: 1_000)
        for call in 1...4 { contexts.keep(context(text), of: UInt64(call), step: 0, at: start) }
        #expect(contexts.take(1, of: nil, at: start) == nil)
        #expect(contexts.take(3, of: nil, at: start) != nil)
        contexts.keep(context("short"), of: 5, step: 0, at: start)
        for call in [2, 4, 5] as [UInt64] {
            #expect(contexts.take(call, of: nil, at: start) != nil)
        }
    }
}
