import JSONata
import Primitives
import Routing

/// What a record keeps of a workflow's run.
extension ByteBuffer {
    /// Appends `"steps":[…]`, `"label":"…"` where the workflow gave one, `"input":{…}` where the
    /// definition looks at the call's message, and `"explain":{…}` where `records.explain` wants it.
    ///
    /// Nothing is appended for a run that nobody traced. `mask` hides a caller who asked for privacy.
    package mutating func appendRecord(
        of result: WorkflowResult,
        explain: Configuration.Records.Explain,
        hiding mask: CallerMask? = nil
    ) {
        if let path = result.path, !path.isEmpty {
            appendJSONKey("steps")
            append("[")
            path.forEach { step, label in
                appendJSONComma()
                appendInQuotes { text in
                    text.appendJSONText(step)
                    guard let label else { return }
                    text.append(ASCII.colon)
                    text.appendJSONText(label)
                }
            }
            append("]")
        }
        appendJSON("label", (result.output?.label).map { mask?.masked($0) ?? $0 })
        if let input = result.messageInput {
            appendJSONKey("input")
            append((mask?.masked(input) ?? input).jsonText)
        }
        guard explain == .always || explain == .failures && result.failure != nil,
            let explanation = result.explanation
        else { return }
        appendJSONKey("explain")
        append(explanation.recordText(hiding: mask))
    }
}

extension WorkflowExplanation {
    /// The explanation as JSON of at most `limit` octets; what is cut says so.
    ///
    /// First values become the beginning of their text (`{"cut": "…"}`), shorter with each attempt; then
    /// the steps from the end on are left out, and `cut_steps` counts them.
    package func recordText(limit: Int = 16 << 10, hiding mask: CallerMask? = nil) -> String {
        let whole = mask?.masked(value) ?? value
        var text = whole.jsonText
        guard text.utf8.count > limit else { return text }
        for length in [2_048, 512, 128, 32] {
            text = whole.cuttingTexts(to: length).jsonText
            if text.utf8.count <= limit { return text }
        }
        var cut = whole.cuttingTexts(to: 32).objectValue ?? JSONObject()
        let steps = cut["steps"]?.arrayValue ?? JSONArray([])
        for count in stride(from: steps.count, through: 0, by: -1) {
            cut["steps"] = .array(JSONArray(Array(steps.prefix(count))))
            cut["cut_steps"] = .number(Double(steps.count - count))
            text = JSONValue.object(cut).jsonText
            if text.utf8.count <= limit { return text }
        }
        return #"{"steps":[],"cut_steps":\#(steps.count)}"#
    }
}

extension JSONValue {
    /// The explanation with each step's values, and the output's, cut to the beginning of their text.
    fileprivate func cuttingTexts(to length: Int) -> JSONValue {
        guard var object = objectValue else { return self }
        let steps = object["steps"]?.arrayValue ?? JSONArray([])
        object["steps"] = .array(
            JSONArray(
                steps.map { step in
                    guard var members = step.objectValue else { return step }
                    for key in ["input", "request", "result", "notes", "error", "name"] {
                        members[key] = members[key]?.cut(to: length)
                    }
                    return .object(members)
                }
            )
        )
        for key in ["output", "error"] { object[key] = object[key]?.cut(to: length) }
        return .object(object)
    }

    private func cut(to length: Int) -> JSONValue {
        let text = jsonText
        guard text.utf8.count > length + 16 else { return self }
        return ["cut": .string(String(decoding: text.utf8.prefix(length), as: UTF8.self) + "…")]
    }
}
