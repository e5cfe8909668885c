extension Migration {
    /// When each API key was last used, so that those that nobody uses can be revoked.
    static let keyUses = Migration(
        name: "key uses",
        statements: ["ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER"]
    )
}
