import JSONata
import Primitives

/// What a definition looks at of a call's message beyond what every record says of the call.
///
/// A record keeps just that, so that the same definition can decide the same call again.
package struct MessageInput: Sendable {
    private let seesCallerName: Bool
    private let seesDiversion: Bool
    private let headers: Headers

    private enum Headers: Sendable {
        case some([String])
        case all
    }

    init(_ visible: VisibleMembers) {
        seesCallerName = !visible["caller_name"].isNothing
        seesDiversion = !visible["diversion"].isNothing
        let headers = visible["headers"]
        self.headers = headers.isEverything ? .all : .some(headers.names)
    }

    /// For the record: `caller_name`, `diversion` and `headers`, each only if it can be seen.
    ///
    /// A header that can be seen and was not there is null; `all_headers` says that nothing was left
    /// out. Nil where nothing can be seen; headers beyond about 2 KiB are left out.
    package func value(of input: WorkflowInput) -> JSONValue? {
        var object = JSONObject()
        if seesCallerName { object["caller_name"] = .string(input.callerName) }
        if seesDiversion {
            object["diversion"] = .array(JSONArray(input.diversion.map { .string($0) }))
        }
        let rest = object
        switch headers {
        case .some(let names):
            guard !names.isEmpty else { break }
            object["headers"] = .object(values(of: names, input))
        case .all:
            var fields = JSONObject()
            for header in input.headers { fields[header.name] = .string(header.value) }
            object["headers"] = .object(fields)
            object["all_headers"] = true
        }
        for candidate in [object, rest] where !candidate.isEmpty {
            let value = JSONValue.object(candidate)
            let limit = Self.byteCountMax
            if value.byteCountEstimate(limit: limit) <= limit { return value }
        }
        return nil
    }

    private func values(of names: [String], _ input: WorkflowInput) -> JSONObject {
        var fields = JSONObject()
        for name in names {
            let value = input.headers.last { $0.name == name }?.value
            fields[name] = value.map { .string($0) } ?? .null
        }
        return fields
    }

    /// Whether what a record kept is all that can be seen.
    package func isCovered(by recorded: JSONValue?) -> Bool {
        if seesCallerName, recorded?["caller_name"] == nil { return false }
        if seesDiversion, recorded?["diversion"] == nil { return false }
        if recorded?["all_headers"]?.boolValue == true { return true }
        switch headers {
        case .all: return false
        case .some(let names):
            let known = recorded?["headers"]?.objectValue ?? JSONObject()
            return names.allSatisfy { known[$0] != nil }
        }
    }

    private static let byteCountMax = 2 << 10
}
