import Primitives
import Routing

/// The directory on disk: organizations with their agents, trunks, credentials, routing and numbers.
///
/// One object for each thread that uses it; any number of processes may have the same file open. Every
/// write raises `version`, so that others see with one cheap read that there is something new.
package final class DirectoryStore {
    package let database: Database

    /// Opens the store at `path`, brings it to the newest form, and makes it when `creating` says so.
    ///
    /// Without `creating` an empty file is refused, because it would become an empty store.
    package init(path: String, creating: Bool = true, at now: WallTime) throws {
        guard creating || FileIdentity.byteCount(path) != 0 else { throw StoreError.empty(path) }
        database = try Database(path: path, creating: creating)
        try database.migrate(at: now, creating: creating)
    }

    /// The number of the last write; it rises by one with each.
    package func version() throws -> Int64 {
        try database.statement("SELECT value FROM settings WHERE name = 'version'")
            .first { $0.integer(0) } ?? 0
    }

    /// Everything in the directory, checked row by row and as a whole.
    package func load() throws -> DirectoryContents {
        try database.reading {
            let rows = try rowsWithoutNumbers()
            var contents = rows.contents
            try forEachNumber(completing: rows) { contents.numbers.append($0) }
            return contents
        }
    }

    /// Hands the directory over, first the rest, then each number in ascending order.
    ///
    /// It never holds all numbers. When it throws, what was handed over is not to be used.
    package func load(
        rest: (DirectoryContents, _ version: Int64) throws -> Void,
        eachNumber: (NumberAssignment) throws -> Void
    ) throws {
        try database.reading {
            let rows = try rowsWithoutNumbers()
            try rest(rows.contents, rows.version)
            try forEachNumber(completing: rows, eachNumber)
        }
    }

    /// Makes all `changes` or none; returns the new version.
    ///
    /// With `expecting`, the write is refused with `.conflict` when the directory has another version:
    /// whoever works out changes from what was read does not undo what others wrote meanwhile.
    @discardableResult
    package func apply(
        _ changes: DirectoryChanges,
        expecting expected: Int64? = nil,
        at now: WallTime
    ) throws -> Int64 {
        try database.writing {
            let version = try version()
            if let expected, expected != version {
                throw StoreError(.conflict, "version \(version), expected \(expected)")
            }
            var writer = try DirectoryWriter(database, version: version + 1, at: now)
            for change in changes.list { try writer.apply(change) }
            try writer.finish(changes)
            return version + 1
        }
    }

    /// Writes one number; returns the new version.
    @discardableResult
    package func put(_ number: NumberAssignment, at now: WallTime) throws -> Int64 {
        try apply(DirectoryChanges([.putNumber(number)]), at: now)
    }

    /// The organizations alone, in the order of their ids.
    package func organizations() throws -> [Organization] {
        var digest: Int64 = 0
        return try database.reading { try DirectoryReader(database).organizations(&digest) }
    }

    /// One number, or nil when the directory does not have it.
    package func number(_ number: PhoneNumber) throws -> NumberAssignment? {
        try database.reading { try DirectoryReader(database).number(number) }
    }

    /// What was written after `version`, so that a follower need not load everything.
    package func update(since version: Int64) throws -> DirectoryUpdate {
        try database.reading { try DirectoryReader(database).update(since: version) }
    }

    /// Looks through the whole file: its structure, its references, and every row's checksum.
    package func checkIntegrity() throws {
        try database.reading {
            let findings = try database.prepare("PRAGMA integrity_check(1)").first { $0.text(0) }
            guard findings == "ok" else {
                throw StoreError(.corrupt, "\(database.path): \(findings ?? "no answer")")
            }
            let broken = try database.prepare("PRAGMA foreign_key_check").first { $0.text(0) }
            if let broken {
                throw StoreError(.corrupt, "\(database.path): \(broken) refers to a missing row")
            }
            try load(rest: { _, _ in }, eachNumber: { _ in })
        }
    }

    /// The text that tells which key sealed the secrets; nil until one has been set.
    package func keyCheckValue() throws -> String? {
        try database.statement("SELECT value FROM settings WHERE name = 'key_check'")
            .first { $0.text(0) }
    }

    /// Keeps what tells the key that sealed the secrets from every other key.
    package func setKeyCheckValue(_ text: String) throws {
        try database.writing {
            try database.run(
                """
                INSERT INTO settings (name, value) VALUES ('key_check', ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """,
                [.text(text)]
            )
        }
    }

    private func rowsWithoutNumbers() throws -> DirectoryReader.Rows {
        try DirectoryReader(database).rowsWithoutNumbers()
    }

    private func forEachNumber(
        completing rows: DirectoryReader.Rows,
        _ body: (NumberAssignment) throws -> Void
    ) throws {
        try DirectoryReader(database).forEachNumber(completing: rows, body)
    }
}

/// What a follower of the directory has to do to catch up.
package enum DirectoryUpdate: Equatable, Sendable {
    case unchanged
    /// The rows as they are now, in the order in which they can be applied.
    case changes(DirectoryChanges, version: Int64)
    /// Too much has changed, or too long ago: load everything.
    case everything(version: Int64)
}
