/// What an evaluation leaves behind in its values, and nobody outside shall see.
extension JSONValue {
    /// An array is only an array, wherever it comes from.
    var withoutMarks: JSONValue {
        guard case .array(var array) = self, !array.marks.isEmpty else { return self }
        array.marks = []
        return .array(array)
    }

    /// Functions mean nothing outside: they vanish from objects, and are null in arrays.
    var withoutFunctions: JSONValue? {
        switch self {
        case .function: return nil
        case .array(let array):
            guard array.elements.contains(where: \.mayHoldFunction) else { return withoutMarks }
            return .array(JSONArray(array.elements.map { $0.withoutFunctions ?? .null }))
        case .object(let object):
            guard object.entries.contains(where: { $0.value.mayHoldFunction }) else { return self }
            var result = JSONObject()
            for entry in object.entries { result[entry.key] = entry.value.withoutFunctions }
            return .object(result)
        default: return self
        }
    }

    private var mayHoldFunction: Bool {
        switch self {
        case .function, .array, .object: true
        default: false
        }
    }
}
