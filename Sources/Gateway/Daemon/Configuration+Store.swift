import Glibc
import Store
import Transport

extension Configuration {
    /// Where the store is.
    var storePath: String { path(store.sqlitePath) }

    /// Opens the store; one that is not there is made if `creating` says so.
    ///
    /// A file of no bytes becomes a store only where nothing else tells that there has been one.
    func openStore(creating: Bool) throws -> DirectoryStore {
        // The traces come first: whoever makes the store right now leaves them after it.
        if creating, hasTraceOfStore { try refuseEmptyFile() }
        return try DirectoryStore(path: storePath, creating: creating, at: Clock.wall())
    }

    private var hasTraceOfStore: Bool {
        if File.byteCount(path(keyFile)) != nil { return true }
        // SQLite would remove the log of a file without bytes, and what is in it.
        if File.byteCount(storePath + "-wal") ?? 0 > 0 { return true }
        let log = try? CallLogFile.all(in: path(records.directory))
        return log?.isEmpty == false
    }

    private func refuseEmptyFile() throws {
        guard File.byteCount(storePath) == 0 else { return }
        throw StoreError.empty(storePath)
    }
}
