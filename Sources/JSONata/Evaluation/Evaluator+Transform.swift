/// `|pattern|update, deletions|`: a copy of a value in which the objects that the pattern finds are
/// changed. The objects of the copy are tagged, so that those found can be told from equal ones.
extension Evaluator {
    func transform(
        _ value: JSONValue?,
        _ parts: TransformParts,
        _ frame: Frame
    )
        throws(JSONataError) -> JSONValue?
    {
        guard let value else { return nil }
        if let index = tree.names.firstIndex(of: "clone"),
            let clone = frame.lookup(Int32(index))
        {
            guard case .function? = clone else {
                throw JSONataError(.T2013, position: parts.position)
            }
        }
        switch value {
        case .object, .array: break
        default: throw JSONataError(.T0410, position: parts.position, value: value, argument: 1)
        }
        var changes = Changes()
        let copy = try tagged(value)
        guard let found = try evaluate(parts.pattern, copy, frame) else { return value }
        let matches = if case .array(let array) = found { array.elements } else { [found] }
        for match in matches {
            guard case .object(let object) = match else { continue }
            try change(object, parts, &changes, frame)
        }
        return try made(try resolved(copy, changes, keepsTags: false))
    }

    /// The objects that were changed so far, by their tags.
    private struct Changes {
        var objects: [UInt32: JSONObject] = [:]
    }

    private func tagged(_ value: JSONValue) throws(JSONataError) -> JSONValue {
        try charge(1)
        switch value {
        case .number(let number): return .number(NumberText.roundedTo15Digits(number))
        case .array(let array):
            var copy = JSONArray()
            copy.reserveCapacity(array.count)
            for element in array.elements { copy.append(try tagged(element)) }
            return .array(copy)
        case .object(let object):
            var copy = JSONObject()
            for entry in object.entries {
                copy.set(try tagged(entry.value), forKey: entry.key)
            }
            tagCount &+= 1
            copy.tag = tagCount
            return .object(copy)
        default: return value
        }
    }

    private func change(
        _ match: JSONObject,
        _ parts: TransformParts,
        _ changes: inout Changes,
        _ frame: Frame
    ) throws(JSONataError) {
        var object = changes.objects[match.tag] ?? match
        let context = try resolved(.object(object), changes, keepsTags: true)
        if let update = try evaluate(parts.update, context, frame) {
            guard case .object(let members) = update else {
                throw JSONataError(
                    .T2011,
                    position: Int(tree[parts.update].position),
                    value: update
                )
            }
            for entry in members.entries { object.set(entry.value, forKey: entry.key) }
        }
        if let deletion = parts.deletion,
            let names = try evaluate(
                deletion,
                try resolved(.object(object), changes, keepsTags: true),
                frame
            )
        {
            let list = if case .array(let array) = names { array.elements } else { [names] }
            for name in list {
                guard case .string(let name) = name else {
                    throw JSONataError(
                        .T2012,
                        position: Int(tree[deletion].position),
                        value: names
                    )
                }
                object.removeValue(forKey: name)
            }
        }
        guard object.tag != 0 else { return }
        changes.objects[object.tag] = object
    }

    /// The value with all changes in it.
    ///
    /// An update may put an object into itself, as in
    /// `{"self": $}`; the copy inside is then the object as it was.
    private func resolved(
        _ value: JSONValue,
        _ changes: Changes,
        keepsTags: Bool,
        within: [UInt32] = []
    ) throws(JSONataError) -> JSONValue {
        try charge(1)
        switch value {
        case .array(let array):
            var copy = JSONArray()
            copy.reserveCapacity(array.count)
            for element in array.elements {
                copy.append(
                    try resolved(element, changes, keepsTags: keepsTags, within: within)
                )
            }
            return .array(copy)
        case .object(let object):
            let isInside = within.contains(object.tag)
            let source = isInside ? object : changes.objects[object.tag] ?? object
            let path = object.tag == 0 ? within : within + [object.tag]
            guard path.count <= Self.objectDepthMax else { throw JSONataError(.U1003) }
            var copy = JSONObject()
            for entry in source.entries {
                copy.set(
                    try resolved(entry.value, changes, keepsTags: keepsTags, within: path),
                    forKey: entry.key
                )
            }
            if keepsTags { copy.tag = object.tag }
            return .object(copy)
        default: return value
        }
    }

    private static let objectDepthMax = 256
}
