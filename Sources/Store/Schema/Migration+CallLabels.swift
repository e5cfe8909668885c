extension Migration {
    /// What a call's workflow called it.
    static let callLabels = Migration(
        name: "call_labels",
        statements: ["ALTER TABLE call_records ADD COLUMN label TEXT"]
    )
}
