import Primitives

extension DirectoryPlan {
    /// The plan for programs, on one line; never a secret.
    ///
    /// `{"applied", "create", "update", "delete", "changes": […], "warnings": […]}`, and each change
    /// `{"action", "kind", "id", "organization", "fields": [{"name", "before", "after"}, …]}`.
    package func json(isApplied: Bool, warnings: [String]) -> String {
        var out = ByteBuffer()
        out.append("{")
        out.appendJSON("applied", isApplied)
        out.appendJSON("create", count(of: .create))
        out.appendJSON("update", count(of: .update))
        out.appendJSON("delete", count(of: .delete) + lostKeys.count)
        out.appendJSONKey("changes")
        out.append("[")
        for entry in entries { entry.appendJSON(to: &out) }
        for key in lostKeys {
            let row = Entry.Row(kind: "API key", id: key.id, organization: key.organizationID)
            row.appendJSON(.delete, [], to: &out)
        }
        out.append("]")
        out.appendJSON("warnings", warnings)
        out.append("}")
        return out.text
    }
}

extension DirectoryPlan.Entry {
    fileprivate func appendJSON(to out: inout ByteBuffer) {
        row.appendJSON(action, fields, to: &out)
    }
}

extension DirectoryPlan.Entry.Row {
    fileprivate func appendJSON(
        _ action: DirectoryPlan.Action,
        _ fields: [DirectoryPlan.FieldChange],
        to out: inout ByteBuffer
    ) {
        out.appendJSONComma()
        out.append("{")
        out.appendJSON("action", action.rawValue)
        out.appendJSON("kind", kind)
        out.appendJSON("id", id)
        out.appendJSON("organization", organization)
        out.appendJSONKey("fields")
        out.append("[")
        for field in fields {
            out.appendJSONComma()
            out.append("{")
            out.appendJSON("name", field.name)
            out.appendJSON("before", field.before)
            out.appendJSON("after", field.after)
            out.append("}")
        }
        out.append("]}")
    }
}
