import Glibc
import Primitives
import Store
import Transport

/// `backup` and `restore`: the store as one file, secrets in it sealed as they are in the store.
package enum BackupCommands {
    /// Copies the store to a new file while a gateway goes on using it; returns what is told.
    package static func backup(
        _ session: Session,
        to file: String,
        asJSON: Bool
    ) throws -> String {
        try session.store().database.copy(to: file)
        return asJSON ? object { $0.appendJSON("file", file) } : "written to \(file)"
    }

    /// Puts a backup in the place of the store; the store that was there stays beside it.
    ///
    /// Refused while a gateway runs: it would go on with the old file. Returns what is told.
    package static func restore(
        _ session: Session,
        from file: String,
        asJSON: Bool
    ) throws -> String {
        let kept = try put(file, inPlaceOfStoreOf: session)
        guard !asJSON else { return object { $0.appendJSON("old_store", kept) } }
        return "restored" + (kept.map { "; the old store is \($0)" } ?? "")
    }

    private static func object(_ members: (inout ByteBuffer) -> Void) -> String {
        var out = ByteBuffer()
        out.append("{")
        members(&out)
        out.append("}")
        return out.text
    }

    /// Returns where the old store is.
    private static func put(_ file: String, inPlaceOfStoreOf session: Session) throws -> String? {
        let configuration = session.configuration
        guard access(file, R_OK) == 0 else { throw SystemError("read \(file)", code: errno) }
        try File.makeFolder(configuration.stateDirectory)
        let writer = try writerOfCalls(configuration)
        defer { _ = writer.sync() }
        let backup = try DirectoryStore(path: file, creating: false, at: Clock.wall())
        try backup.checkIntegrity()
        let path = configuration.path(configuration.store.sqlitePath)
        let incoming = path + ".restored"
        unlink(incoming)
        try backup.database.copy(to: incoming)
        var kept: String?
        if access(path, F_OK) == 0 {
            // The log of the old store is folded into it before it is moved away.
            let old = path + ".before-restore"
            unlink(old)
            try session.store().database.copy(to: old)
            kept = old
        }
        session.handOver()
        unlink(path + "-wal")
        unlink(path + "-shm")
        guard rename(incoming, path) == 0 else {
            throw SystemError("put \(incoming) in the place of \(path)", code: errno)
        }
        return kept
    }

    /// Whoever can write the call log is alone.
    private static func writerOfCalls(_ configuration: Configuration) throws -> CallLogWriter {
        do {
            return try CallLogWriter(
                directory: configuration.path(configuration.records.directory),
                at: Clock.wall()
            )
        } catch let error as StoreError where error.kind == .busy {
            throw CommandError("a gateway is running on this store; stop it, then restore")
        }
    }
}
