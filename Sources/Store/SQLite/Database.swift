import CSQLite
import Glibc

/// One connection to a SQLite file, for one thread: write-ahead log, every commit synced to disk.
///
/// The call log is no part of it, and no call waits for it. Memory mapping is off, because a file that
/// shrinks under a mapping ends the process.
package final class Database {
    package let path: String
    private let handle: OpaquePointer
    /// The file that was opened, to notice that it was moved or removed (SQLite would not say).
    private let identity: FileIdentity
    private var statements: [UnsafePointer<UInt8>: Statement] = [:]

    /// Opens the file, and makes it when `creating` says so, readable by its owner and group only.
    package init(path: String, creating: Bool, busyMilliseconds: Int32 = 5_000) throws {
        self.path = path
        if creating { try Self.create(path) }
        guard let identity = FileIdentity(path) else {
            throw StoreError(.cannotOpen, "\(path) is not there; `trunkline apply` makes it")
        }
        self.identity = identity
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let error = StoreError(code: code, in: handle, sql: "")
            sqlite3_close_v2(handle)
            throw StoreError(error.kind, "\(path): \(error.message)")
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, busyMilliseconds)
        try configure()
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// A statement that is prepared once and kept.
    package func statement(_ sql: StaticString) throws -> Statement {
        guard sql.hasPointerRepresentation else { return try prepare(SQL(stringLiteral: sql)) }
        if let statement = statements[sql.utf8Start] { return statement }
        let statement = try prepare(SQL(stringLiteral: sql))
        statements[sql.utf8Start] = statement
        return statement
    }

    /// A statement for one use.
    package func prepare(_ sql: SQL) throws -> Statement { try Statement(sql, in: handle) }

    package func run(_ sql: StaticString, _ values: [SQLValue] = []) throws {
        try statement(sql).run(values)
    }

    /// Runs `body` in one transaction that holds the write lock from its start; an error undoes it all.
    ///
    /// Foreign keys are checked at the end, so that rows may come in any order.
    @discardableResult
    package func writing<Result>(_ body: () throws -> Result) throws -> Result {
        try requireInPlace()
        try run("BEGIN IMMEDIATE")
        do {
            try run("PRAGMA defer_foreign_keys = ON")
            let result = try body()
            try commit()
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// Throws `.moved` when the file that is open is no longer the one at `path`.
    package func requireInPlace() throws {
        guard FileIdentity(path) == identity else { throw StoreError(.moved, path) }
    }

    /// Runs `body` on one state of the file, whatever others write meanwhile.
    package func reading<Result>(_ body: () throws -> Result) throws -> Result {
        guard sqlite3_get_autocommit(handle) != 0 else { return try body() }
        try run("BEGIN")
        defer { rollBack() }
        return try body()
    }

    /// Copies the whole database into a new file while others go on using it.
    package func copy(to target: String) throws {
        guard FileIdentity(target) == nil else {
            throw StoreError(.cannotOpen, "\(target) is there already; name another file")
        }
        // Into an empty file of ours, because SQLite would make one that others can read.
        try Self.create(target)
        do {
            try prepare("VACUUM INTO ?").run([.text(target)])
            try Self.syncToDisk(target)
        } catch {
            unlink(target)
            throw error
        }
    }

    private func configure() throws {
        csqlite_make_defensive(handle)
        // 16 MiB: larger than any workflow, smaller than what a damaged length field could ask for.
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 16 << 20)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1)
        let mode = try statement("PRAGMA journal_mode = WAL").first { $0.text(0) }
        guard mode == "wal" else {
            throw StoreError(.cannotOpen, "\(path): this file system cannot hold a write-ahead log")
        }
        for setting: StaticString in [
            "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF",
            "PRAGMA cell_size_check = ON", "PRAGMA temp_store = MEMORY",
            "PRAGMA journal_size_limit = 67108864", "PRAGMA mmap_size = 0",
            "PRAGMA cache_size = -8192",
        ] {
            try prepare(SQL(stringLiteral: setting)).forEach { _ in }
        }
    }

    private func commit() throws {
        do {
            try run("COMMIT")
        } catch let error as StoreError where error.kind == .constraint {
            throw StoreError(.constraint, try brokenReference() ?? error.message)
        }
    }

    /// Which table refers to a row that is not there; asked only after a commit was refused.
    private func brokenReference() throws -> String? {
        try statement("PRAGMA foreign_key_check").first { row in
            "a row of \(row.text(0)) refers to a row of \(row.text(2)) that is not there"
        }
    }

    private func rollBack() {
        guard sqlite3_get_autocommit(handle) == 0 else { return }
        // A failed disk may refuse even this; the next BEGIN then says so.
        try? run("ROLLBACK")
    }

    /// SQLite leaves the file that `VACUUM INTO` writes to the kernel.
    private static func syncToDisk(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw StoreError(.inputOutput, "\(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Makes an empty file; one that is there is not even opened.
    ///
    /// SQLite's locks are those of fcntl(2): to close any descriptor of the file lets go of all that this
    /// process holds on it. The next command that ended would take itself for the last user, remove the
    /// write-ahead log, and this process would go on with one that nobody else sees.
    private static func create(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw StoreError(.cannotOpen, "\(path): \(String(cString: strerror(errno)))")
        }
        close(descriptor)
    }
}

/// Device and inode of a file: what stays the same while it is the same file.
struct FileIdentity: Equatable {
    let device: UInt64
    let inode: UInt64

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// How large the file is; nil when it is not there.
    static func byteCount(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}

extension StoreError {
    /// The error of a SQLite result code; the connection knows the words.
    init(code: Int32, in database: OpaquePointer?, sql: String) {
        let words = database.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        let message = words.map { String(cString: $0) } ?? "SQLite error"
        self.init(Self.kind(of: code), "\(message) [\(code)]", sql: sql)
    }

    private static func kind(of code: Int32) -> Kind {
        switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: .corrupt
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .diskFull
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .readOnly
        case SQLITE_IOERR, SQLITE_NOMEM: .inputOutput
        case SQLITE_CANTOPEN: .cannotOpen
        case SQLITE_CONSTRAINT: .constraint
        default: .other
        }
    }
}
