import JSONata
import Primitives

/// The run of a workflow as its record kept it: the steps alone, or the whole explanation.
struct RecordedRun {
    /// `hours:open` and so on.
    let steps: [String]
    /// Nil where the record kept no more than the steps.
    private let explanation: JSONValue?
    private let text: String

    /// `text` is what `CallRecordRow.explanation` holds.
    init(_ text: String) {
        self.text = text
        let value = try? JSONValue.parse(Array(text.utf8).span)
        if let list = value?.arrayValue {
            steps = list.compactMap(\.stringValue)
            explanation = nil
        } else {
            steps = (value?["steps"]?.arrayValue ?? JSONArray([])).map(Self.word)
            explanation = value
        }
    }

    private static func word(_ step: JSONValue) -> String {
        let id = step["id"]?.stringValue ?? ""
        if let branch = step["branch"]?.stringValue { return "\(id):\(branch)" }
        return step["error"] == nil ? id : "\(id):failed"
    }

    /// For people: the way through the workflow, then what each step saw and made.
    var lines: [String] {
        var lines = [steps.joined(separator: " → ")]
        guard let explanation else { return lines }
        for step in explanation["steps"]?.arrayValue ?? JSONArray([]) {
            let id = step["id"]?.stringValue ?? ""
            for key in ["input", "request", "result", "notes", "error"] {
                guard let value = step[key] else { continue }
                lines.append("\(id) \(key): \(value.jsonText)")
            }
        }
        for key in ["output", "error", "cut_steps"] {
            guard let value = explanation[key] else { continue }
            lines.append("\(key): \(value.jsonText)")
        }
        return lines
    }

    /// Appends `"steps":[…]`, and `"explain":{…}` where there is more.
    func append(to out: inout ByteBuffer) {
        out.appendJSONKey("steps")
        out.append(JSONValue.strings(steps).jsonText)
        guard explanation != nil else { return }
        out.appendJSONKey("explain")
        out.append(text)
    }
}
