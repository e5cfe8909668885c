import CSQLite

/// A prepared statement: bound, run, and ready for the next values; not while it is running.
package final class Statement {
    private let handle: OpaquePointer
    private let sql: String

    init(_ sql: SQL, in database: OpaquePointer) throws {
        self.sql = sql.text
        var handle: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = sqlite3_prepare_v3(database, sql.text, -1, flags, &handle, nil)
        guard code == SQLITE_OK, let handle else {
            throw StoreError(code: code, in: database, sql: sql.text)
        }
        self.handle = handle
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Runs a statement that yields no rows; returns how many rows it changed.
    @discardableResult
    package func run(_ values: [SQLValue] = []) throws -> Int {
        defer { sqlite3_reset(handle) }
        try bind(values)
        while try step() {}
        return Int(sqlite3_changes(sqlite3_db_handle(handle)))
    }

    /// Hands every row to `body`, which must not keep it.
    package func forEach(_ values: [SQLValue] = [], _ body: (Row) throws -> Void) throws {
        defer { sqlite3_reset(handle) }
        try bind(values)
        while try step() { try body(Row(handle)) }
    }

    /// The first row as `body` reads it, or nil when there is none.
    package func first<Result>(
        _ values: [SQLValue] = [],
        _ body: (Row) throws -> Result
    ) throws -> Result? {
        defer { sqlite3_reset(handle) }
        try bind(values)
        return try step() ? body(Row(handle)) : nil
    }

    private func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw StoreError(code: code, in: sqlite3_db_handle(handle), sql: sql)
        }
    }

    private func bind(_ values: [SQLValue]) throws {
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(truncatingIfNeeded: index + 1))
            guard code == SQLITE_OK else {
                throw StoreError(code: code, in: sqlite3_db_handle(handle), sql: sql)
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                // An empty buffer may have no address, and no address would bind NULL.
                guard let address = bytes.baseAddress else {
                    return csqlite_bind_text(handle, index, "", 0)
                }
                return address.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    csqlite_bind_text(handle, index, $0, Int32(clamping: bytes.count))
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { room in
                guard let address = room.baseAddress else {
                    return sqlite3_bind_zeroblob(handle, index, 0)
                }
                return csqlite_bind_blob(handle, index, address, Int32(clamping: room.count))
            }
        }
    }
}

/// One row of a result, columns from 0; a value of another type reads as SQLite converts it.
package struct Row {
    private let handle: OpaquePointer

    fileprivate init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    /// Text, empty for NULL; bytes that are not UTF-8 become U+FFFD.
    package func text(_ column: Int32) -> String { optionalText(column) ?? "" }

    package func optionalText(_ column: Int32) -> String? {
        // SQLite has no address for NULL, and for nothing else but want of memory.
        guard let address = sqlite3_column_text(handle, column) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: address, count: count), as: UTF8.self)
    }

    package func blob(_ column: Int32) -> [UInt8] {
        guard let address = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return Array(UnsafeRawBufferPointer(start: address, count: count))
    }
}
