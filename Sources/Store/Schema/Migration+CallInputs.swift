extension Migration {
    /// What a call's workflow looked at, so that another one can be tried on the same call.
    static let callInputs = Migration(
        name: "call_inputs",
        statements: [
            "ALTER TABLE call_records ADD COLUMN attestation TEXT",
            "ALTER TABLE call_records ADD COLUMN input TEXT",
        ]
    )
}
