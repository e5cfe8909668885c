import Authentication
import Foundation
import Gateway
import Primitives
import Routing
import Store
import Testing
import Transport

@Suite("The commands for API keys, and a gateway that follows them")
struct KeyCommandTests {
    private let folder: ScratchFolder
    private let session: Session

    init() throws {
        folder = try ScratchFolder()
        session = folder.session(Configuration())
        let store = try session.store(creating: true)
        let rows = ["acme", "zeta"].map { DirectoryChange.putOrganization(.init(id: $0, name: $0)) }
        try store.apply(DirectoryChanges(rows), at: Clock.wall())
    }

    private struct Key: Decodable {
        var id: String
        var organization: String?
        var `operator`: Bool
        var key: String?
        var prefix: String
        var scopes: [String]
        var label: String
        var expires_at: String?
        var last_used_at: String?
        var revoked_at: String?
    }

    private func create(
        organization: String? = nil,
        scopes: String? = nil,
        prefix: String? = nil,
        label: String? = nil,
        expires: String? = nil
    ) throws -> Key {
        let request = try KeyCommands.Request(
            organization: organization,
            isOperator: organization == nil,
            scopes: scopes,
            prefix: prefix,
            label: label,
            expires: expires
        )
        let text = try KeyCommands.create(session, request, asJSON: true)
        return try JSONDecoder().decode(Key.self, from: Data(text.utf8))
    }

    private func listed() throws -> [Key] {
        try KeyCommands.list(session, organization: nil, asJSON: true).split(separator: "\n").map {
            try JSONDecoder().decode(Key.self, from: Data($0.utf8))
        }
    }

    /// What a running gateway holds, and whom it takes a key for.
    private struct Running {
        let session: Session
        let follower: DirectoryFollower

        /// Whether there was something new; it is served from then on.
        func takesIn() throws -> Bool {
            try follower.follow()
            defer { follower.notePublished() }
            return follower.hasNews
        }

        func holder(of key: String?, at now: WallTime = Clock.wall()) throws -> APIKeyHolder? {
            let state = try follower.state(session.configuration, publicURL: "http://127.0.0.1")
            let field = Array("Bearer \(key ?? "")".utf8)
            return state.authenticate(authorization: field.span, at: now)
        }
    }

    private func running() throws -> Running {
        let follower = try DirectoryFollower(session.configuration, credentialsDirectory: nil)
        try follower.load()
        follower.notePublished()
        return Running(session: session, follower: follower)
    }

    @Test("a key is shown once, and no file has more of it than its hash")
    func showsKeyOnce() throws {
        let made = try create(organization: "acme", scopes: "trunks:manage", label: "CI \u{1B}[2J")
        let key = try #require(made.key)
        #expect(key.hasPrefix("trunkline_"))
        #expect(key.count == "trunkline_".count + 32)
        let rows = try listed()
        #expect(rows.map(\.id) == [made.id])
        #expect(rows.map(\.key) == [nil])
        #expect(rows.map(\.scopes) == [["trunks:manage"]])
        let table = try KeyCommands.list(session, organization: nil, asJSON: false)
        #expect(table.contains(made.id))
        #expect(!table.contains(key.dropFirst("trunkline_".count)))
        #expect(!table.contains("\u{1B}"))
        let request = try KeyCommands.Request(
            organization: "zeta",
            isOperator: false,
            scopes: nil,
            prefix: nil,
            label: nil,
            expires: nil
        )
        let told = try KeyCommands.create(session, request, asJSON: false)
        #expect(told.contains("it is not shown again"))
        #expect(told.contains("zeta"))
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let bytes = FileManager.default.contents(atPath: folder.path + "/" + file) ?? Data()
            #expect(bytes.range(of: Data(key.dropFirst("trunkline_".count).utf8)) == nil)
        }
    }

    @Test("a running gateway knows a new key with its next look, and a revoked one no more")
    func follows() throws {
        let gateway = try running()
        #expect(try !gateway.takesIn())
        let made = try create(organization: "acme", scopes: "phone_numbers:read")
        #expect(try gateway.holder(of: made.key) == nil)
        #expect(try gateway.takesIn())
        let holder = try #require(try gateway.holder(of: made.key))
        #expect(holder.organizationID == "acme")
        #expect(holder.scopes == .readNumbers)
        #expect(try !gateway.takesIn())
        _ = try KeyCommands.revoke(session, made.id)
        #expect(try gateway.takesIn())
        #expect(try gateway.holder(of: made.key) == nil)
        // And one that starts now never knew it.
        #expect(try running().holder(of: made.key) == nil)
        #expect(try listed().first?.revoked_at != nil)
    }

    @Test("what was taken in is new until it is served, keys also while the directory is damaged")
    func keepsNews() throws {
        let gateway = try running()
        let made = try create(organization: "acme")
        try gateway.follower.follow()
        try gateway.follower.follow()
        #expect(gateway.follower.hasNews)
        gateway.follower.notePublished()
        #expect(!gateway.follower.hasNews)
        _ = try KeyCommands.revoke(session, made.id)
        let database = try session.store().database
        try database.run("UPDATE organizations SET name = 'changed behind the store''s back'")
        try database.run("UPDATE settings SET value = value + 2000 WHERE name = 'version'")
        for _ in 0..<2 { #expect(throws: StoreError.self) { try gateway.follower.follow() } }
        #expect(gateway.follower.hasNews)
        #expect(try gateway.holder(of: made.key) == nil)
    }

    @Test("a store that was moved away is told, and not read on")
    func noticesMovedStore() throws {
        let gateway = try running()
        let path = try session.store().database.path
        try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
        let following = #expect(throws: StoreError.self) { try gateway.follower.follow() }
        let loading = #expect(throws: StoreError.self) { try gateway.follower.load() }
        #expect([following?.kind, loading?.kind] == [.moved, .moved])
    }

    @Test("an operator's key is for the whole gateway, and a key can have an end")
    func makesOperatorKeys() throws {
        let made = try create(expires: "2h")
        #expect(made.operator)
        #expect(made.organization == nil)
        #expect(made.expires_at != nil)
        let gateway = try running()
        #expect(try gateway.holder(of: made.key)?.isOperator == true)
        let later = WallTime(seconds: Clock.wall().seconds + 7_201)
        #expect(try gateway.holder(of: made.key, at: later) == nil)
        let told = try KeyCommands.list(session, organization: nil, asJSON: false)
        #expect(told.contains("(operator)") && told.contains("until "))
    }

    @Test("the keys of an organization that is removed open nothing any more")
    func goesWithOrganization() throws {
        let made = try create(organization: "zeta", prefix: "sk_live_")
        #expect(made.key?.hasPrefix("sk_live_") == true)
        let gateway = try running()
        #expect(try gateway.holder(of: made.key) != nil)
        let removal = DirectoryChanges([.deleteOrganization(id: "zeta")])
        try session.store().apply(removal, at: Clock.wall())
        #expect(try gateway.takesIn())
        #expect(try gateway.holder(of: made.key) == nil)
    }

    @Test("when a key was used is noted for the list, and only for keys that exist")
    func notesUse() throws {
        let made = try create(organization: "acme")
        let gateway = try running()
        #expect(try gateway.holder(of: "no key") == nil)
        #expect(gateway.follower.keyUses.takeAll().isEmpty)
        let now = WallTime(seconds: 1_795_244_709)
        #expect(try gateway.holder(of: made.key, at: now) != nil)
        let uses = gateway.follower.keyUses.takeAll()
        #expect(uses == [made.id: now])
        #expect(gateway.follower.keyUses.takeAll().isEmpty)
        try APIKeyRecords(session.store().database).note(uses: uses)
        #expect(try listed().first?.last_used_at == "2026-11-21T07:05:09Z")
    }

    @Test("a key is revoked by its id, the beginning of its id, or itself, and only once")
    func revokesByName() throws {
        let keys = try (0..<3).map { _ in try create(organization: "acme") }
        #expect(try KeyCommands.revoke(session, keys[0].id).contains("is revoked"))
        #expect(try KeyCommands.revoke(session, keys[0].id).contains("was revoked before"))
        #expect(try KeyCommands.revoke(session, try #require(keys[1].key)).contains(keys[1].id))
        #expect(try KeyCommands.revoke(session, String(keys[2].id.dropLast())).contains(keys[2].id))
        #expect(try listed().allSatisfy { $0.revoked_at != nil })
    }

    @Test("an unclear or unknown name of a key is told without repeating what may be a key")
    func refusesNames() throws {
        for _ in 0..<17 { _ = try create() }
        let ids = try listed().map(\.id)
        let doubled = try #require(
            ids.map { $0.prefix(1) }.first { first in ids.count { $0.hasPrefix(first) } > 1 }
        )
        let unclear = #expect(throws: CommandError.self) {
            try KeyCommands.revoke(session, String(doubled))
        }
        #expect(unclear?.description.contains("write more of the id") == true)
        for name in ["", "trunkline_0123456789", "zzzz"] {
            let error = #expect(throws: CommandError.self) {
                try KeyCommands.revoke(session, name)
            }
            #expect(name.isEmpty || error?.description.contains(name) == false)
        }
    }

    @Test("a key for an organization that is not there is not made")
    func refusesUnknownOrganizations() throws {
        for (name, hint) in [("acm", "did you mean acme?"), ("nobody-at-all", "trunkline apply")] {
            let error = #expect(throws: CommandError.self) { try create(organization: name) }
            #expect(error?.description.contains(hint) == true)
        }
        #expect(try listed().isEmpty)
    }

    @Test(
        "what cannot be meant is answered with what to write",
        arguments: [
            (
                ["organization": "acme", "scopes": "phone_number:read"],
                "did you mean phone_numbers:read?"
            ),
            (["organization": "acme", "scopes": "everything"], "\"trunks:manage\""),
            (["organization": "acme", "scopes": ","], "leave it out"),
            (["organization": "acme", "prefix": "sk-live-"], "letters, digits and _"),
            (["organization": "acme", "expires": "yesterday"], "90d"),
            (["organization": "acme", "expires": "2020-01-01"], "no time to come"),
            (["operator": "yes", "scopes": "*"], "leave --scopes out"),
            (["operator": "yes", "organization": "acme"], "--operator"),
            ([:], "--organization"),
        ]
    )
    func explainsMistakes(words: [String: String], hint: String) throws {
        let error = #expect(throws: UsageError.self) {
            let request = try KeyCommands.Request(
                organization: words["organization"],
                isOperator: words["operator"] != nil,
                scopes: words["scopes"],
                prefix: words["prefix"],
                label: nil,
                expires: words["expires"]
            )
            _ = try KeyCommands.create(session, request, asJSON: false)
        }
        #expect(error?.description.contains(hint) == true)
        #expect(try listed().isEmpty)
    }
}
