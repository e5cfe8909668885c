/// Why the store could not do what it was asked; never holds a value of a row.
package struct StoreError: Error, Hashable, CustomStringConvertible {
    package var kind: Kind
    /// What happened, in words that SQLite or the store chose.
    package var message: String
    /// The statement, with `?` where its values stood; empty when none was at work.
    package var sql: String

    init(_ kind: Kind, _ message: String, sql: String = "") {
        self.kind = kind
        self.message = message
        self.sql = sql
    }

    /// The error for a store at `path` that has no bytes.
    package static func empty(_ path: String) -> StoreError {
        StoreError(.empty, "\(path) has 0 bytes")
    }

    package enum Kind: Hashable, Sendable {
        /// The file is no database, or damaged: restore a backup.
        case corrupt
        /// A newer trunkline wrote it: start that one, or restore the backup made before it.
        case schemaTooNew
        /// It is the database of another program.
        case foreign
        /// The file is there and has no bytes: it was emptied, or never became a store.
        case empty
        /// The file is missing, or may not be opened.
        case cannotOpen
        /// The file was moved, removed or replaced while it was open.
        case moved
        /// Another process holds the write lock for longer than the busy time-out.
        case busy
        /// The disk or the quota is full.
        case diskFull
        /// The file or its folder may not be written.
        case readOnly
        /// The disk failed to read or write.
        case inputOutput
        /// A row that must be unique is there already, or what a row refers to is not.
        case constraint
        /// The directory has changed since it was read.
        case conflict
        /// Anything else; a fault of this program.
        case other
    }

    package var description: String {
        let statement = sql.isEmpty ? "" : " (in: \(sql.prefix(120)))"
        return advice.isEmpty ? message + statement : "\(advice): \(message)\(statement)"
    }

    private var advice: String {
        switch kind {
        case .corrupt: "the store is damaged; restore a backup"
        case .schemaTooNew: "the store was written by a newer trunkline"
        case .foreign: "the file belongs to another program"
        case .empty: "the store is empty; restore a backup, or remove the file to begin anew"
        case .cannotOpen: "the store cannot be opened"
        case .moved: "the store was moved or removed while it was open; restart the daemon"
        case .busy: "the store is in use by another process"
        case .diskFull: "the disk of the store is full"
        case .readOnly: "the store cannot be written"
        case .inputOutput: "the disk of the store failed"
        case .constraint: "the rows of the store do not fit together"
        case .conflict: "the directory has been changed meanwhile; read it again"
        case .other: ""
        }
    }
}
