import Primitives

/// One step from an older form of the store to a newer one; steps are only ever appended.
package struct Migration: Sendable {
    package let name: String
    let statements: [StaticString]

    /// All steps in order; the store's form is how many of them it has gone through.
    package static let all = [
        foundation, keyUses, defaultAgents, callSteps, keyColumns, callInputs, callLabels,
        waitingEvents,
    ]
}

extension Database {
    /// Brings the file to the newest form, one transaction for each step; refuses what is not ours.
    ///
    /// A database without tables becomes a store only if `creating` says so.
    package func migrate(at now: WallTime, creating: Bool = true) throws {
        try migrate(through: Migration.all, at: now, creating: creating)
    }

    /// Brings the file as far as these steps go.
    package func migrate(
        through known: [Migration],
        at now: WallTime,
        creating: Bool = true
    ) throws {
        try refuseForeignFile(creating: creating)
        while try applyNextMigration(of: known, at: now) {}
    }

    private func applyNextMigration(of known: [Migration], at now: WallTime) throws -> Bool {
        // Looked at first without the write lock: a store that is up to date can be opened by many.
        let done = try reading { try appliedMigrations() }
        try check(done, against: known)
        guard done.count < known.count else { return false }
        return try writing {
            // Another process may have gone this step while we waited for the lock.
            let done = try appliedMigrations()
            try check(done, against: known)
            guard done.count < known.count else { return false }
            let migration = known[done.count]
            if done.isEmpty { try createMigrationTable() }
            for statement in migration.statements {
                try prepare(SQL(stringLiteral: statement)).run()
            }
            try run(
                "INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)",
                [SQLValue(done.count + 1), SQLValue(migration.name), .integer(now.microseconds)]
            )
            return true
        }
    }

    private func appliedMigrations() throws -> [String] {
        guard try hasTable("migrations") else { return [] }
        var names: [String] = []
        try prepare("SELECT name FROM migrations ORDER BY number").forEach { row in
            names.append(row.text(0))
        }
        return names
    }

    private func check(_ done: [String], against known: [Migration]) throws {
        guard done.count <= known.count else {
            let newest = done.last ?? ""
            throw StoreError(
                .schemaTooNew,
                "\(path) has gone through \(done.count) migrations (the last: \(newest)), "
                    + "this binary knows \(known.count); start the newer binary, or restore the "
                    + "backup that was taken before it"
            )
        }
        for (name, migration) in zip(done, known) where name != migration.name {
            throw StoreError(.corrupt, "\(path): unknown migration \(name)")
        }
    }

    private func createMigrationTable() throws {
        try prepare(
            """
            CREATE TABLE migrations (
                number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, applied_at INTEGER NOT NULL
            ) STRICT
            """
        ).run()
        // "TRKL": how `file` and other programs know what this is.
        try prepare("PRAGMA application_id = 1414679372").run()
    }

    private func refuseForeignFile(creating: Bool) throws {
        let application = try prepare("PRAGMA application_id").first { $0.integer(0) } ?? 0
        let tables = try prepare("SELECT count(*) FROM sqlite_schema").first { $0.integer(0) } ?? 0
        let isNew = application == 0 && tables == 0
        guard application == 1_414_679_372 || isNew && creating else {
            throw StoreError(.foreign, "\(path) is a SQLite file, but not a store of trunkline")
        }
    }

    private func hasTable(_ name: String) throws -> Bool {
        try prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
            .first([.text(name)]) { _ in true } ?? false
    }
}
