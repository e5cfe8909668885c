import Primitives
import Routing

extension DirectoryPlan.Entry {
    /// `~ number +14155550100 of acme: label "Desk" → "Front desk"`.
    package var line: String {
        let head = "\(action.sign) \(row.text)"
        guard !fields.isEmpty else { return head }
        let details = fields.map { field in
            guard field.isShown else { return "\(field.name) changed" }
            return "\(field.name) \(field.before ?? "none") → \(field.after ?? "none")"
        }
        return head + ": " + details.joined(separator: ", ")
    }

    /// The row that a change is about.
    struct Row {
        var kind: String
        var id: String?
        var organization: String?

        /// `number +14155550100 of acme`.
        var text: String {
            kind + (id.map { " \($0)" } ?? "") + (organization.map { " of \($0)" } ?? "")
        }
    }

    var row: Row {
        switch change {
        case .putOrganization(let row): Row(kind: "organization", id: row.id)
        case .putAgent(let row): Row(kind: "agent", id: row.id, organization: row.organizationID)
        case .putTrunk(let row): Row(kind: "trunk", id: row.id, organization: row.organizationID)
        case .putCredential(let row):
            Row(kind: "credential", id: row.id, organization: row.organizationID)
        case .putRouting(let row):
            Row(kind: "inbound routing", organization: row.organizationID)
        case .putNumber(let row):
            Row(kind: "number", id: row.number.e164, organization: row.organizationID)
        case .deleteNumber(let number): Row(kind: "number", id: number.e164)
        case .deleteRouting(let owner): Row(kind: "inbound routing", organization: owner)
        case .deleteCredential(let owner, let id):
            Row(kind: "credential", id: id, organization: owner)
        case .deleteTrunk(let owner, let id): Row(kind: "trunk", id: id, organization: owner)
        case .deleteAgent(let owner, let id): Row(kind: "agent", id: id, organization: owner)
        case .deleteOrganization(let id): Row(kind: "organization", id: id)
        }
    }
}

/// A named part of a row as a plan prints it.
struct Field {
    let name: String
    let value: String?
    var isShown = true

    init(_ name: String, _ value: String?, isShown: Bool = true) {
        self.name = name
        self.value = value
        self.isShown = isShown
    }

    static func changes(from old: [Field], to new: [Field]) -> [DirectoryPlan.FieldChange] {
        var before: [String: Field] = [:]
        for field in old { before[field.name] = field }
        var changes: [DirectoryPlan.FieldChange] = []
        for field in new {
            let was = before.removeValue(forKey: field.name)?.value
            guard was != field.value else { continue }
            changes.append(
                DirectoryPlan.FieldChange(
                    name: field.name,
                    before: field.isShown ? was : nil,
                    after: field.isShown ? field.value : nil,
                    isShown: field.isShown
                )
            )
        }
        for field in old where before[field.name] != nil && field.value != nil {
            changes.append(
                DirectoryPlan.FieldChange(
                    name: field.name,
                    before: field.isShown ? field.value : nil,
                    after: nil,
                    isShown: field.isShown
                )
            )
        }
        return changes
    }

    /// The beginning of a text, in quotes, that cannot steer a terminal.
    static func quoted(_ text: String) -> String { String(text.prefix(120)).quoted }
}
