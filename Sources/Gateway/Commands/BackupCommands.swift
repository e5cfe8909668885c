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

    /// Puts a backup in the place of the store; the store that was there stays beside it, whole or not.
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
        let backup = try open(file)
        try File.makeFolder(configuration.stateDirectory)
        let writer = try writerOfCalls(configuration)
        defer { _ = writer.sync() }
        let path = configuration.storePath
        let incoming = unusedName(path + ".restored")
        do {
            try backup.database.copy(to: incoming)
            session.handOver()
            let kept = try keep(path)
            // The write-ahead log of the old store is none of the new one.
            for ending in endings.dropFirst() { unlink(path + ending) }
            guard rename(incoming, path) == 0 else {
                throw SystemError("put \(incoming) in the place of \(path)", code: errno)
            }
            return kept
        } catch {
            unlink(incoming)
            throw error
        }
    }

    /// Opens a backup and looks through all of it; an error names the file and says why it is none.
    private static func open(_ file: String) throws -> DirectoryStore {
        func refusal(_ reason: String) -> CommandError {
            CommandError("\(file) is no backup of trunkline: \(reason)")
        }
        var status = stat()
        guard stat(file, &status) == 0, access(file, R_OK) == 0 else {
            throw SystemError("read \(file)", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("it is no file") }
        guard status.st_size > 0 else { throw refusal("it is empty") }
        do {
            let backup = try DirectoryStore(path: file, creating: false, at: Clock.wall())
            try backup.checkIntegrity()
            return backup
        } catch let error as StoreError {
            throw refusal(error.message)
        }
    }

    /// Gives the files of the store second names beside the first, as they are and without a look into
    /// them; returns the name of the store among these, nil when there was none.
    private static func keep(_ path: String) throws -> String? {
        let there = endings.filter { isThere(path + $0) }
        guard !there.isEmpty else { return nil }
        let kept = unusedName(path + ".before-restore")
        for ending in there where link(path + ending, kept + ending) != 0 {
            let error = SystemError("keep \(path + ending) as \(kept + ending)", code: errno)
            for ending in there { unlink(kept + ending) }
            throw error
        }
        return kept
    }

    /// `name`, `name-2` and so on: the first that no file of a store has.
    private static func unusedName(_ name: String) -> String {
        var candidate = name
        var number = 1
        while endings.contains(where: { isThere(candidate + $0) }) {
            number += 1
            candidate = "\(name)-\(number)"
        }
        return candidate
    }

    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The files of a store: the database, its write-ahead log and that log's index.
    private static let endings = ["", "-wal", "-shm"]

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
