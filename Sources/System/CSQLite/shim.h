#ifndef TRUNKLINE_CSQLITE_SHIM_H
#define TRUNKLINE_CSQLITE_SHIM_H

#include <sqlite3.h>

// Swift imports neither casts of integers to function pointers nor variadic functions.

/// Binds text that SQLite copies before it returns.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

/// Binds bytes that SQLite copies before it returns.
static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/// Forbids SQL that could write into the schema or the shadow tables of the file.
static inline int csqlite_make_defensive(sqlite3 *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}

#endif
