import Primitives
import Store
import Testing

@Suite("The SQLite wrapper")
struct DatabaseTests {
    private let folder: TemporaryFolder
    private let database: Database

    init() throws {
        folder = try TemporaryFolder()
        database = try Database(path: folder.file("t.sqlite"), creating: true)
    }

    @Test("a connection is durable, checks references and trusts no schema")
    func configuresConnections() throws {
        func setting(_ sql: SQL) throws -> String? {
            try database.prepare(sql).first { $0.text(0) }
        }
        #expect(try setting("PRAGMA journal_mode") == "wal")
        #expect(try setting("PRAGMA synchronous") == "2")
        #expect(try setting("PRAGMA foreign_keys") == "1")
        #expect(try setting("PRAGMA trusted_schema") == "0")
        #expect(try setting("PRAGMA mmap_size") == "0")
    }

    @Test("values of every type come back as they were bound")
    func bindsValues() throws {
        try database.run("CREATE TABLE t (a ANY, b ANY, c ANY, d ANY) STRICT")
        let text = "quote ' \" ; -- \0 ü 📞"
        try database.run(
            "INSERT INTO t VALUES (?, ?, ?, ?)",
            [.null, .integer(.min), .text(text), .blob([0, 255, 39])]
        )
        try database.run("INSERT INTO t VALUES (1, 2, ?, ?)", [.text(""), .blob([])])
        var rows: [(String?, Int64, String, [UInt8])] = []
        try database.statement("SELECT a, b, c, d FROM t ORDER BY rowid").forEach { row in
            rows.append((row.optionalText(0), row.integer(1), row.text(2), row.blob(3)))
            #expect(row.isNull(2) == false)
        }
        #expect(rows.map(\.0) == [nil, "1"])
        #expect(rows.map(\.1) == [.min, 2])
        #expect(rows.map(\.2) == [text, ""])
        #expect(rows.map(\.3) == [[0, 255, 39], []])
    }

    @Test("an error tells the statement and never the values")
    func hidesValues() throws {
        try database.run("CREATE TABLE secrets (id TEXT PRIMARY KEY, token TEXT NOT NULL) STRICT")
        try database.run("INSERT INTO secrets VALUES (?, ?)", [.text("id"), .text("hunter2")])
        let error = #expect(throws: StoreError.self) {
            try database.run("INSERT INTO secrets VALUES (?, ?)", [.text("id"), .text("hunter2")])
        }
        #expect(error?.kind == .constraint)
        #expect(error?.sql == "INSERT INTO secrets VALUES (?, ?)")
        #expect("\(String(describing: error))".contains("hunter2") == false)
    }

    @Test("what a transaction wrote before an error is undone")
    func rollsBack() throws {
        try database.run("CREATE TABLE t (a INTEGER)")
        struct Interruption: Error {}
        #expect(throws: Interruption.self) {
            try database.writing {
                try database.run("INSERT INTO t VALUES (1)")
                throw Interruption()
            }
        }
        try database.writing { try database.run("INSERT INTO t VALUES (2)") }
        #expect(try database.statement("SELECT sum(a) FROM t").first { $0.integer(0) } == 2)
    }

    @Test("a reader sees one state while another connection writes")
    func isolatesReaders() throws {
        try database.run("CREATE TABLE t (a INTEGER)")
        let other = try Database(path: database.path, creating: false)
        func count() throws -> Int64? {
            try database.statement("SELECT count(*) FROM t").first { $0.integer(0) }
        }
        try database.reading {
            #expect(try count() == 0)
            try other.writing { try other.run("INSERT INTO t VALUES (1)") }
            #expect(try count() == 0)
        }
        #expect(try count() == 1)
    }

    @Test("a second writer is told that the store is in use, and not made to wait for ever")
    func reportsBusyStore() throws {
        let other = try Database(path: database.path, creating: false, busyMilliseconds: 0)
        try database.writing {
            let error = #expect(throws: StoreError.self) { try other.writing {} }
            #expect(error?.kind == .busy)
        }
    }

    @Test("a file that was replaced while it was open takes no more writes")
    func noticesMovedFile() throws {
        try database.run("CREATE TABLE t (a INTEGER)")
        try folder.remove("t.sqlite")
        let gone = #expect(throws: StoreError.self) { try database.writing {} }
        #expect(gone?.kind == .moved)
        try folder.write([], to: "t.sqlite")
        let replaced = #expect(throws: StoreError.self) { try database.writing {} }
        #expect(replaced?.kind == .moved)
    }

    @Test("a copy is taken while the store is open, and never over another file")
    func copies() throws {
        try database.run("CREATE TABLE t (a INTEGER)")
        try database.run("INSERT INTO t VALUES (7)")
        try database.copy(to: folder.file("copy.sqlite"))
        let copy = try Database(path: folder.file("copy.sqlite"), creating: false)
        #expect(try copy.statement("SELECT a FROM t").first { $0.integer(0) } == 7)
        #expect(throws: StoreError.self) { try database.copy(to: folder.file("copy.sqlite")) }
    }

    @Test("a store that is not there is named, and not made unless asked for")
    func reportsMissingFile() throws {
        let error = #expect(throws: StoreError.self) {
            _ = try Database(path: folder.file("none.sqlite"), creating: false)
        }
        #expect(error?.kind == .cannotOpen)
        #expect(error?.description.contains("none.sqlite") == true)
        #expect(try folder.names.contains("none.sqlite") == false)
    }
}
