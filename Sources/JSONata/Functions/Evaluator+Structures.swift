/// Functions on objects, and on values as such.
extension Evaluator {
    func structure(
        _ builtin: Builtin,
        _ arguments: Arguments
    ) throws(JSONataError)
        -> JSONValue?
    {
        switch builtin {
        case .keys: return try keys(of: arguments[0])
        case .lookup:
            guard let key = arguments.string(1) else { return nil }
            return try member(key, of: arguments[0])
        case .spread: return try spread(arguments[0])
        case .merge: return try merged(arguments.array(0))
        case .each: return try each(arguments)
        case .sift: return try sifted(arguments)
        case .error:
            let text = arguments.string(0) ?? "$error() was called"
            throw JSONataError(.D3137, value: .string(text))
        case .assert:
            guard arguments.bool(0) != true else { return nil }
            let text = arguments.string(1) ?? "$assert() does not hold"
            throw JSONataError(.D3141, value: .string(text))
        case .type: return arguments[0].map { .string($0.typeName) }
        default:
            guard let value = arguments[0] else { return nil }
            return try cloned(value)
        }
    }

    private func keys(of value: JSONValue?) throws(JSONataError) -> JSONValue? {
        var seen = JSONObject()
        try collectKeys(of: value, into: &seen)
        return .array(JSONArray(scalars: seen.keys.map { .string($0) }, marks: .sequence))
    }

    private func collectKeys(
        of value: JSONValue?,
        into seen: inout JSONObject
    )
        throws(JSONataError)
    {
        try charge(1)
        switch value {
        case .object(let object):
            for entry in object.entries { seen.set(.null, forKey: entry.key) }
            try charge(object.count)
        case .array(let array):
            for element in array.elements { try collectKeys(of: element, into: &seen) }
        default: break
        }
    }

    private func spread(_ value: JSONValue?) throws(JSONataError) -> JSONValue? {
        switch value {
        case .object(let object):
            var results = JSONArray([], marks: .sequence)
            for entry in object.entries {
                var single = JSONObject()
                single.set(entry.value, forKey: entry.key)
                results.append(.object(single))
            }
            try charge(object.count)
            return .array(results)
        case .array(let array):
            // What several elements yield is joined in a plain array, even if it is a single value.
            var results = JSONArray([], marks: array.isEmpty ? .sequence : [])
            for element in array.elements {
                try charge(1)
                guard let part = try spread(element) else { continue }
                if case .array(let inner) = part {
                    results.append(contentsOf: inner)
                } else {
                    results.append(part)
                }
            }
            return .array(results)
        default: return value
        }
    }

    private func merged(_ array: JSONArray?) throws(JSONataError) -> JSONValue? {
        guard let array else { return nil }
        var result = JSONObject()
        for case .object(let object) in array.elements {
            try charge(object.count)
            for entry in object.entries { result.set(entry.value, forKey: entry.key) }
        }
        return .object(result)
    }

    private func each(_ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        guard let object = arguments.object(0), let function = arguments.function(1) else {
            return nil
        }
        var results = JSONArray([], marks: .sequence)
        for entry in object.entries {
            let value = try apply(function, entry.value, .string(entry.key), .object(object))
            if let value { results.append(value) }
        }
        return .array(results)
    }

    private func sifted(_ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        guard let object = arguments.object(0), let function = arguments.function(1) else {
            return nil
        }
        var result = JSONObject()
        for entry in object.entries {
            let value = try apply(function, entry.value, .string(entry.key), .object(object))
            if truth(value) { result.set(entry.value, forKey: entry.key) }
        }
        return result.isEmpty ? nil : .object(result)
    }

    /// A copy as if through `$string` and back: numbers keep 15 digits, functions become "".
    private func cloned(_ value: JSONValue) throws(JSONataError) -> JSONValue {
        try charge(1)
        switch value {
        case .number(let number):
            guard number.isFinite else { throw JSONataError(.D1001, value: value) }
            return .number(NumberText.roundedTo15Digits(number))
        case .function: return .string("")
        case .array(let array):
            var copy = JSONArray()
            for element in array.elements { copy.append(try cloned(element)) }
            return .array(copy)
        case .object(let object):
            var copy = JSONObject()
            for entry in object.entries {
                copy.set(try cloned(entry.value), forKey: entry.key)
            }
            return .object(copy)
        default: return value
        }
    }
}

extension JSONValue {
    /// What `$type` says.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        case .function: "function"
        }
    }
}
