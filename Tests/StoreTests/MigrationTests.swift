import Primitives
import Store
import Testing

@Suite("Migrations of the store")
struct MigrationTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var path: String { folder.file("directory.sqlite") }

    @Test("a store can be opened again and again, by several at once")
    func opensTwice() throws {
        let first = try DirectoryStore(path: path, at: Sample.now)
        let second = try DirectoryStore(path: path, at: Sample.now)
        #expect(try first.version() == 0)
        #expect(try second.version() == 0)
        let names = try first.database.prepare("SELECT count(*), max(applied_at) FROM migrations")
            .first { ($0.integer(0), $0.integer(1)) }
        #expect(names?.1 == Sample.now.microseconds)
    }

    @Test("a store of the first form is brought to the newest, and keeps what it has")
    func migrates() throws {
        do {
            let database = try Database(path: path, creating: true)
            try database.migrate(through: Array(Migration.all.prefix(1)), at: Sample.now)
            try database.run(
                """
                INSERT INTO call_records (id, time, door, outcome, number)
                VALUES ('0a6d6df6b2733f14', 1, 'twilio', 'answered', '+14155550100')
                """
            )
            try database.run(
                """
                INSERT INTO call_events (record_id, id, event, time, status, line)
                VALUES ('0a6d6df6b2733f14', '1', 'status', 2, 'completed', '{}')
                """
            )
        }
        let store = try DirectoryStore(path: path, at: Sample.now)
        let kept = try store.database.prepare(
            """
            SELECT r.number, r.step, e.status FROM call_records AS r
            JOIN call_events AS e ON e.record = r.sequence
            """
        ).first { [$0.text(0), "\($0.integer(1))", $0.text(2)] }
        #expect(kept == ["+14155550100", "0", "completed"])
        #expect(try APIKeyRecords(store.database).all().isEmpty)
        try store.checkIntegrity()
    }

    @Test("a store of a newer trunkline is refused with a sentence that says what to do")
    func refusesNewerStore() throws {
        do {
            let store = try DirectoryStore(path: path, at: Sample.now)
            try store.database.run("INSERT INTO migrations VALUES (99, 'teleport', 0)")
        }
        let error = #expect(throws: StoreError.self) {
            _ = try DirectoryStore(path: path, at: Sample.now)
        }
        #expect(error?.kind == .schemaTooNew)
        #expect(error?.description.contains("teleport") == true)
        #expect(error?.description.contains("start the newer binary") == true)
    }

    @Test("the database of another program is refused and left as it is")
    func refusesForeignFile() throws {
        do {
            let database = try Database(path: path, creating: true)
            try database.run("CREATE TABLE bookmarks (url TEXT)")
        }
        let error = #expect(throws: StoreError.self) {
            _ = try DirectoryStore(path: path, at: Sample.now)
        }
        #expect(error?.kind == .foreign)
        let database = try Database(path: path, creating: false)
        let tables = try database.prepare("SELECT count(*) FROM sqlite_schema").first {
            $0.integer(0)
        }
        #expect(tables == 1)
    }

    @Test("a file that is no database is refused as damaged")
    func refusesOtherFiles() throws {
        try folder.write(
            Array("this is a letter, not a database ".utf8) + Array(repeating: 7, count: 5_000),
            to: "directory.sqlite"
        )
        let error = #expect(throws: StoreError.self) {
            _ = try DirectoryStore(path: path, at: Sample.now)
        }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains("restore a backup") == true)
    }

    @Test("a store of the first form keeps its rows, and takes all that the newest does")
    func keepsRows() throws {
        do {
            let database = try Database(path: path, creating: true)
            try database.migrate(through: Array(Migration.all.prefix(1)), at: Sample.now)
            for sql: SQL in [
                "INSERT INTO organizations VALUES ('acme', 'Acme', 0, 1, 1)",
                "INSERT INTO inbound_routings VALUES ('acme', 0, '', NULL, 750, 0, 1, 1)",
                """
                INSERT INTO call_records (sequence, id, time, door, outcome, number, call_status)
                VALUES (7, '000000000000000a', 5, 'twilio', 'answered', '+14155550100', 'busy')
                """,
                """
                INSERT INTO call_events (record_id, id, event, status, line)
                VALUES ('000000000000000a', '000000000000000b', 'status', 'busy', 'the line')
                """,
            ] { try database.prepare(sql).run() }
        }
        let store = try DirectoryStore(path: path, at: Sample.now)
        let timeout = try store.database.prepare(
            "SELECT timeout_ms FROM inbound_routings WHERE default_agent_id IS NULL"
        ).first { $0.integer(0) }
        #expect(timeout == 750)
        let records = CallRecords(store.database)
        let row = try #require(try records.records(matching: CallQuery(limit: 5)).first)
        #expect(row.key == CallRecordRow.Key(id: "000000000000000a"))
        #expect(row.number == "+14155550100")
        #expect(row.callStatus == "busy")
        #expect(try records.events(of: row.id) == ["the line"])
        // The next record goes behind it, and a step of the same call beside it.
        try store.database.prepare(
            """
            INSERT INTO call_records (id, step, time, door, outcome)
            VALUES ('000000000000000a', 1, 6, 'twilio', 'refused')
            """
        ).run()
        var query = CallQuery()
        query.after = row.key
        #expect(try records.records(matching: query).map(\.step) == [1])
        let broken = try store.database.prepare("PRAGMA foreign_key_check").first { _ in true }
        #expect(broken == nil)
    }

    @Test("a key for one user or some addresses alone does not become one for everything")
    func dropsNarrowKeys() throws {
        do {
            let database = try Database(path: path, creating: true)
            try database.migrate(through: Array(Migration.all.prefix(4)), at: Sample.now)
            let keys: [(id: String, user: String?, addresses: String)] = [
                ("a", nil, ""), ("b", "somebody", ""), ("c", nil, "192.0.2.1"),
            ]
            for key in keys {
                try database.run(
                    """
                    INSERT INTO api_keys (id, user_id, label, prefix, hash, scopes,
                        allowed_addresses, created_at)
                    VALUES (?, ?, '', 'k_', ?, '*', ?, 1)
                    """,
                    [
                        SQLValue(key.id), SQLValue(key.user),
                        .blob(Array(repeating: key.id.utf8.first ?? 0, count: 32)),
                        SQLValue(key.addresses),
                    ]
                )
            }
        }
        let store = try DirectoryStore(path: path, at: Sample.now)
        #expect(try APIKeyRecords(store.database).all().map(\.id) == ["a"])
        try store.checkIntegrity()
    }

    @Test("every table that belongs to another has a foreign key")
    func hasForeignKeys() throws {
        let store = try DirectoryStore(path: path, at: Sample.now)
        var missing: [String] = []
        try store.database.prepare(
            """
            SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
            WHERE m.type = 'table' AND c.name = 'organization_id'
                AND m.name NOT IN ('call_records', 'directory_journal')
                AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) AS f
                    WHERE f."from" = 'organization_id')
            """
        ).forEach { missing.append($0.text(0)) }
        #expect(missing.isEmpty)
    }
}
