import Authentication
import Primitives
import Testing

@Suite("Who holds a presented API key")
struct APIKeyTableTests {
    private let now = WallTime(seconds: 1_795_244_709)

    private func table(_ entries: (key: String, holder: APIKeyHolder)...) -> APIKeyTable {
        APIKeyTable(entries.map { (APIKeyHash(presented: Array($0.key.utf8).span), $0.holder) })
    }

    private let acme = APIKeyHolder(
        keyID: "1",
        organizationID: "acme",
        scopes: [.manageNumbers, .readTrunks]
    )
    private let operators = APIKeyHolder(keyID: "2", organizationID: nil, scopes: .all)

    private func holder(of key: String, in table: APIKeyTable, at time: WallTime? = nil) -> String?
    {
        table.authenticate(bearer: Array(key.utf8).span, at: time ?? now)?.keyID
    }

    @Test("a key is known by all of its octets and by nothing less or more")
    func knowsKeys() {
        let table = table(("ak_0123456789", acme), ("trunkline_operator_x", operators))
        #expect(table.count == 2)
        #expect(holder(of: "ak_0123456789", in: table) == "1")
        #expect(holder(of: "trunkline_operator_x", in: table) == "2")
        for wrong in [
            "", "ak_", "ak_012345678", "ak_01234567890", "AK_0123456789", " ak_0123456789",
            "ak_0123456789\n", "ak_0123456789\0", String(repeating: "a", count: 100_000),
        ] {
            #expect(holder(of: wrong, in: table) == nil)
        }
        #expect(holder(of: "ak_0123456789", in: .empty) == nil)
    }

    @Test("every octet that is changed makes it another key")
    func noticesChanges() {
        let key = Array("sk_live_0123456789abcdef".utf8)
        let table = APIKeyTable([(APIKeyHash(presented: key.span), acme)])
        for index in key.indices {
            for bit in 0..<8 {
                var changed = key
                changed[index] ^= 1 << bit
                #expect(table.authenticate(bearer: changed.span, at: now) == nil)
            }
        }
    }

    @Test("a key ends at its time, not a microsecond later")
    func expires() {
        var holder = acme
        holder.expires = now
        let table = table(("key", holder))
        let before = WallTime(microseconds: now.microseconds - 1)
        #expect(self.holder(of: "key", in: table, at: before) == "1")
        #expect(self.holder(of: "key", in: table, at: now) == nil)
    }

    @Test(
        "an Authorization field brings a key as Bearer does (RFC 6750 §2.1)",
        arguments: [
            ("Bearer key", true), ("bearer key", true), ("BEARER   key", true),
            ("Bearer key ", false),
            ("Bearer", false), ("Bearer ", false), ("Bearerkey", false), ("Basic key", false),
            ("key", false), ("", false), ("Bearer\tkey", false), ("Bearer key, Bearer key", false),
        ]
    )
    func readsField(value: String, isKnown: Bool) {
        let table = table(("key", acme))
        let found = table.authenticate(authorization: Array(value.utf8).span, at: now)
        #expect((found != nil) == isKnown)
    }

    @Test("a key of an organization opens that organization as far as its scopes go, and no other")
    func allows() {
        #expect(acme.allows(.readNumbers, in: "acme"))
        #expect(acme.allows([.manageNumbers, .readTrunks], in: "acme"))
        #expect(!acme.allows(.manageTrunks, in: "acme"))
        #expect(!acme.allows([.readNumbers, .readAgents], in: "acme"))
        #expect(!acme.allows(.readNumbers, in: "zeta"))
        #expect(!acme.isOperator)
        #expect(operators.allows(.all, in: "zeta"))
        #expect(operators.isOperator)
    }

    @Test(
        "scopes are read, and written in as few names as say the same",
        arguments: [
            ("phone_numbers:read", "phone_numbers:read"),
            ("phone_numbers:manage", "phone_numbers:manage"),
            (
                "trunks:read, phone_numbers:manage phone_numbers:read",
                "phone_numbers:manage,trunks:read"
            ),
            ("conversations:read_sensitive", "conversations:read_sensitive"),
            ("*", "*"), ("agents:read,*", "*"),
        ]
    )
    func readsScopes(text: String, expected: String) throws {
        let scopes = try APIKeyScopes(parsing: text)
        #expect(scopes.text == expected)
        #expect(APIKeyScopes(stored: scopes.text) == scopes)
    }

    @Test("every name means something else, and all of them together mean everything")
    func namesScopes() throws {
        let names = APIKeyScopes.names
        #expect(names.count == 13)
        let scopes = try names.map { try APIKeyScopes(parsing: $0) }
        #expect(Set(scopes).count == 13)
        #expect(try APIKeyScopes(parsing: names.dropFirst().joined(separator: ",")) == .all)
    }

    @Test(
        "what is no scope is named when a key is made, and grants nothing when it is stored",
        arguments: ["phone_numbers", "phone_numbers:write", "Trunks:read", "**"]
    )
    func refusesScopes(word: String) throws {
        #expect(throws: APIKeyScopesError.unknown(word)) {
            try APIKeyScopes(parsing: "agents:read,\(word)")
        }
        #expect(APIKeyScopes(stored: "agents:read,\(word)") == .readAgents)
        #expect(throws: APIKeyScopesError.empty) { try APIKeyScopes(parsing: " , ") }
    }
}
