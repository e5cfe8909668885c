import Primitives

extension WorkflowDefinition {
    /// The workflow as a Mermaid flowchart (`flowchart TD`), for documents and reviews.
    package var drawing: String {
        var lines = ["flowchart TD"]
        for (index, step) in steps.enumerated() {
            let name = Self.escaped(step.name.isEmpty ? step.id : step.name)
            let label = "\"\(name)<br/><i>\(step.type.rawValue)</i>\""
            lines.append("    s\(index)\(Self.shape(step.type, label))")
        }
        for (index, step) in steps.enumerated() {
            for exit in step.exits {
                let label =
                    exit.path.hasPrefix("branches.") ? exit.path.dropFirst(9) : exit.path[...]
                let arrow =
                    exit.path == "next"
                    ? "-->"
                    : exit.path == "on_error"
                        ? "-. on_error .->"
                        : "-- \"\(Self.escaped(String(label)))\" -->"
                lines.append("    s\(index) \(arrow) s\(exit.step)")
            }
        }
        lines.append("    style s\(initialStep) stroke-width:3px")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func shape(_ type: WorkflowStepType, _ label: String) -> String {
        switch type {
        case .trigger: "([\(label)])"
        case .condition, .schedule, .split, .limit: "{\(label)}"
        case .http, .lookup, .sticky: "[/\(label)/]"
        case .output: "[[\(label)]]"
        case .set, .note: "[\(label)]"
        }
    }

    /// Text inside quotes: Mermaid reads `#code;` as a character and `<` as markup.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "#", "<", ">", "&", "`": result += "#\(scalar.value);"
            case "\u{0}"..<" ": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
