extension Migration {
    /// Keys belong to an organization or to the operators, and are good from everywhere.
    ///
    /// A key that was meant for less goes with the columns that say so.
    static let keyColumns = Migration(
        name: "key columns",
        statements: [
            "DELETE FROM api_keys WHERE user_id IS NOT NULL OR allowed_addresses <> ''",
            "ALTER TABLE api_keys DROP COLUMN user_id",
            "ALTER TABLE api_keys DROP COLUMN allowed_addresses",
        ]
    )
}
