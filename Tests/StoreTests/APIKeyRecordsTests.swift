import Primitives
import Routing
import Store
import Testing

@Suite("API keys in the store")
struct APIKeyRecordsTests {
    private let folder: TemporaryFolder
    private let store: DirectoryStore
    private let keys: APIKeyRecords

    init() throws {
        folder = try TemporaryFolder()
        store = try DirectoryStore(path: folder.file("d.sqlite"), at: Sample.now)
        keys = APIKeyRecords(store.database)
        let rows = ["acme", "zeta"].map { DirectoryChange.putOrganization(.init(id: $0, name: $0)) }
        try store.apply(DirectoryChanges(rows), at: Sample.now)
    }

    private func row(_ id: String, _ organization: String?, after seconds: Int64 = 0) -> APIKeyRow {
        APIKeyRow(
            id: id,
            organizationID: organization,
            label: "for \(id)",
            prefix: "ak_",
            hash: Array(id.utf8) + Array(repeating: 7, count: 32 - id.utf8.count),
            scopes: "trunks:read",
            createdAt: WallTime(seconds: Sample.now.seconds + seconds),
            expiresAt: organization == nil ? nil : WallTime(seconds: 1_900_000_000)
        )
    }

    @Test("what is kept is read again, oldest first, and raises the keys' version alone")
    func keepsRows() throws {
        let before = try store.version()
        #expect(try keys.version() == 0)
        let rows = [row("b", "acme"), row("c", nil, after: 1), row("a", "zeta", after: 2)]
        for row in rows.reversed() { try keys.insert(row) }
        #expect(try keys.all() == rows)
        #expect(try keys.version() == 3)
        #expect(try keys.load().version == 3)
        #expect(try store.version() == before)
        #expect(try store.organizations().map(\.id) == ["acme", "zeta"])
    }

    @Test("a key for an organization that is not there is refused")
    func needsOrganization() throws {
        let error = #expect(throws: StoreError.self) { try keys.insert(row("a", "nobody")) }
        #expect(error?.kind == .constraint)
        #expect(try keys.all().isEmpty)
    }

    @Test("a key is revoked once, and stays in the list")
    func revokes() throws {
        try keys.insert(row("a", "acme"))
        #expect(try keys.revoke(id: "a", at: Sample.now))
        #expect(try keys.version() == 2)
        #expect(try !keys.revoke(id: "a", at: WallTime(seconds: 1)))
        #expect(try !keys.revoke(id: "b", at: Sample.now))
        #expect(try keys.version() == 2)
        #expect(try keys.all().first?.revokedAt == Sample.now)
    }

    @Test("uses are kept, the latest counts, and nobody has to load keys for them")
    func notesUses() throws {
        try keys.insert(row("a", "acme"))
        try keys.insert(row("b", nil))
        let later = WallTime(seconds: Sample.now.seconds + 60)
        try keys.note(uses: ["a": later, "unknown": later])
        try keys.note(uses: ["a": Sample.now])
        #expect(try keys.all().map(\.lastUsedAt) == [later, nil])
        #expect(try keys.version() == 2)
    }

    @Test("the keys of an organization go with it, and those of others stay")
    func goWithTheirOrganization() throws {
        for row in [row("a", "acme"), row("b", "zeta"), row("c", nil)] { try keys.insert(row) }
        try store.apply(DirectoryChanges([.deleteOrganization(id: "acme")]), at: Sample.now)
        #expect(try keys.all().map(\.id) == ["b", "c"])
        #expect(try keys.version() == 4)
        try store.checkIntegrity()
    }
}
